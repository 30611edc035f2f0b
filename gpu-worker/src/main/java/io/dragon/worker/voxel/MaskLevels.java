package io.dragon.worker.voxel;

/**
 * A mask and its OR-reduced levels: a cell of level L covers 2^L x 2^L pixels and is set when one of them is. Rows are
 * padded to 64 bits. Keeps its memory between masks.
 */
final class MaskLevels {
    static final int LEVELS = 12;
    /** A window of pixels is looked up in the level where it spans about so many cells at most. */
    private static final int WINDOW_CELLS = 8;

    private final long[][] levels = new long[LEVELS][];
    private final int[] words = new int[LEVELS];
    private int width;
    private int height;

    void load(final MaskFrame mask) {
        width = mask.width();
        height = mask.height();
        for (int level = 0; level < LEVELS; level++) {
            words[level] = Bits.wordsPerRow(cells(width, level));
            final int size = words[level] * cells(height, level);
            if (levels[level] == null || levels[level].length < size) {
                levels[level] = new long[size];
            }
        }
        final long lastWord = Bits.lastWord(width);
        for (int i = 0; i < words[0] * height; i++) {
            levels[0][i] = mask.word(i) & (i % words[0] == words[0] - 1 ? lastWord : -1L);
        }
        for (int level = 1; level < LEVELS; level++) {
            reduce(level);
        }
    }

    static int cells(final int pixels, final int level) {
        return pixels + (1 << level) - 1 >>> level;
    }

    private void reduce(final int level) {
        final long[] from = levels[level - 1];
        final long[] to = levels[level];
        final int fromWords = words[level - 1];
        final int fromRows = cells(height, level - 1);
        for (int y = 0; y < cells(height, level); y++) {
            final int first = 2 * y * fromWords;
            final int second = 2 * y + 1 < fromRows ? first + fromWords : first;
            for (int i = 0; i < words[level]; i++) {
                final long low = from[first + 2 * i] | from[second + 2 * i];
                final long high = 2 * i + 1 < fromWords ? from[first + 2 * i + 1] | from[second + 2 * i + 1] : 0;
                to[y * words[level] + i] = Bits.squeeze(low) | Bits.squeeze(high) << 32;
            }
        }
    }

    boolean contains(final double u, final double v) {
        return u >= -0.5 && v >= -0.5 && u < width - 0.5 && v < height - 0.5;
    }

    /** Whether the picture and a square around a point have anything in common. */
    boolean touches(final double u, final double v, final double half) {
        return u + half >= -0.5 && v + half >= -0.5 && u - half < width - 0.5 && v - half < height - 0.5;
    }

    /** Whether the picture holds a square around a point. */
    boolean covers(final double u, final double v, final double half) {
        return u - half >= -0.5 && v - half >= -0.5 && u + half < width - 0.5 && v + half < height - 0.5;
    }

    /** The pixel under a point of the picture. */
    boolean isSet(final double u, final double v) {
        final int x = (int) (u + 0.5);
        final int y = (int) (v + 0.5);
        return (levels[0][y * words[0] + (x >>> 6)] >>> x & 1) != 0;
    }

    /**
     * How much of a window is set: cells of the level that covers it, times their size.
     *
     * @return pixels, rounded up to whole cells; 0 only when no pixel of the window is set
     */
    int area(final double u, final double v, final double halfWidth, final double halfHeight) {
        final int left = (int) Math.max(u - halfWidth + 0.5, 0.0);
        final int right = (int) Math.min(u + halfWidth + 0.5, width - 1.0);
        final int top = (int) Math.max(v - halfHeight + 0.5, 0.0);
        final int bottom = (int) Math.min(v + halfHeight + 0.5, height - 1.0);
        if (right < left || bottom < top || u + halfWidth + 0.5 < 0 || v + halfHeight + 0.5 < 0) {
            return 0;
        }
        final int size = Math.max(right - left, bottom - top) / WINDOW_CELLS;
        final int level = Math.min(32 - Integer.numberOfLeadingZeros(size), LEVELS - 1);
        final long[] bits = levels[level];
        final int rowWords = words[level];
        final int firstBit = left >> level;
        final int lastBit = right >> level;
        final int firstWord = firstBit >>> 6;
        final int lastWord = lastBit >>> 6;
        final long firstMask = -1L << firstBit;
        final long lastMask = -1L >>> (63 - (lastBit & 63));
        int cells = 0;
        for (int y = top >> level; y <= bottom >> level; y++) {
            final int row = y * rowWords;
            for (int i = firstWord; i <= lastWord; i++) {
                final long word = bits[row + i] & (i == firstWord ? firstMask : -1L) & (i == lastWord ? lastMask : -1L);
                if (word != 0) {
                    cells += Long.bitCount(word);
                }
            }
        }
        return cells << 2 * level;
    }
}
