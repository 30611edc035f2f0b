package io.dragon.worker.voxel;

import java.util.Arrays;

/**
 * Dilation and erosion of a mask by discs. Only rows and words are looked at in which something is set, and those that a disc reaches from there.
 * A disc of {@link MaskRule#MAX_RADIUS} reaches into the next word and never further. What lies outside the picture is not set, and takes nothing from what is inside.
 */
final class Discs {
    private long[] scratch = new long[0];
    private int width;
    private int height;
    private int words;
    private int top;
    private int bottom;
    private int first;
    private int last;

    /** Finds where a mask has pixels: there are some. */
    void begin(final long[] bits, final int newWidth, final int newHeight) {
        width = newWidth;
        height = newHeight;
        words = Bits.wordsPerRow(newWidth);
        if (scratch.length < words) {
            scratch = new long[words];
        }
        top = height;
        bottom = -1;
        first = words;
        last = -1;
        for (int y = 0; y < height; y++) {
            for (int i = 0; i < words; i++) {
                if (bits[y * words + i] != 0) {
                    top = Math.min(top, y);
                    bottom = y;
                    first = Math.min(first, i);
                    last = Math.max(last, i);
                }
            }
        }
    }

    /** Every pixel within a disc of a set one is set. */
    void grow(final long[] from, final long[] to, final int radius) {
        Arrays.fill(to, 0, words * height, 0);
        final int fromTop = top;
        final int fromBottom = bottom;
        top = Math.max(top - radius, 0);
        bottom = Math.min(bottom + radius, height - 1);
        first = Math.max(first - 1, 0);
        last = Math.min(last + 1, words - 1);
        spread(from, to, radius, fromTop, fromBottom, first, last);
        clip(to);
    }

    /** Every pixel within a disc of one that is not set is not set. */
    void shrink(final long[] from, final long[] to, final int radius) {
        Arrays.fill(to, 0, words * height, 0);
        final int fromTop = Math.max(top - radius, 0);
        final int fromBottom = Math.min(bottom + radius, height - 1);
        final int left = Math.max(first - 1, 0);
        final int right = Math.min(last + 1, words - 1);
        for (int y = fromTop; y <= fromBottom; y++) {
            invert(from, y, left, right);
        }
        spread(from, to, radius, fromTop, fromBottom, left, right);
        for (int y = top; y <= bottom; y++) {
            invert(to, y, first, last);
        }
    }

    private void invert(final long[] bits, final int y, final int left, final int right) {
        for (int i = left; i <= right; i++) {
            bits[y * words + i] = ~bits[y * words + i] & (i == words - 1 ? Bits.lastWord(width) : -1L);
        }
    }

    private void clip(final long[] bits) {
        for (int y = top; y <= bottom; y++) {
            bits[y * words + words - 1] &= Bits.lastWord(width);
        }
    }

    /**
     * A row is widened once for each width that the disc needs, and OR-ed into the rows that see it at that width.
     * Rows and words beyond those where something is set now are left out.
     */
    private void spread(
            final long[] from,
            final long[] to,
            final int radius,
            final int fromTop,
            final int fromBottom,
            final int left,
            final int right) {
        for (int y = fromTop; y <= fromBottom; y++) {
            if (isEmpty(from, y, left, right)) {
                continue;
            }
            System.arraycopy(from, y * words + left, scratch, left, right - left + 1);
            int reach = 0;
            for (int dy = radius; dy >= 0; dy--) {
                for (final int needed = halfWidth(radius, dy); reach < needed; reach++) {
                    widen(left, right);
                }
                orRow(to, y - dy);
                if (dy > 0) {
                    orRow(to, y + dy);
                }
            }
        }
    }

    private static int halfWidth(final int radius, final int dy) {
        return (int) Math.sqrt((double) (radius * radius - dy * dy));
    }

    private boolean isEmpty(final long[] bits, final int y, final int left, final int right) {
        for (int i = left; i <= right; i++) {
            if (bits[y * words + i] != 0) {
                return false;
            }
        }
        return true;
    }

    private void widen(final int left, final int right) {
        long before = 0;
        for (int i = left; i <= right; i++) {
            final long here = scratch[i];
            final long after = i < right ? scratch[i + 1] : 0;
            scratch[i] = here | here << 1 | before >>> 63 | here >>> 1 | after << 63;
            before = here;
        }
    }

    private void orRow(final long[] to, final int y) {
        if (y < top || y > bottom) {
            return;
        }
        for (int i = first; i <= last; i++) {
            to[y * words + i] |= scratch[i];
        }
    }
}
