package io.dragon.worker.hash;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The digest of a file, put together from the chaining values of its blocks. All blocks have the same length, a power of two
 * of at least 1,024 bytes, except the last, which may be shorter. They are added in the order of the file.
 *
 * <p>A subtree is merged only when the next block is there, since the very last merge is another one: the root's. What waits
 * is one value for every bit of the number of blocks. Not thread safe.
 */
public final class Blake3Tree {
    private static final int MAX_DEPTH = 64;

    private final ScalarLanes scalar = new ScalarLanes();
    private final int[] stack = new int[(MAX_DEPTH + 2) * 8];
    private int depth;
    private long blocks;

    /** An empty tree. */
    public Blake3Tree() {}

    /** Forgets every block. */
    public void reset() {
        depth = 0;
        blocks = 0;
    }

    /**
     * How many blocks have been added.
     *
     * @return their number
     */
    public long blocks() {
        return blocks;
    }

    /**
     * Adds the next block of the file.
     *
     * @param values where the 32 bytes of its chaining value lie
     * @param offset of the first of them
     */
    public void add(final DirectBuffer values, final int offset) {
        makeRoom();
        for (int word = 0; word < 8; word++) {
            stack[depth * 8 + word] = values.getInt(offset + word * 4, ByteOrder.LITTLE_ENDIAN);
        }
        depth++;
        blocks++;
    }

    void add(final int[] values, final int offset) {
        makeRoom();
        System.arraycopy(values, offset, stack, depth * 8, 8);
        depth++;
        blocks++;
    }

    /**
     * Writes the digest of the file and forgets its blocks.
     *
     * @param out    receives 32 bytes
     * @param offset of the first of them
     * @throws IllegalStateException with fewer than two blocks: a chaining value alone cannot become a digest, the digest of a
     *                               file of one block is the block's own
     */
    public void digest(final MutableDirectBuffer out, final int offset) {
        if (blocks < 2) {
            throw new IllegalStateException("a tree of " + blocks + " blocks has no root: at least 2 are needed");
        }
        fold(Compression.ROOT, out, offset);
        reset();
    }

    /** The chaining value of everything added: that of the one block, or of the subtree above all of them. */
    void chainingValue(final MutableDirectBuffer out, final int offset) {
        fold(0, out, offset);
    }

    private void makeRoom() {
        final int roots = Long.bitCount(blocks);
        while (depth > roots) {
            scalar.parent(stack, depth - 2, depth - 2, 0);
            depth--;
        }
    }

    /** Merges upwards in the spare places above the stack, so that the stack itself stays. */
    private void fold(final int flags, final MutableDirectBuffer out, final int offset) {
        final int spare = depth;
        System.arraycopy(stack, (depth - 1) * 8, stack, (spare + 1) * 8, 8);
        for (int next = depth - 2; next >= 0; next--) {
            System.arraycopy(stack, next * 8, stack, spare * 8, 8);
            scalar.parent(stack, spare, spare + 1, next == 0 ? flags : 0);
        }
        put(stack, (spare + 1) * 8, out, offset);
    }

    static void put(final int[] words, final int from, final MutableDirectBuffer out, final int offset) {
        for (int word = 0; word < 8; word++) {
            out.putInt(offset + word * 4, words[from + word], ByteOrder.LITTLE_ENDIAN);
        }
    }
}
