package io.dragon.worker.hash;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Chunks waiting for lanes, of one or more blocks, and the trees above them.
 *
 * <pre>
 *   values   [ chunks of block a | chunks of block b | ... ]   a value is 8 words
 *   queued   those of them that are whole chunks: address, number(s), and which value they are
 * </pre>
 *
 * <p>One kind computes one value of a chunk (a block at the beginning of its file: both trees have the same leaves), the other
 * two.
 */
final class ChunkBatch {
    /** Chunks, a power of two: 1 MiB, whose values stay in the second cache. */
    static final int CAPACITY = 1024;

    private static final int MIN_VECTOR_SHARE = 8;

    private final Blake3Lanes lanes;
    private final ScalarLanes scalar;
    private final boolean twice;
    private final int minimumForLanes;

    private final long[] addresses = new long[CAPACITY];
    private final long[] ownCounters = new long[CAPACITY];
    private final long[] placeCounters;
    private final int[] places = new int[CAPACITY];
    private final int[] own = new int[CAPACITY * 8];
    private final int[] place;
    private int queued;
    private int values;

    private final int[] blockChunks = new int[CAPACITY];
    private final int[] blockResults = new int[CAPACITY];
    private final boolean[] blockWhole = new boolean[CAPACITY];
    private int blocks;

    private final int[] root = new int[3 * 8];
    private Object base;
    private MutableDirectBuffer results;

    ChunkBatch(final Blake3Lanes lanes, final ScalarLanes scalar, final boolean twice) {
        this.lanes = lanes;
        this.scalar = scalar;
        this.twice = twice;
        placeCounters = new long[twice ? CAPACITY : 0];
        place = new int[twice ? CAPACITY * 8 : 0];
        minimumForLanes = Math.max(2, lanes.lanes() / MIN_VECTOR_SHARE);
    }

    void begin(final DirectBuffer source, final MutableDirectBuffer results) {
        forget();
        base = source.byteArray();
        this.results = results;
    }

    void forget() {
        queued = 0;
        values = 0;
        blocks = 0;
        base = null;
        results = null;
    }

    boolean hasRoom(final int chunks) {
        return values + chunks <= CAPACITY;
    }

    void add(final long address, final long ownCounter, final long placeCounter) {
        addresses[queued] = address;
        ownCounters[queued] = ownCounter;
        if (twice) {
            placeCounters[queued] = placeCounter;
        }
        places[queued++] = values++;
    }

    void addValue(final int[] value) {
        System.arraycopy(value, 0, own, values++ * 8, 8);
    }

    /** The other value of the chunk added last. */
    void addOtherValue(final int[] value) {
        System.arraycopy(value, 0, place, (values - 1) * 8, 8);
    }

    void closeBlock(final int chunks, final boolean wholeFile, final int resultOffset) {
        blockChunks[blocks] = chunks;
        blockResults[blocks] = resultOffset;
        blockWhole[blocks++] = wholeFile;
    }

    /** Computes every chunk queued and the results of the blocks closed. */
    void run() {
        compressChunks();
        int first = 0;
        for (int i = 0; i < blocks; i++) {
            final int chunks = blockChunks[i];
            final int at = blockResults[i];
            reduce(own, first, chunks);
            finish(own, first, Compression.ROOT, at);
            if (blockWhole[i]) {
                results.setMemory(at + Blake3.DIGEST_LENGTH, Blake3.DIGEST_LENGTH, (byte) 0);
            } else if (twice) {
                reduce(place, first, chunks);
                finish(place, first, 0, at + Blake3.DIGEST_LENGTH);
            } else {
                finish(own, first, 0, at + Blake3.DIGEST_LENGTH);
            }
            first += chunks;
        }
        values = 0;
        blocks = 0;
    }

    /** Computes the chunks queued, which are a part of one block, and adds their subtree to the block's trees. */
    void runSubtree(final int chunks, final Blake3Tree ownTree, final Blake3Tree placeTree) {
        compressChunks();
        addSubtree(own, chunks, ownTree);
        if (twice) {
            addSubtree(place, chunks, placeTree);
        }
        values = 0;
    }

    private void addSubtree(final int[] cvs, final int chunks, final Blake3Tree tree) {
        if (reduce(cvs, 0, chunks) == 2) {
            scalar.parent(cvs, 0, 0, 0);
        }
        tree.add(cvs, 0);
    }

    private void compressChunks() {
        final int whole = queued - queued % lanes.lanes();
        final int count = queued - whole >= minimumForLanes ? queued : whole;
        if (twice) {
            lanes.chunksTwice(base, addresses, ownCounters, own, placeCounters, place, places, 0, count);
        } else {
            lanes.chunks(base, addresses, ownCounters, places, 0, count, own);
        }
        for (int i = count; i < queued; i++) {
            scalar.chunk(base, addresses[i], ownCounters[i], own, places[i] * 8);
            if (twice) {
                scalar.chunk(base, addresses[i], placeCounters[i], place, places[i] * 8);
            }
        }
        queued = 0;
    }

    /** Merges level by level until two values are left (or the one there was). An odd one moves up as it is: the tree's rule. */
    private int reduce(final int[] cvs, final int first, final int count) {
        int left = count;
        while (left > 2) {
            final int pairs = left / 2;
            if (pairs >= minimumForLanes) {
                lanes.parents(cvs, first, pairs, first);
            } else {
                scalar.parents(cvs, first, pairs, first);
            }
            if ((left & 1) == 1) {
                System.arraycopy(cvs, (first + left - 1) * 8, cvs, (first + pairs) * 8, 8);
            }
            left = pairs + (left & 1);
        }
        return left;
    }

    private void finish(final int[] cvs, final int first, final int flags, final int resultOffset) {
        System.arraycopy(cvs, first * 8, root, 0, 16);
        scalar.parent(root, 0, 2, flags);
        Blake3Tree.put(root, 16, results, resultOffset);
    }
}
