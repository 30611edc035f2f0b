package io.dragon.benchmarks.harness;

/**
 * When each message of an open-loop load is meant to be sent. Times are counted from the intended moment, so that a stall is charged
 * to all messages that it delays and not only to the one that met it.
 */
public final class Schedule {
    private static final double NS_A_SECOND = 1e9;

    private final long startNs;
    private final double rate;

    /**
     * A schedule.
     *
     * @param startNs when the first message is meant to be sent, {@link System#nanoTime}
     * @param rate    messages a second
     */
    public Schedule(final long startNs, final double rate) {
        if (!(rate > 0)) {
            throw new IllegalArgumentException("a schedule of " + rate + " messages a second");
        }
        this.startNs = startNs;
        this.rate = rate;
    }

    /**
     * The intended moment of a message; computed from the beginning each time, so that no error adds up.
     *
     * @param number of the message, from 0
     * @return {@link System#nanoTime}
     */
    public long intendedNs(final long number) {
        return startNs + Math.round(number * (NS_A_SECOND / rate));
    }

    /**
     * Messages that should have been sent by now.
     *
     * @param nowNs {@link System#nanoTime}
     * @return how many, from the beginning
     */
    public long dueBy(final long nowNs) {
        if (nowNs - startNs < 0) {
            return 0;
        }
        long due = (long) ((nowNs - startNs) * (rate / NS_A_SECOND)) + 1;
        while (due > 0 && intendedNs(due - 1) - nowNs > 0) {
            due--;
        }
        while (intendedNs(due) - nowNs <= 0) {
            due++;
        }
        return due;
    }

    /**
     * Messages of some time.
     *
     * @param seconds how long
     * @return at least one
     */
    public long countIn(final double seconds) {
        return Math.max(1, Math.round(seconds * rate));
    }
}
