package io.dragon.worker.hash;

import java.util.Arrays;
import org.agrona.UnsafeApi;

/**
 * Vectors once they pay. Until the virtual machine has compiled them, operations on vectors are a hundred times slower than
 * scalar code, for seconds on a busy machine. So at first most chunks are compressed one by one; some are compressed by vectors,
 * at a third of the time at most, to have them compiled; and when these have been the faster ones eight times in a row, all are. If that
 * has not happened after ten seconds of vectors, it never will on this machine, and scalar code it stays.
 *
 * <p>Who knows that there will be much to hash has them compiled before, by {@link #warmUp}, while other things are waited for.
 *
 * <p>Compiled code belongs to the whole process, and so does the decision.
 */
final class AdaptiveLanes implements Blake3Lanes {
    private static final int MAX_VECTOR_SHARE = 3;
    private static final int WINS = 8;
    private static final long PATIENCE_NS = 10_000_000_000L;
    private static volatile boolean settled;

    private final Blake3Lanes vectors;
    private final Blake3Lanes scalar;
    private final int width;
    private long vectorNs;
    private long scalarNs;
    private long lastScalarNs;
    private int wins;

    AdaptiveLanes(final Blake3Lanes vectors, final Blake3Lanes scalar) {
        this.vectors = vectors;
        this.scalar = scalar;
        width = vectors.lanes();
    }

    @Override
    public int lanes() {
        return width;
    }

    @Override
    public String description() {
        return vectors.description();
    }

    @Override
    public void chunks(
            final Object base,
            final long[] addresses,
            final long[] counters,
            final int[] places,
            final int first,
            final int end,
            final int[] values) {
        int set = first;
        for (; set < end && !settled; set += width) {
            final int setEnd = Math.min(end, set + width);
            final boolean trial = isTrial();
            final long beginNs = System.nanoTime();
            (trial ? vectors : scalar).chunks(base, addresses, counters, places, set, setEnd, values);
            learn(trial, System.nanoTime() - beginNs, setEnd - set);
        }
        if (set < end) {
            vectors.chunks(base, addresses, counters, places, set, end, values);
        }
    }

    @Override
    public void chunksTwice(
            final Object base,
            final long[] addresses,
            final long[] counters,
            final int[] values,
            final long[] otherCounters,
            final int[] otherValues,
            final int[] places,
            final int first,
            final int end) {
        if (settled) {
            vectors.chunksTwice(base, addresses, counters, values, otherCounters, otherValues, places, first, end);
        } else {
            chunks(base, addresses, counters, places, first, end, values);
            chunks(base, addresses, otherCounters, places, first, end, otherValues);
        }
    }

    @Override
    public void parents(final int[] values, final int firstChild, final int count, final int firstParent) {
        (settled ? vectors : scalar).parents(values, firstChild, count, firstParent);
    }

    /** Compresses zeros on this thread until the vectors pay, or until it took this long. */
    void warmUp(final long mostNs) {
        final byte[] zeros = new byte[Compression.CHUNK_LENGTH];
        final long[] addresses = new long[width];
        Arrays.fill(addresses, UnsafeApi.arrayBaseOffset(byte[].class));
        final long[] counters = new long[width];
        final int[] places = new int[width];
        final int[] values = new int[8];
        final int[] otherValues = new int[8];
        final long beginNs = System.nanoTime();
        for (int turn = 0; !settled && System.nanoTime() - beginNs < mostNs; turn++) {
            final boolean trial = turn % 2 == 1;
            final long turnNs = System.nanoTime();
            (trial ? vectors : scalar)
                    .chunksTwice(zeros, addresses, counters, values, counters, otherValues, places, 0, width);
            learn(trial, System.nanoTime() - turnNs, width);
        }
    }

    private boolean isTrial() {
        return vectorNs * MAX_VECTOR_SHARE <= vectorNs + scalarNs && vectorNs < PATIENCE_NS;
    }

    private void learn(final boolean trial, final long ns, final int chunks) {
        if (!trial) {
            scalarNs += ns;
            lastScalarNs = chunks == width ? ns : lastScalarNs;
            return;
        }
        vectorNs += ns;
        wins = ns < lastScalarNs ? wins + 1 : 0;
        if (wins >= WINS) {
            settled = true;
        }
    }
}
