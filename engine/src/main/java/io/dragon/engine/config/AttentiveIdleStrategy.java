package io.dragon.engine.config;

import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.IdleStrategy;

/**
 * Backs off to a sleep, and sleeps lightly for a while after work: what comes next usually comes soon. A message that passes through six threads
 * in a row would otherwise wait for six deep sleeps to end.
 *
 * <pre>
 *   work -&gt; spins -&gt; naps of 50 us, as many as the work has earned -&gt; sleeps of up to 1 ms
 * </pre>
 *
 * <p>What it earns is counted in duty cycles with work, so that a heartbeat now and then earns next to nothing where that is wanted. A nap takes
 * about twice its time where the kernel's timers have their usual slack of 50 us. A thread that does not want to wait for its end is woken by
 * {@link LockSupport#unpark}. One thread.
 *
 * <p>It never yields: whoever yields goes to the end of the queue of Linux's scheduler with its claim to time reduced, and where cores are few it then waits for
 * milliseconds though its next message is there. A nap gives the core away, too, and keeps the claim (measured on two cores: half as many
 * forced switches, and waits of 1.5 to 3 ms at p99 between two threads in a row became 0.3 to 0.7 ms).
 */
final class AttentiveIdleStrategy implements IdleStrategy {
    static final int SPINS = 10;
    static final long SHORTEST_PARK_NS = 1_000;
    static final long NAP_NS = 50_000;
    static final long LONGEST_PARK_NS = 1_000_000;

    private static final String ALIAS = "attentive";

    private final int napsForWork;
    private final int mostNaps;
    private int turns;
    private int naps;
    private long parkNs = SHORTEST_PARK_NS;

    /**
     * A strategy that has seen no work yet.
     *
     * @param napsForWork naps that a duty cycle with work earns.
     * @param mostNaps    naps that it saves up, at most.
     */
    AttentiveIdleStrategy(final int napsForWork, final int mostNaps) {
        this.napsForWork = napsForWork;
        this.mostNaps = mostNaps;
    }

    @Override
    public void idle(final int workCount) {
        if (workCount > 0) {
            reset();
        } else {
            idle();
        }
    }

    @Override
    public void idle() {
        if (turns < SPINS) {
            turns++;
            Thread.onSpinWait();
        } else {
            LockSupport.parkNanos(nextParkNs());
        }
    }

    /** How long the next sleep is. */
    long nextParkNs() {
        final long present = parkNs;
        if (present < NAP_NS) {
            parkNs = Math.min(2 * present, NAP_NS);
        } else if (naps > 0) {
            naps--;
        } else {
            parkNs = Math.min(2 * present, LONGEST_PARK_NS);
        }
        return present;
    }

    @Override
    public void reset() {
        turns = 0;
        parkNs = SHORTEST_PARK_NS;
        naps = Math.min(naps + napsForWork, mostNaps);
    }

    @Override
    public String alias() {
        return ALIAS;
    }
}
