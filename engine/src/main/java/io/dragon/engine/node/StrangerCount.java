package io.dragon.engine.node;

/**
 * When to tell of what strangers do: at once, and then how often it was, once a minute at most. Else whoever can send packets could fill
 * the log. One thread.
 */
public final class StrangerCount {
    /** Between two lines, nanoseconds. */
    public static final long INTERVAL_NS = 60_000_000_000L;

    private long untold;
    private long toldNs;
    private boolean wasTold;

    /** Nothing happened. */
    public StrangerCount() {}

    /**
     * It happened once more.
     *
     * @param nowNs of a clock that only grows, nanoseconds.
     * @return how often since it was told last, when it is time to tell; 0 while it is not.
     */
    public long add(final long nowNs) {
        untold++;
        if (wasTold && nowNs - toldNs < INTERVAL_NS) {
            return 0;
        }
        final long count = untold;
        untold = 0;
        toldNs = nowNs;
        wasTold = true;
        return count;
    }
}
