package io.dragon.worker.hash;

/**
 * The BLAKE3 compression function, one message block at a time.
 *
 * <p>The rounds form a loop over sixteen local message words that change places, because that is what the compiler keeps in
 * registers best: it is faster than seven rounds written out.
 */
final class Compression {
    static final int CHUNK_LENGTH = 1024;
    static final int BLOCK_LENGTH = 64;
    static final int CHUNK_START = 1;
    static final int CHUNK_END = 2;
    static final int PARENT = 4;
    static final int ROOT = 8;

    static final int IV_0 = 0x6A09E667;
    static final int IV_1 = 0xBB67AE85;
    static final int IV_2 = 0x3C6EF372;
    static final int IV_3 = 0xA54FF53A;
    static final int IV_4 = 0x510E527F;
    static final int IV_5 = 0x9B05688C;
    static final int IV_6 = 0x1F83D9AB;
    static final int IV_7 = 0x5BE0CD19;

    private static final int ROUNDS = 7;

    private Compression() {}

    static void initialise(final int[] cv, final int offset) {
        cv[offset] = IV_0;
        cv[offset + 1] = IV_1;
        cv[offset + 2] = IV_2;
        cv[offset + 3] = IV_3;
        cv[offset + 4] = IV_4;
        cv[offset + 5] = IV_5;
        cv[offset + 6] = IV_6;
        cv[offset + 7] = IV_7;
    }

    /** Compresses the sixteen words of {@code m} into the chaining value that lies at {@code offset} of {@code cv}. */
    static void compress(
            final int[] cv, final int offset, final int[] m, final long counter, final int length, final int flags) {
        int v0 = cv[offset + 0];
        int v1 = cv[offset + 1];
        int v2 = cv[offset + 2];
        int v3 = cv[offset + 3];
        int v4 = cv[offset + 4];
        int v5 = cv[offset + 5];
        int v6 = cv[offset + 6];
        int v7 = cv[offset + 7];
        int v8 = IV_0;
        int v9 = IV_1;
        int v10 = IV_2;
        int v11 = IV_3;
        int v12 = (int) counter;
        int v13 = (int) (counter >>> 32);
        int v14 = length;
        int v15 = flags;
        int m0 = m[0];
        int m1 = m[1];
        int m2 = m[2];
        int m3 = m[3];
        int m4 = m[4];
        int m5 = m[5];
        int m6 = m[6];
        int m7 = m[7];
        int m8 = m[8];
        int m9 = m[9];
        int m10 = m[10];
        int m11 = m[11];
        int m12 = m[12];
        int m13 = m[13];
        int m14 = m[14];
        int m15 = m[15];
        for (int round = 1; ; round++) {
            v0 += v4 + m0;
            v12 = Integer.rotateRight(v12 ^ v0, 16);
            v8 += v12;
            v4 = Integer.rotateRight(v4 ^ v8, 12);
            v0 += v4 + m1;
            v12 = Integer.rotateRight(v12 ^ v0, 8);
            v8 += v12;
            v4 = Integer.rotateRight(v4 ^ v8, 7);
            v1 += v5 + m2;
            v13 = Integer.rotateRight(v13 ^ v1, 16);
            v9 += v13;
            v5 = Integer.rotateRight(v5 ^ v9, 12);
            v1 += v5 + m3;
            v13 = Integer.rotateRight(v13 ^ v1, 8);
            v9 += v13;
            v5 = Integer.rotateRight(v5 ^ v9, 7);
            v2 += v6 + m4;
            v14 = Integer.rotateRight(v14 ^ v2, 16);
            v10 += v14;
            v6 = Integer.rotateRight(v6 ^ v10, 12);
            v2 += v6 + m5;
            v14 = Integer.rotateRight(v14 ^ v2, 8);
            v10 += v14;
            v6 = Integer.rotateRight(v6 ^ v10, 7);
            v3 += v7 + m6;
            v15 = Integer.rotateRight(v15 ^ v3, 16);
            v11 += v15;
            v7 = Integer.rotateRight(v7 ^ v11, 12);
            v3 += v7 + m7;
            v15 = Integer.rotateRight(v15 ^ v3, 8);
            v11 += v15;
            v7 = Integer.rotateRight(v7 ^ v11, 7);
            v0 += v5 + m8;
            v15 = Integer.rotateRight(v15 ^ v0, 16);
            v10 += v15;
            v5 = Integer.rotateRight(v5 ^ v10, 12);
            v0 += v5 + m9;
            v15 = Integer.rotateRight(v15 ^ v0, 8);
            v10 += v15;
            v5 = Integer.rotateRight(v5 ^ v10, 7);
            v1 += v6 + m10;
            v12 = Integer.rotateRight(v12 ^ v1, 16);
            v11 += v12;
            v6 = Integer.rotateRight(v6 ^ v11, 12);
            v1 += v6 + m11;
            v12 = Integer.rotateRight(v12 ^ v1, 8);
            v11 += v12;
            v6 = Integer.rotateRight(v6 ^ v11, 7);
            v2 += v7 + m12;
            v13 = Integer.rotateRight(v13 ^ v2, 16);
            v8 += v13;
            v7 = Integer.rotateRight(v7 ^ v8, 12);
            v2 += v7 + m13;
            v13 = Integer.rotateRight(v13 ^ v2, 8);
            v8 += v13;
            v7 = Integer.rotateRight(v7 ^ v8, 7);
            v3 += v4 + m14;
            v14 = Integer.rotateRight(v14 ^ v3, 16);
            v9 += v14;
            v4 = Integer.rotateRight(v4 ^ v9, 12);
            v3 += v4 + m15;
            v14 = Integer.rotateRight(v14 ^ v3, 8);
            v9 += v14;
            v4 = Integer.rotateRight(v4 ^ v9, 7);
            if (round == ROUNDS) {
                break;
            }
            final int n0 = m2;
            final int n1 = m6;
            final int n2 = m3;
            final int n3 = m10;
            final int n4 = m7;
            final int n5 = m0;
            final int n6 = m4;
            final int n7 = m13;
            final int n8 = m1;
            final int n9 = m11;
            final int n10 = m12;
            final int n11 = m5;
            final int n12 = m9;
            final int n13 = m14;
            final int n14 = m15;
            final int n15 = m8;
            m0 = n0;
            m1 = n1;
            m2 = n2;
            m3 = n3;
            m4 = n4;
            m5 = n5;
            m6 = n6;
            m7 = n7;
            m8 = n8;
            m9 = n9;
            m10 = n10;
            m11 = n11;
            m12 = n12;
            m13 = n13;
            m14 = n14;
            m15 = n15;
        }
        cv[offset + 0] = v0 ^ v8;
        cv[offset + 1] = v1 ^ v9;
        cv[offset + 2] = v2 ^ v10;
        cv[offset + 3] = v3 ^ v11;
        cv[offset + 4] = v4 ^ v12;
        cv[offset + 5] = v5 ^ v13;
        cv[offset + 6] = v6 ^ v14;
        cv[offset + 7] = v7 ^ v15;
    }
}
