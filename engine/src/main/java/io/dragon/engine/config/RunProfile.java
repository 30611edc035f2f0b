package io.dragon.engine.config;

import io.aeron.driver.ThreadingMode;
import java.util.List;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.YieldingIdleStrategy;

/** How threads wait when they have nothing to do, and how many of them the media driver gets. */
public enum RunProfile {
    /** Every thread backs off to a sleep: for machines with few cores, which is most of them. */
    DEV("dev", ThreadingMode.SHARED),
    /** Every thread yields: a core for each is best, and sharing works. */
    THROUGHPUT("throughput", ThreadingMode.SHARED_NETWORK),
    /** Every thread spins: needs a core of its own for each. */
    LOW_LATENCY("low-latency", ThreadingMode.DEDICATED);

    /** Backing off: spins, yields, then parks from 1 us up to 1 ms. The park's limit is what an idle thread costs. */
    private static final long BACKOFF_MIN_PARK_NS = 1_000;

    private static final long BACKOFF_MAX_PARK_NS = 1_000_000;

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
            if (profile.label.equals(name)) {
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
     * A new idle strategy. Strategies hold state: every thread needs its own.
     *
     * @return the strategy.
     */
    public IdleStrategy idleStrategy() {
        return switch (this) {
            case DEV -> new BackoffIdleStrategy(10, 10, BACKOFF_MIN_PARK_NS, BACKOFF_MAX_PARK_NS);
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
