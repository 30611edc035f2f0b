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

    static int count(final long[] bits, final int words) {
        int count = 0;
        for (int i = 0; i < words; i++) {
            count += Long.bitCount(bits[i]);
        }
        return count;
    }

    static void invert(final long[] bits, final int width, final int height) {
        final int words = wordsPerRow(width);
        for (int y = 0; y < height; y++) {
            for (int i = 0; i < words; i++) {
                bits[y * words + i] = ~bits[y * words + i] & (i == words - 1 ? lastWord(width) : -1L);
            }
        }
    }

    /**
     * Every pixel within a disc of a set one is set. A row is widened once for each width that the disc needs, and OR-ed
     * into the rows that see it at that width. What lies outside the picture is not set.
     *
     * @param scratch two rows
     */
    static void dilate(
            final long[] from,
            final long[] to,
            final int width,
            final int height,
            final int radius,
            final long[] scratch) {
        final int words = wordsPerRow(width);
        java.util.Arrays.fill(to, 0, words * height, 0);
        for (int y = 0; y < height; y++) {
            if (isEmpty(from, y * words, words)) {
                continue;
            }
            int reach = -1;
            for (int dy = radius; dy >= 0; dy--) {
                final int needed = halfWidth(radius, dy);
                if (reach < 0) {
                    System.arraycopy(from, y * words, scratch, 0, words);
                    reach = 0;
                }
                for (; reach < needed; reach++) {
                    widen(scratch, words);
                }
                orRow(scratch, to, y - dy, words, width, height);
                if (dy > 0) {
                    orRow(scratch, to, y + dy, words, width, height);
                }
            }
        }
    }

    private static int halfWidth(final int radius, final int dy) {
        return (int) Math.sqrt((double) (radius * radius - dy * dy));
    }

    private static boolean isEmpty(final long[] bits, final int begin, final int words) {
        for (int i = begin; i < begin + words; i++) {
            if (bits[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static void widen(final long[] row, final int words) {
        long before = 0;
        for (int i = 0; i < words; i++) {
            final long here = row[i];
            final long after = i + 1 < words ? row[i + 1] : 0;
            row[i] = here | here << 1 | before >>> 63 | here >>> 1 | after << 63;
            before = here;
        }
    }

    private static void orRow(
            final long[] row, final long[] to, final int y, final int words, final int width, final int height) {
        if (y < 0 || y >= height) {
            return;
        }
        for (int i = 0; i < words; i++) {
            to[y * words + i] |= row[i];
        }
        to[y * words + words - 1] &= lastWord(width);
    }
}
