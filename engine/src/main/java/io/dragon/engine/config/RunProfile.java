package io.dragon.engine.config;

import io.aeron.driver.ThreadingMode;
import java.util.List;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.YieldingIdleStrategy;

/**
 * How threads wait when they have nothing to do, and how many of them the media driver gets. A driver whose threads sleep has one each for sending,
 * receiving and the rest: packets then neither wait for each other nor for a log buffer that is being filled with zeros.
 */
public enum RunProfile {
    /** Every thread backs off to a sleep, a light one while there is work: for machines with few cores, which is most of them. */
    DEV("dev", ThreadingMode.DEDICATED),
    /**
     * Every thread backs off to a sleep at once: for tasks of milliseconds on cores that all compute. Light sleeps would then take from those who compute
     * what they save those who wait. Embedded systems that only compute have it; no configuration names it.
     */
    BULK("bulk", ThreadingMode.DEDICATED),
    /** Every thread yields: a core for each is best, and sharing works. */
    THROUGHPUT("throughput", ThreadingMode.SHARED_NETWORK),
    /** Every thread spins: needs a core of its own for each. */
    LOW_LATENCY("low-latency", ThreadingMode.DEDICATED);

    /** Naps after work, about 50 ms: longer than it takes until the next frame of a camera. */
    private static final int MOST_NAPS = 500;

    /** Media drivers and masters exchange heartbeats all the time: a few of these do not keep them awake, a frame does. */
    private static final int NAPS_OF_A_SERVER = 8;

    private final String label;
    private final ThreadingMode threadingMode;

    RunProfile(final String label, final ThreadingMode threadingMode) {
        this.label = label;
        this.threadingMode = threadingMode;
    }

    /**
     * A profile by the name that the command line and configuration files use.
     *
     * @param name {@code dev}, {@code throughput} or {@code low-latency}.
     * @return the profile.
     */
    public static RunProfile of(final String name) {
        for (final RunProfile profile : values()) {
            if (profile != BULK && profile.label.equals(name)) {
                return profile;
            }
        }
        throw new DragonException(
                DragonException.WRONG_USAGE,
                "there is no run profile '" + name + "': expected one of "
                        + List.of(DEV.label, THROUGHPUT.label, LOW_LATENCY.label));
    }

    /**
     * The name that the command line and configuration files use.
     *
     * @return the name.
     */
    public String label() {
        return label;
    }

    /**
     * A new idle strategy for a thread whose work is tasks and frames. Strategies hold state: every thread needs its own.
     *
     * @return the strategy.
     */
    public IdleStrategy idleStrategy() {
        return strategy(MOST_NAPS);
    }

    /**
     * A new idle strategy for a thread of a media driver or a master, which has heartbeats to deal with when there is nothing to do.
     *
     * @return the strategy.
     */
    public IdleStrategy serverIdleStrategy() {
        return strategy(NAPS_OF_A_SERVER);
    }

    private IdleStrategy strategy(final int napsForWork) {
        return switch (this) {
            case DEV -> new AttentiveIdleStrategy(napsForWork, MOST_NAPS);
            case BULK -> new AttentiveIdleStrategy(0, 0);
            case THROUGHPUT -> new YieldingIdleStrategy();
            case LOW_LATENCY -> new BusySpinIdleStrategy();
        };
    }

    /**
     * How many threads the media driver runs.
     *
     * @return Aeron's threading mode.
     */
    public ThreadingMode threadingMode() {
        return threadingMode;
    }
}
