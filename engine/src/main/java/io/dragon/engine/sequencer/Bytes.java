package io.dragon.engine.sequencer;

/** Byte arrays of a few sizes, used again and again. */
final class Bytes {
    static final byte[] NONE = new byte[0];
    private static final int SMALLEST_SHIFT = 5;
    private static final int CLASSES = 7;

    private final byte[][][] free = new byte[CLASSES][16][];
    private final int[] count = new int[CLASSES];

    byte[] take(final int length) {
        if (length == 0) {
            return NONE;
        }
        final int index = index(length);
        if (count[index] == 0) {
            return new byte[1 << (index + SMALLEST_SHIFT)];
        }
        return free[index][--count[index]];
    }

    void give(final byte[] bytes) {
        if (bytes.length == 0) {
            return;
        }
        final int index = index(bytes.length);
        if (count[index] == free[index].length) {
            free[index] = java.util.Arrays.copyOf(free[index], 2 * count[index]);
        }
        free[index][count[index]++] = bytes;
    }

    private static int index(final int length) {
        return Math.max(0, 32 - Integer.numberOfLeadingZeros(length - 1) - SMALLEST_SHIFT);
    }
}
