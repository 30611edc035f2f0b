package io.dragon.engine.transfer;

/**
 * How fast payload comes from a node, while it comes: pauses are left out. Written by the agent's thread, read by any.
 */
final class LinkRate {
    private static final long LONGEST_GAP_NS = 5_000_000;

    /** Within a frame no pause is made: a slow link takes so long for a piece. */
    private static final long LONGEST_GAP_WITHIN_NS = 250_000_000;

    private static final long ENOUGH_NS = 20_000_000;
    private static final long ENOUGH_BYTES = 512 * 1024;
    private static final int WEIGHT = 4;

    private long lastNs;
    private long busyNs;
    private long bytes;
    private boolean isBegun;
    private boolean isWithin;
    private volatile long bytesPerSecond;

    /** {@code isWithin} when more of the same frame is on its way. */
    void add(final int length, final boolean isWithin, final long nowNs) {
        final long gapNs = nowNs - lastNs;
        final long longestNs = this.isWithin ? LONGEST_GAP_WITHIN_NS : LONGEST_GAP_NS;
        lastNs = nowNs;
        this.isWithin = isWithin;
        if (!isBegun || gapNs > longestNs) {
            isBegun = true;
            // The first bytes after a pause say nothing: since when they were on their way is not known.
            return;
        }
        busyNs += gapNs;
        bytes += length;
        if (busyNs >= ENOUGH_NS && bytes >= ENOUGH_BYTES) {
            final long rate = (long) (bytes * 1e9 / busyNs);
            final long before = bytesPerSecond;
            bytesPerSecond = before == 0 ? rate : before + (rate - before) / WEIGHT;
            busyNs = 0;
            bytes = 0;
        }
    }

    long bytesPerSecond() {
        return bytesPerSecond;
    }
}
