package io.dragon.worker.hash;

import org.agrona.UnsafeApi;

/** One chunk after the other. */
final class ScalarLanes implements Blake3Lanes {
    private final int[] words = new int[16];

    @Override
    public int lanes() {
        return 1;
    }

    @Override
    public String description() {
        return "scalar";
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
        for (int i = first; i < end; i++) {
            chunk(base, addresses[i], counters[i], values, places[i] * 8);
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
        for (int i = first; i < end; i++) {
            final int at = places[i] * 8;
            Compression.initialise(values, at);
            Compression.initialise(otherValues, at);
            for (int block = 0; block < 16; block++) {
                load(words, base, addresses[i] + block * 64L);
                final int flags = flags(block);
                Compression.compress(values, at, words, counters[i], 64, flags);
                Compression.compress(otherValues, at, words, otherCounters[i], 64, flags);
            }
        }
    }

    @Override
    public void parents(final int[] values, final int firstChild, final int count, final int firstParent) {
        for (int i = 0; i < count; i++) {
            parent(values, firstChild + 2 * i, firstParent + i, 0);
        }
    }

    void parent(final int[] values, final int firstChild, final int parent, final int flags) {
        System.arraycopy(values, firstChild * 8, words, 0, 16);
        Compression.initialise(values, parent * 8);
        Compression.compress(values, parent * 8, words, 0, 64, Compression.PARENT | flags);
    }

    void chunk(final Object base, final long address, final long counter, final int[] values, final int offset) {
        Compression.initialise(values, offset);
        for (int block = 0; block < 16; block++) {
            load(words, base, address + block * 64L);
            Compression.compress(values, offset, words, counter, 64, flags(block));
        }
    }

    private static int flags(final int block) {
        return (block == 0 ? Compression.CHUNK_START : 0) | (block == 15 ? Compression.CHUNK_END : 0);
    }

    static void load(final int[] words, final Object base, final long address) {
        for (int i = 0; i < 16; i++) {
            words[i] = UnsafeApi.getInt(base, address + i * 4L);
        }
    }
}
