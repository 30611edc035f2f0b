package io.dragon.worker.device.health;

import org.agrona.concurrent.NanoClock;

/**
 * Time in which this process ran, as far as it can be told by those who ask: between two questions passes no more than {@link #MOST_NS}. A process that is
 * stopped (by a signal, by its virtual machine) asks nothing meanwhile, and what others did in that time is no measure of them. For that it has
 * to be asked more often than that. Any thread.
 */
public final class AwakeClock implements NanoClock {
    /** The most that passes between two questions. */
    public static final long MOST_NS = 250_000_000L;

    private final NanoClock clock;
    private long askedNs;
    private long ranNs;

    /**
     * A clock that stands at 0.
     *
     * @param clock that goes on while this process is stopped.
     */
    public AwakeClock(final NanoClock clock) {
        this.clock = clock;
        this.askedNs = clock.nanoTime();
    }

    @Override
    public synchronized long nanoTime() {
        final long nowNs = clock.nanoTime();
        ranNs += Math.min(MOST_NS, nowNs - askedNs);
        askedNs = nowNs;
        return ranNs;
    }
}
