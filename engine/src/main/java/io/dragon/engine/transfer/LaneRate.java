package io.dragon.engine.transfer;

/** What a lane carries while it is full: only then its rate is that of the link. One thread. */
final class LaneRate {
    private static final long WINDOW_NS = 50_000_000;
    private static final int WEIGHT = 4;

    private long beganNs;
    private long bytes;
    private int cycles;
    private int full;
    private long bytesPerSecond;

    void add(final int length, final boolean isFull, final long nowNs) {
        if (length == 0 && !isFull) {
            return;
        }
        bytes += length;
        cycles++;
        full += isFull ? 1 : 0;
        final long elapsedNs = nowNs - beganNs;
        if (elapsedNs >= WINDOW_NS) {
            if (elapsedNs < 4 * WINDOW_NS) {
                final long rate = 2 * full >= cycles ? (long) (bytes * 1e9 / elapsedNs) : 0;
                bytesPerSecond =
                        bytesPerSecond == 0 || rate == 0 ? rate : bytesPerSecond + (rate - bytesPerSecond) / WEIGHT;
            }
            beganNs = nowNs;
            bytes = 0;
            cycles = 0;
            full = 0;
        }
    }

    /** Bytes per second; 0 when the lane took everything at once. */
    long bytesPerSecond() {
        return bytesPerSecond;
    }
}
