package io.dragon.engine.transfer;

/**
 * Decides for the frames of one pool on one lane, chunk by chunk, whether compressing makes it faster. All of it is measured; nothing is
 * configured.
 *
 * <p>What is known, in nanoseconds a byte: <i>s</i>, what the link takes for a byte, measured by {@link LaneRate} while the lane is full;
 * <i>c</i>, what compressing takes for a plain byte; and <i>r</i>, what is left of a plain byte. The last two are moving averages
 * over the chunks compressed (an eighth of each new value, a half of a shorter time: only interruptions make it longer). While chunks travel plain, one is
 * compressed on trial now and then: one in 64, half as often after each that would not have paid down to one in 1,024, at once again after one
 * that would, and never more than one percent of the link's time.
 *
 * <p>The link sends one chunk while the next is compressed, so a plain byte takes the longer of <i>c</i> and <i>s r</i> when
 * compressed, and <i>s</i> when not. Chunks are compressed from when
 *
 * <pre>    max(c, s r) &lt; 0.90 s</pre>
 *
 * until {@code max(c, s r) > 0.97 s}. Nothing is compressed while the lane is not full: then the link takes more than it is given. When it is
 * compressing that has kept the lane from being full, <i>s</i> is believed for 2 s; then chunks travel plain until it has been measured
 * anew, for a few percent of the time. Thus it is noticed when a link has become faster. One thread; allocates nothing.
 */
final class CompressionRule {
    private static final double TRIAL_PART = 0.01;
    private static final double BEGIN_BELOW = 0.90;
    private static final double END_ABOVE = 0.97;
    private static final long TRUST_NS = 2_000_000_000L;
    private static final double WEIGHT = 1.0 / 8;
    private static final double WEIGHT_OF_A_SHORTER_TIME = 1.0 / 2;
    private static final int SHORTEST_INTERVAL = 64;
    private static final int LONGEST_INTERVAL = 1_024;

    /** A chunk during which the thread was interrupted says nothing about compressing. */
    private static final double OUTLIER = 4;

    private final Compression compression;
    private boolean compressing;
    private double linkNsPerByte;
    private long measuredNs;
    private double compressNsPerByte;
    private double remaining;
    private double trialBudgetNs;
    private int interval = 1;
    private int plainChunks;

    CompressionRule(final Compression compression) {
        this.compression = compression;
        compressing = compression == Compression.ON;
    }

    /**
     * Whether to compress the next chunk; what comes of it must be told to {@link #onCompressed}.
     *
     * @param length of the chunk in bytes
     * @param bytesPerSecond what the link carries, 0 while the lane is not full
     * @param nowNs the time
     * @return true to compress it, and to send it so when it has shrunk
     */
    boolean compressNext(final int length, final long bytesPerSecond, final long nowNs) {
        if (compression != Compression.AUTO) {
            return compressing;
        }
        if (bytesPerSecond > 0) {
            linkNsPerByte = 1e9 / bytesPerSecond;
            measuredNs = nowNs;
        } else if (!compressing || nowNs - measuredNs > TRUST_NS) {
            compressing = false;
            return false;
        }
        if (compressNsPerByte > 0) {
            final double ns = Math.max(compressNsPerByte, linkNsPerByte * remaining);
            compressing = ns < (compressing ? END_ABOVE : BEGIN_BELOW) * linkNsPerByte;
        }
        if (compressing) {
            return true;
        }
        trialBudgetNs += TRIAL_PART * linkNsPerByte * length;
        return ++plainChunks >= interval && trialBudgetNs >= compressNsPerByte * length;
    }

    /**
     * A chunk was compressed.
     *
     * @param plainLength its length in bytes
     * @param compressedLength the length in which it travels, {@code plainLength} when it did not shrink
     * @param elapsedNs what compressing it took
     */
    void onCompressed(final int plainLength, final int compressedLength, final long elapsedNs) {
        if (plainLength <= 0) {
            return;
        }
        final double ns = Math.max(1, elapsedNs) / (double) plainLength;
        final double left = (double) compressedLength / plainLength;
        if (compressNsPerByte == 0) {
            compressNsPerByte = ns;
            remaining = left;
        } else {
            final double weight = ns < compressNsPerByte ? WEIGHT_OF_A_SHORTER_TIME : WEIGHT;
            compressNsPerByte += weight * (Math.min(ns, OUTLIER * compressNsPerByte) - compressNsPerByte);
            remaining += WEIGHT * (left - remaining);
        }
        if (!compressing) {
            trialBudgetNs = Math.max(0, trialBudgetNs - elapsedNs);
            plainChunks = 0;
            interval = Math.max(ns, linkNsPerByte * left) < BEGIN_BELOW * linkNsPerByte
                    ? 1
                    : Math.min(LONGEST_INTERVAL, Math.max(SHORTEST_INTERVAL, 2 * interval));
        }
    }

    /** Whether chunks are compressed at present, apart from trials. */
    boolean isCompressing() {
        return compressing;
    }
}
