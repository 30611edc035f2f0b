package io.dragon.engine.sequencer;

/**
 * How many tasks completed, and how many failed or expired, within the last minutes of the cluster's time: what went wrong yesterday says
 * nothing of today. A place a minute, used again when its minute is past; all of it among the {@link Counters}.
 */
final class RecentEnds {
    /** The window: this minute and those before it. */
    static final int MINUTES = 10;

    static final int FIELDS = 3;

    private static final int COMPLETED = 1;
    private static final int FAILED = 2;
    private static final long MINUTE_MS = 60_000;

    private final Core core;

    RecentEnds(final Core core) {
        this.core = core;
    }

    void count(final boolean isCompleted) {
        final long minute = minute();
        final int at = Counters.RECENT + (int) (minute % MINUTES) * FIELDS;
        if (core.counters[at] != minute) {
            core.counters[at] = minute;
            core.counters[at + COMPLETED] = 0;
            core.counters[at + FAILED] = 0;
        }
        core.counters[at + (isCompleted ? COMPLETED : FAILED)]++;
    }

    long completed() {
        return sum(COMPLETED);
    }

    long failed() {
        return sum(FAILED);
    }

    private long sum(final int field) {
        final long minute = minute();
        long sum = 0;
        for (int i = 0; i < MINUTES; i++) {
            final int at = Counters.RECENT + i * FIELDS;
            sum += minute - core.counters[at] < MINUTES ? core.counters[at + field] : 0;
        }
        return sum;
    }

    private long minute() {
        return Math.max(0, core.nowMs()) / MINUTE_MS;
    }
}
