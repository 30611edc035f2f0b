package io.dragon.worker.voxel;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Vectors once they pay. Until the virtual machine has compiled them, operations on vectors are a hundred times slower than
 * scalar code. So at first most strips are compared by scalar code, and some by vectors, at a fifth of the time at most, to have them
 * compiled. They are taken for all when they have been the faster ones eight times in a row, and given up when that
 * has not happened within a second of vectors: on some machines it never does. Only the longest strips count, and are tried: between two of them
 * may come the rest of a row, which tells nothing.
 *
 * <p>Compiled code belongs to the whole process, and so does the decision.
 */
final class AdaptiveMaskLanes implements MaskLanes {
    /** What is taken for all. */
    enum Kind {
        SCALAR,
        VECTORS
    }

    private static final int MAX_VECTOR_SHARE = 5;
    private static final int WINS = 8;
    private static final long PATIENCE_NS = 1_000_000_000L;
    private static final AtomicReference<Kind> OF_PROCESS = new AtomicReference<>();

    private final MaskLanes vectors;
    private final MaskLanes scalar;
    private final AtomicReference<Kind> settled;
    private long vectorNs;
    private long scalarNs;
    private long lastScalarNs;
    private int longest;
    private int wins;

    AdaptiveMaskLanes(final MaskLanes vectors, final MaskLanes scalar) {
        this(vectors, scalar, OF_PROCESS);
    }

    AdaptiveMaskLanes(final MaskLanes vectors, final MaskLanes scalar, final AtomicReference<Kind> settled) {
        this.vectors = vectors;
        this.scalar = scalar;
        this.settled = settled;
    }

    @Override
    public String description() {
        final Kind now = settled.get();
        return now == null
                ? vectors.description() + ", once it is the faster"
                : (now == Kind.VECTORS ? vectors : scalar).description();
    }

    @Override
    public int differing(
            final Object base,
            final long address,
            final Object otherBase,
            final long otherAddress,
            final int words,
            final int threshold,
            final long kept,
            final long[] bits,
            final int at) {
        final Kind now = settled.get();
        if (now != null) {
            return (now == Kind.VECTORS ? vectors : scalar)
                    .differing(base, address, otherBase, otherAddress, words, threshold, kept, bits, at);
        }
        final boolean trial = longest == words && vectorNs * MAX_VECTOR_SHARE <= vectorNs + scalarNs;
        final long beginNs = System.nanoTime();
        final int count = (trial ? vectors : scalar)
                .differing(base, address, otherBase, otherAddress, words, threshold, kept, bits, at);
        learn(trial, System.nanoTime() - beginNs, words);
        return count;
    }

    private void learn(final boolean trial, final long ns, final int words) {
        if (!trial) {
            scalarNs += ns;
            if (words >= longest) {
                lastScalarNs = ns;
                longest = words;
            }
            return;
        }
        vectorNs += ns;
        wins = ns < lastScalarNs ? wins + 1 : 0;
        if (wins >= WINS) {
            settled.compareAndSet(null, Kind.VECTORS);
        } else if (vectorNs >= PATIENCE_NS) {
            settled.compareAndSet(null, Kind.SCALAR);
        }
    }
}
