package io.dragon.worker.voxel;

import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.UnsafeApi;

/**
 * Spreads from pixels to their neighbours that differ from a background, within a box, 64 pixels at a time; it does not
 * pass pixels that were kept before. Which pixels differ is computed when it is first asked, a word at a time.
 */
final class Flood {
    private static final int TILE_SHIFT = 4;

    private final MaskLanes lanes = new LongLanes();
    private final byte[] plain = new byte[MaskLanes.WORD];
    private final long[] one = new long[1];
    private int width;
    private int words;
    private int threshold;
    private PixelFormat format;
    private DirectBuffer current;
    private long[] kept;
    private boolean[] keptRows;
    private int[] groups;
    private int left;
    private int top;
    private int right;
    private int bottom;
    private int background;
    private int group;
    /** Words of pixels that differ, and of which flood they are. */
    private long[] different = new long[0];

    private int[] differentOf = new int[0];
    private int number;
    private int[] places = new int[64];
    private long[] fresh = new long[64];
    private int depth;

    /** Begins a frame. Pixels that are kept are added, and their rows and groups noted. */
    void begin(
            final int newWidth,
            final int newHeight,
            final int newThreshold,
            final PixelFormat newFormat,
            final DirectBuffer newCurrent,
            final long[] newKept,
            final boolean[] newKeptRows,
            final int[] newGroups) {
        width = newWidth;
        words = Bits.wordsPerRow(newWidth);
        threshold = newThreshold;
        format = newFormat;
        current = newCurrent;
        kept = newKept;
        keptRows = newKeptRows;
        groups = newGroups;
        if (different.length < words * newHeight) {
            different = new long[words * newHeight];
            differentOf = new int[words * newHeight];
        }
    }

    /** Begins a flood. Tiles of no group become tiles of this one where it comes. */
    void box(
            final int newLeft,
            final int newTop,
            final int newRight,
            final int newBottom,
            final int newBackground,
            final int newGroup) {
        left = newLeft;
        top = newTop;
        right = newRight;
        bottom = newBottom;
        background = newBackground;
        group = newGroup;
        Arrays.fill(plain, (byte) newBackground);
        if (++number == Integer.MAX_VALUE) {
            Arrays.fill(differentOf, 0);
            number = 1;
        }
    }

    /** Floods from some pixels of a word and those around them. */
    void around(final int y, final int word, final long pixels) {
        spread(y, word, pixels);
        while (depth > 0) {
            depth--;
            final int place = places[depth];
            spread(place / words, place % words, fresh[depth]);
        }
    }

    private void spread(final int y, final int word, final long pixels) {
        final long wide = pixels | pixels << 1 | pixels >>> 1;
        for (int row = Math.max(y - 1, top); row <= Math.min(y + 1, bottom); row++) {
            visit(row, word, wide);
            if (pixels < 0) {
                visit(row, word + 1, 1L);
            }
            if ((pixels & 1) != 0) {
                visit(row, word - 1, Long.MIN_VALUE);
            }
        }
    }

    private void visit(final int y, final int word, final long pixels) {
        if (word < left >>> 6 || word > right >>> 6) {
            return;
        }
        final int place = y * words + word;
        final long candidates = pixels & ~kept[place];
        if (candidates == 0) {
            return;
        }
        final long open = different(place, y, word) & ~kept[place];
        if ((candidates & open) == 0) {
            return;
        }
        final long filled = fill(candidates & open, open);
        kept[place] |= filled;
        keptRows[y] = true;
        mark(y, word, filled);
        if (depth == places.length) {
            places = Arrays.copyOf(places, 2 * depth);
            fresh = Arrays.copyOf(fresh, 2 * depth);
        }
        places[depth] = place;
        fresh[depth++] = filled;
    }

    /** The runs of open pixels that hold one of the first; each step doubles how far it sees, to both sides. */
    private static long fill(final long first, final long open) {
        long filled = first;
        long up = open;
        long down = open;
        for (int step = 1; step < 64; step <<= 1) {
            filled |= up & filled << step | down & filled >>> step;
            up &= up << step;
            down &= down >>> step;
        }
        return filled;
    }

    private void mark(final int y, final int word, final long pixels) {
        final int across = width + (1 << TILE_SHIFT) - 1 >>> TILE_SHIFT;
        int tile = (y >>> TILE_SHIFT) * across + (word << 6 - TILE_SHIFT);
        for (long left = pixels; left != 0; left >>>= 1 << TILE_SHIFT, tile++) {
            if ((left & (1L << (1 << TILE_SHIFT)) - 1) != 0 && groups[tile] == 0) {
                groups[tile] = group;
            }
        }
    }

    private long different(final int place, final int y, final int word) {
        if (differentOf[place] != number) {
            differentOf[place] = number;
            long box = -1L;
            if (word == left >>> 6) {
                box &= -1L << left;
            }
            if (word == right >>> 6) {
                box &= -1L >>> ~right;
            }
            different[place] = format == PixelFormat.GREY8 && width >= 64 ? grey(y, word) & box : lumas(y, word, box);
        }
        return different[place];
    }

    /** The last word of a row is the upper part of the 64 pixels that end there. */
    private long grey(final int y, final int word) {
        final int over = Math.max((word + 1 << 6) - width, 0);
        current.boundsCheck(y * width + (word << 6) - over, MaskLanes.WORD);
        lanes.differing(
                current.byteArray(),
                current.addressOffset() + y * width + (word << 6) - over,
                plain,
                UnsafeApi.arrayBaseOffset(byte[].class),
                1,
                threshold,
                -1L,
                one,
                0);
        return one[0] >>> over;
    }

    private long lumas(final int y, final int word, final long box) {
        long result = 0;
        for (long rest = box; rest != 0; rest &= rest - 1) {
            final int bit = Long.numberOfTrailingZeros(rest);
            if (Math.abs(format.luma(current, y * width + (word << 6) + bit) - background) > threshold) {
                result |= 1L << bit;
            }
        }
        return result;
    }
}
