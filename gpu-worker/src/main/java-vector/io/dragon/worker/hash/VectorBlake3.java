package io.dragon.worker.hash;

import static jdk.incubator.vector.VectorOperators.ROR;
import static jdk.incubator.vector.VectorOperators.XOR;

import java.util.Arrays;
import java.util.Objects;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;
import org.agrona.UnsafeApi;

/**
 * As many chunks at once as an integer vector of this machine has lanes.
 *
 * <pre>
 *   state and message: word k of lane l at [k * WIDTH + l]
 *
 *            lane 0   lane 1  ...          one vector is one word of all chunks; a chunk is a column
 *   word 0   [ ...............]
 *   word 1   [ ...............]
 *     :
 *   word 15  [ ...............]
 * </pre>
 *
 * <p>{@link #compress} is written out the way it is because the compiler of the virtual machine gives up on most other forms, and
 * vectors then become objects, at a tenth of the speed: no method of ours stands between it and the operations; the
 * sixteen vectors of the state live across the rounds and nothing else does, so that those of AVX-512 all stay in registers; a message
 * word is loaded where it is added; there is a loop over the rounds, because seven of them written out, or one round
 * of two states side by side, are more than the compiler takes. Sums begin with the message word, which waits for nothing.
 */
final class VectorBlake3 implements Blake3Lanes {
    private static final VectorSpecies<Integer> LANES = IntVector.SPECIES_PREFERRED;
    private static final int WIDTH = LANES.length();
    private static final int BLOCK = 16 * WIDTH;
    private static final int ROUNDS = 7;
    private static final long INT_ARRAY_BASE = UnsafeApi.arrayBaseOffset(int[].class);
    private static final long LOW_WORD = 0xFFFF_FFFFL;
    private static final int[] ORDERS = orders();
    private static final int[] FIRST_STATE = firstState();

    private final long[] from = new long[WIDTH];
    private final int[] message = new int[16 * BLOCK];
    private final int[] state = new int[8 * WIDTH];
    private final int[] otherState = new int[8 * WIDTH];
    private final int[] lower = firstLower();
    private final int[] otherLower = firstLower();
    private final int[] parentLower = firstLower();

    VectorBlake3() {
        if (WIDTH < 4) {
            throw new UnsupportedOperationException("integer vectors of " + WIDTH + " lanes are too narrow");
        }
    }

    @Override
    public int lanes() {
        return WIDTH;
    }

    @Override
    public String description() {
        return "Vector API, " + WIDTH + " lanes";
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
        for (int set = first; set < end; set += WIDTH) {
            final int used = Math.min(WIDTH, end - set);
            aim(addresses, set, used);
            transpose(base);
            number(lower, counters, set, used);
            compress(FIRST_STATE, lower, Compression.CHUNK_START, message, 0, state);
            for (int block = 1; block < 16; block++) {
                final int flags = block == 15 ? Compression.CHUNK_END : 0;
                compress(state, lower, flags, message, block * BLOCK, state);
            }
            store(state, values, places, set, used);
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
        for (int set = first; set < end; set += WIDTH) {
            final int used = Math.min(WIDTH, end - set);
            aim(addresses, set, used);
            transpose(base);
            number(lower, counters, set, used);
            number(otherLower, otherCounters, set, used);
            compress(FIRST_STATE, lower, Compression.CHUNK_START, message, 0, state);
            compress(FIRST_STATE, otherLower, Compression.CHUNK_START, message, 0, otherState);
            for (int block = 1; block < 16; block++) {
                final int flags = block == 15 ? Compression.CHUNK_END : 0;
                compress(state, lower, flags, message, block * BLOCK, state);
                compress(otherState, otherLower, flags, message, block * BLOCK, otherState);
            }
            store(state, values, places, set, used);
            store(otherState, otherValues, places, set, used);
        }
    }

    /** As many lanes full as there are message blocks are transposed at once: a store is only then far behind when it is read. */
    @Override
    public void parents(final int[] values, final int firstChild, final int count, final int firstParent) {
        for (int first = 0; first < count; first += 16 * WIDTH) {
            final int some = Math.min(16 * WIDTH, count - first);
            transposePairs(values, firstChild + 2 * first, some);
            for (int set = 0; set < some; set += WIDTH) {
                compress(FIRST_STATE, parentLower, Compression.PARENT, message, set * 16, state);
                for (int lane = 0; lane < Math.min(WIDTH, some - set); lane += 2) {
                    final int to = firstParent + first + set + lane;
                    store(state, lane, values, to, set + lane + 1 < some ? to + 1 : to);
                }
            }
        }
    }

    private void transposePairs(final int[] values, final int firstChild, final int count) {
        for (int i = 0; i < count; i += 2) {
            final long even = INT_ARRAY_BASE + (firstChild + 2 * i) * 32L;
            final long odd = i + 1 < count ? even + 64 : even;
            final int block = i / WIDTH * BLOCK;
            transpose(values, even, odd, block + i % WIDTH);
        }
    }

    /** Lanes without a chunk of their own follow the first one: they cost nothing more and read nothing else. */
    private void aim(final long[] addresses, final int first, final int used) {
        for (int lane = 0; lane < WIDTH; lane++) {
            from[lane] = addresses[first + (lane < used ? lane : 0)];
        }
    }

    private void transpose(final Object base) {
        for (int lane = 0; lane < WIDTH; lane += 2) {
            final long even = from[lane];
            final long odd = from[lane + 1];
            for (int block = 0; block < 16; block++) {
                transpose(base, even + block * 64L, odd + block * 64L, block * BLOCK + lane);
            }
        }
    }

    /** One message block of two lanes, two words of both at a time: half the loads and stores of a copy word by word. */
    private void transpose(final Object base, final long even, final long odd, final int index) {
        final int[] m = message;
        final long to = INT_ARRAY_BASE + index * 4L;
        twoWords(base, even, odd, m, to);
        twoWords(base, even + 8, odd + 8, m, to + 8L * WIDTH);
        twoWords(base, even + 16, odd + 16, m, to + 16L * WIDTH);
        twoWords(base, even + 24, odd + 24, m, to + 24L * WIDTH);
        twoWords(base, even + 32, odd + 32, m, to + 32L * WIDTH);
        twoWords(base, even + 40, odd + 40, m, to + 40L * WIDTH);
        twoWords(base, even + 48, odd + 48, m, to + 48L * WIDTH);
        twoWords(base, even + 56, odd + 56, m, to + 56L * WIDTH);
    }

    private static void twoWords(final Object base, final long even, final long odd, final int[] m, final long to) {
        final long a = UnsafeApi.getLong(base, even);
        final long b = UnsafeApi.getLong(base, odd);
        UnsafeApi.putLong(m, to, (a & LOW_WORD) | (b << 32));
        UnsafeApi.putLong(m, to + 4L * WIDTH, (a >>> 32) | (b & ~LOW_WORD));
    }

    private static int[] firstState() {
        final int[] v = new int[8 * WIDTH];
        final int[] iv = new int[8];
        Compression.initialise(iv, 0);
        for (int word = 0; word < 8; word++) {
            Arrays.fill(v, word * WIDTH, (word + 1) * WIDTH, iv[word]);
        }
        return v;
    }

    /** The lower half of the state as it is before every block, but for the counters (0) and the flags. */
    private static int[] firstLower() {
        final int[] lower = new int[7 * WIDTH];
        System.arraycopy(FIRST_STATE, 0, lower, 0, 4 * WIDTH);
        Arrays.fill(lower, 6 * WIDTH, 7 * WIDTH, Compression.BLOCK_LENGTH);
        return lower;
    }

    private static void number(final int[] lower, final long[] counters, final int first, final int used) {
        for (int lane = 0; lane < used; lane++) {
            final long counter = counters[first + lane];
            lower[4 * WIDTH + lane] = (int) counter;
            lower[5 * WIDTH + lane] = (int) (counter >>> 32);
        }
    }

    private static void store(final int[] v, final int[] values, final int[] places, final int first, final int used) {
        for (int lane = 0; lane < used; lane += 2) {
            final int to = places[first + lane];
            store(v, lane, values, to, lane + 1 < used ? places[first + lane + 1] : to);
        }
    }

    /** Two lanes to two values, which are the same one when the second lane is not used: its words are then written first. */
    private static void store(final int[] v, final int lane, final int[] values, final int even, final int odd) {
        Objects.checkIndex(even, values.length / 8);
        Objects.checkIndex(odd, values.length / 8);
        final long at = INT_ARRAY_BASE + lane * 4L;
        final long toEven = INT_ARRAY_BASE + even * 32L;
        final long toOdd = INT_ARRAY_BASE + odd * 32L;
        for (int pair = 0; pair < 4; pair++) {
            final long a = UnsafeApi.getLong(v, at + pair * (8L * WIDTH));
            final long b = UnsafeApi.getLong(v, at + pair * (8L * WIDTH) + 4L * WIDTH);
            UnsafeApi.putLong(values, toOdd + pair * 8L, (a >>> 32) | (b & ~LOW_WORD));
            UnsafeApi.putLong(values, toEven + pair * 8L, (a & LOW_WORD) | (b << 32));
        }
    }

    /** Where the message word lies that each step of each round takes: sixteen for every round. */
    private static int[] orders() {
        final int[] permutation = {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};
        final int[] orders = new int[ROUNDS * 16];
        for (int i = 0; i < 16; i++) {
            orders[i] = i * WIDTH;
        }
        for (int i = 16; i < orders.length; i++) {
            orders[i] = orders[i / 16 * 16 - 16 + permutation[i % 16]];
        }
        return orders;
    }

    /**
     * Compresses one message block of every lane.
     *
     * @param from  the upper half of the state: chaining values so far
     * @param lower the lower half but for the flags
     * @param flags of this block
     * @param m     the message
     * @param block where in the message the block begins
     * @param to    receives the chaining values; may be {@code from}
     */
    private static void compress(
            final int[] from, final int[] lower, final int flags, final int[] m, final int block, final int[] to) {
        IntVector v0 = IntVector.fromArray(LANES, from, 0 * WIDTH);
        IntVector v1 = IntVector.fromArray(LANES, from, 1 * WIDTH);
        IntVector v2 = IntVector.fromArray(LANES, from, 2 * WIDTH);
        IntVector v3 = IntVector.fromArray(LANES, from, 3 * WIDTH);
        IntVector v4 = IntVector.fromArray(LANES, from, 4 * WIDTH);
        IntVector v5 = IntVector.fromArray(LANES, from, 5 * WIDTH);
        IntVector v6 = IntVector.fromArray(LANES, from, 6 * WIDTH);
        IntVector v7 = IntVector.fromArray(LANES, from, 7 * WIDTH);
        IntVector v8 = IntVector.fromArray(LANES, lower, 0 * WIDTH);
        IntVector v9 = IntVector.fromArray(LANES, lower, 1 * WIDTH);
        IntVector v10 = IntVector.fromArray(LANES, lower, 2 * WIDTH);
        IntVector v11 = IntVector.fromArray(LANES, lower, 3 * WIDTH);
        IntVector v12 = IntVector.fromArray(LANES, lower, 4 * WIDTH);
        IntVector v13 = IntVector.fromArray(LANES, lower, 5 * WIDTH);
        IntVector v14 = IntVector.fromArray(LANES, lower, 6 * WIDTH);
        IntVector v15 = IntVector.broadcast(LANES, flags);
        for (int r = 0; r < ORDERS.length; r += 16) {
            v0 = v0.add(IntVector.fromArray(LANES, m, block + ORDERS[r + 0])).add(v4);
            v1 = v1.add(IntVector.fromArray(LANES, m, block + ORDERS[r + 2])).add(v5);
            v2 = v2.add(IntVector.fromArray(LANES, m, block + ORDERS[r + 4])).add(v6);
            v3 = v3.add(IntVector.fromArray(LANES, m, block + ORDERS[r + 6])).add(v7);
            v12 = v12.lanewise(XOR, v0).lanewise(ROR, 16);
            v13 = v13.lanewise(XOR, v1).lanewise(ROR, 16);
            v14 = v14.lanewise(XOR, v2).lanewise(ROR, 16);
            v15 = v15.lanewise(XOR, v3).lanewise(ROR, 16);
            v8 = v8.add(v12);
            v9 = v9.add(v13);
            v10 = v10.add(v14);
            v11 = v11.add(v15);
            v4 = v4.lanewise(XOR, v8).lanewise(ROR, 12);
            v5 = v5.lanewise(XOR, v9).lanewise(ROR, 12);
            v6 = v6.lanewise(XOR, v10).lanewise(ROR, 12);
            v7 = v7.lanewise(XOR, v11).lanewise(ROR, 12);
            v0 = v0.add(IntVector.fromArray(LANES, m, block + ORDERS[r + 1])).add(v4);
            v1 = v1.add(IntVector.fromArray(LANES, m, block + ORDERS[r + 3])).add(v5);
            v2 = v2.add(IntVector.fromArray(LANES, m, block + ORDERS[r + 5])).add(v6);
            v3 = v3.add(IntVector.fromArray(LANES, m, block + ORDERS[r + 7])).add(v7);
            v12 = v12.lanewise(XOR, v0).lanewise(ROR, 8);
            v13 = v13.lanewise(XOR, v1).lanewise(ROR, 8);
            v14 = v14.lanewise(XOR, v2).lanewise(ROR, 8);
            v15 = v15.lanewise(XOR, v3).lanewise(ROR, 8);
            v8 = v8.add(v12);
            v9 = v9.add(v13);
            v10 = v10.add(v14);
            v11 = v11.add(v15);
            v4 = v4.lanewise(XOR, v8).lanewise(ROR, 7);
            v5 = v5.lanewise(XOR, v9).lanewise(ROR, 7);
            v6 = v6.lanewise(XOR, v10).lanewise(ROR, 7);
            v7 = v7.lanewise(XOR, v11).lanewise(ROR, 7);
            v0 = v0.add(IntVector.fromArray(LANES, m, block + ORDERS[r + 8])).add(v5);
            v1 = v1.add(IntVector.fromArray(LANES, m, block + ORDERS[r + 10])).add(v6);
            v2 = v2.add(IntVector.fromArray(LANES, m, block + ORDERS[r + 12])).add(v7);
            v3 = v3.add(IntVector.fromArray(LANES, m, block + ORDERS[r + 14])).add(v4);
            v15 = v15.lanewise(XOR, v0).lanewise(ROR, 16);
            v12 = v12.lanewise(XOR, v1).lanewise(ROR, 16);
            v13 = v13.lanewise(XOR, v2).lanewise(ROR, 16);
            v14 = v14.lanewise(XOR, v3).lanewise(ROR, 16);
            v10 = v10.add(v15);
            v11 = v11.add(v12);
            v8 = v8.add(v13);
            v9 = v9.add(v14);
            v5 = v5.lanewise(XOR, v10).lanewise(ROR, 12);
            v6 = v6.lanewise(XOR, v11).lanewise(ROR, 12);
            v7 = v7.lanewise(XOR, v8).lanewise(ROR, 12);
            v4 = v4.lanewise(XOR, v9).lanewise(ROR, 12);
            v0 = v0.add(IntVector.fromArray(LANES, m, block + ORDERS[r + 9])).add(v5);
            v1 = v1.add(IntVector.fromArray(LANES, m, block + ORDERS[r + 11])).add(v6);
            v2 = v2.add(IntVector.fromArray(LANES, m, block + ORDERS[r + 13])).add(v7);
            v3 = v3.add(IntVector.fromArray(LANES, m, block + ORDERS[r + 15])).add(v4);
            v15 = v15.lanewise(XOR, v0).lanewise(ROR, 8);
            v12 = v12.lanewise(XOR, v1).lanewise(ROR, 8);
            v13 = v13.lanewise(XOR, v2).lanewise(ROR, 8);
            v14 = v14.lanewise(XOR, v3).lanewise(ROR, 8);
            v10 = v10.add(v15);
            v11 = v11.add(v12);
            v8 = v8.add(v13);
            v9 = v9.add(v14);
            v5 = v5.lanewise(XOR, v10).lanewise(ROR, 7);
            v6 = v6.lanewise(XOR, v11).lanewise(ROR, 7);
            v7 = v7.lanewise(XOR, v8).lanewise(ROR, 7);
            v4 = v4.lanewise(XOR, v9).lanewise(ROR, 7);
        }
        v0.lanewise(XOR, v8).intoArray(to, 0 * WIDTH);
        v1.lanewise(XOR, v9).intoArray(to, 1 * WIDTH);
        v2.lanewise(XOR, v10).intoArray(to, 2 * WIDTH);
        v3.lanewise(XOR, v11).intoArray(to, 3 * WIDTH);
        v4.lanewise(XOR, v12).intoArray(to, 4 * WIDTH);
        v5.lanewise(XOR, v13).intoArray(to, 5 * WIDTH);
        v6.lanewise(XOR, v14).intoArray(to, 6 * WIDTH);
        v7.lanewise(XOR, v15).intoArray(to, 7 * WIDTH);
    }
}
