package io.dragon.worker.hash;

/**
 * The part of BLAKE3 that many chunks can do side by side. A chaining value is eight words; value {@code i} of an array begins
 * at word {@code 8 * i}. One thread at a time.
 */
interface Blake3Lanes {
    /** How many chunks are compressed at once. */
    int lanes();

    /** What computes, in words. */
    String description();

    /**
     * Chaining values of whole chunks, none of them the only one of its tree.
     *
     * @param base      the array the addresses are offsets in, or null when they are addresses of memory
     * @param addresses where each chunk begins
     * @param counters  the number of each chunk
     * @param places    which value of the result each chunk's is
     * @param first     the first chunk to compress
     * @param end       the one behind the last
     * @param values    receives the chaining values
     */
    void chunks(Object base, long[] addresses, long[] counters, int[] places, int first, int end, int[] values);

    /** The same with two numbers for every chunk, whose words are loaded only once. */
    void chunksTwice(
            Object base,
            long[] addresses,
            long[] counters,
            int[] values,
            long[] otherCounters,
            int[] otherValues,
            int[] places,
            int first,
            int end);

    /**
     * Chaining values of {@code count} parents, none of them a root, from twice as many children that lie in a row from
     * {@code firstChild}. The parents are written from value {@code firstParent} on, which may be {@code firstChild}.
     */
    void parents(int[] values, int firstChild, int count, int firstParent);
}
