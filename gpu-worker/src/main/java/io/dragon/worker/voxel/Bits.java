package io.dragon.worker.voxel;

/** Operations on a picture of one bit a pixel, rows padded to 64 bits; the padding bits are always zero. */
final class Bits {
    private Bits() {}

    static int wordsPerRow(final int width) {
        return (width + 63) >>> 6;
    }

    /** The bits of the last word of a row that are pixels. */
    static long lastWord(final int width) {
        return -1L >>> (-width & 63);
    }

    static int count(final long[] bits, final int first, final int words) {
        int count = 0;
        for (int i = first; i < first + words; i++) {
            count += Long.bitCount(bits[i]);
        }
        return count;
    }

    /** Bit i of the result is bit 2i or bit 2i + 1 of the word. */
    static long squeeze(final long word) {
        if (word == 0) {
            return 0;
        }
        long x = (word | word >>> 1) & 0x5555_5555_5555_5555L;
        x = (x | x >>> 1) & 0x3333_3333_3333_3333L;
        x = (x | x >>> 2) & 0x0F0F_0F0F_0F0F_0F0FL;
        x = (x | x >>> 4) & 0x00FF_00FF_00FF_00FFL;
        x = (x | x >>> 8) & 0x0000_FFFF_0000_FFFFL;
        return (x | x >>> 16) & 0xFFFF_FFFFL;
    }
}
