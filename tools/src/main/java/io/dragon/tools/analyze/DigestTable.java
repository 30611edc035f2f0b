package io.dragon.tools.analyze;

import io.dragon.engine.config.DragonException;

/**
 * How often each digest has been seen: open addressing over primitive longs, about 60 bytes a digest. One thread.
 *
 * <p>A digest is its own hash, so its first word tells where it belongs.
 */
final class DigestTable {
    private static final int WORDS = 4;
    private static final int MAX_SLOTS = 1 << 28;
    private static final int MAX_FIRST_SLOTS = 1 << 20;

    private long[] words;
    private int[] counts;
    private int mask;
    private int size;

    DigestTable(final long expected) {
        allocate(Integer.highestOneBit((int) Math.max(16, Math.min(expected * 2, MAX_FIRST_SLOTS))));
    }

    /** Counts a digest; how often it has been seen now, 1 the first time. */
    int add(final long a, final long b, final long c, final long d) {
        int slot = find(a, b, c, d);
        if (counts[slot] == 0) {
            if (size + 1 > (mask + 1L) * 2 / 3) {
                grow();
                slot = find(a, b, c, d);
            }
            put(slot, a, b, c, d);
            size++;
        }
        if (counts[slot] < Integer.MAX_VALUE) {
            counts[slot]++;
        }
        return counts[slot];
    }

    /** Different digests. */
    int size() {
        return size;
    }

    private int find(final long a, final long b, final long c, final long d) {
        int slot = (int) (a ^ a >>> 32) & mask;
        while (counts[slot] != 0) {
            final int at = slot * WORDS;
            if (words[at] == a && words[at + 1] == b && words[at + 2] == c && words[at + 3] == d) {
                return slot;
            }
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void put(final int slot, final long a, final long b, final long c, final long d) {
        final int at = slot * WORDS;
        words[at] = a;
        words[at + 1] = b;
        words[at + 2] = c;
        words[at + 3] = d;
    }

    private void grow() {
        final long[] oldWords = words;
        final int[] oldCounts = counts;
        if (oldCounts.length >= MAX_SLOTS) {
            throw new DragonException("There are more than " + size + " different blocks: choose a larger --block.");
        }
        allocate(oldCounts.length * 2);
        for (int i = 0; i < oldCounts.length; i++) {
            if (oldCounts[i] != 0) {
                final int at = i * WORDS;
                final int slot = find(oldWords[at], oldWords[at + 1], oldWords[at + 2], oldWords[at + 3]);
                put(slot, oldWords[at], oldWords[at + 1], oldWords[at + 2], oldWords[at + 3]);
                counts[slot] = oldCounts[i];
            }
        }
    }

    private void allocate(final int slots) {
        try {
            words = new long[slots * WORDS];
            counts = new int[slots];
        } catch (final OutOfMemoryError ex) {
            throw new DragonException("There is no memory for a table of more than " + size
                    + " different blocks: choose a larger --block, or give Java more heap.");
        }
        mask = slots - 1;
    }
}
