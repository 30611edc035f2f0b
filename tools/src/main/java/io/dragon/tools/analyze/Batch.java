package io.dragon.tools.analyze;

import io.dragon.worker.hash.BlockTable;
import java.util.Arrays;

/** Blocks that share a slot: what is read, and after hashing what each result belongs to. One thread at a time. */
final class Batch {
    private FoundFile[] files = new FoundFile[16];
    private int[] blocks = new int[16];
    private int[] lengths = new int[16];
    private boolean[] zero = new boolean[16];
    private int count;
    private int bytes;

    boolean hasRoom(final int length, final int capacity) {
        return count < BlockTable.MAX_ENTRIES && bytes <= capacity - length;
    }

    void add(final FoundFile file, final int block, final int length) {
        if (count == files.length) {
            files = Arrays.copyOf(files, count * 2);
            blocks = Arrays.copyOf(blocks, count * 2);
            lengths = Arrays.copyOf(lengths, count * 2);
            zero = Arrays.copyOf(zero, count * 2);
        }
        files[count] = file;
        blocks[count] = block;
        lengths[count++] = length;
        bytes += length;
    }

    /** Moves entry {@code from} to {@code to}, over one that could not be read. */
    void move(final int from, final int to) {
        files[to] = files[from];
        blocks[to] = blocks[from];
        lengths[to] = lengths[from];
        zero[to] = zero[from];
    }

    void truncate(final int newCount) {
        count = newCount;
    }

    int count() {
        return count;
    }

    /** Bytes of all entries as planned. */
    int bytes() {
        return bytes;
    }

    FoundFile file(final int entry) {
        return files[entry];
    }

    int block(final int entry) {
        return blocks[entry];
    }

    int length(final int entry) {
        return lengths[entry];
    }

    boolean isZero(final int entry) {
        return zero[entry];
    }

    void zero(final int entry, final boolean value) {
        zero[entry] = value;
    }
}
