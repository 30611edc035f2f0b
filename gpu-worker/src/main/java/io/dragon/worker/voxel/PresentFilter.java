package io.dragon.worker.voxel;

import java.util.Arrays;
import org.agrona.DirectBuffer;

/**
 * Tells where a moving thing is from where it was. A difference of two frames shows both places, and only the rim of a
 * thing that moved less than its own size; votes for the old place pull the result back, and rims pull it sideways.
 *
 * <p>Changed pixels are grouped by the tiles they lie in. The median luma of the frame around a group is its background,
 * when most of that frame agrees with it. Then the group becomes the pixels that are connected with a changed one and
 * differ from the background now. A group on a background that is not plain stays as it is.
 */
final class PresentFilter {
    private static final int TILE_SHIFT = 4;
    private static final int TILE = 1 << TILE_SHIFT;
    private static final int TILES_OF_WORD = 64 / TILE;
    private static final long TILE_BITS = (1L << TILE) - 1;
    private static final int MARGIN = 6;
    private static final int PLAIN_PARTS = 4;

    private final Flood flood = new Flood();
    private int width;
    private int height;
    private int words;
    private int tilesAcross;
    private int tilesDown;
    /** Per tile: 0 untouched, -1 with changed pixels that have no group yet, otherwise 1 + number of its group. */
    private int[] groups = new int[0];

    private int[] stack = new int[64];
    private int[] members = new int[64];
    private int[] backgrounds = new int[16];
    private final int[] histogram = new int[256];
    /** All zero between masks, unless the one before was broken off. */
    private long[] kept = new long[0];

    private boolean[] keptRows = new boolean[0];
    private boolean isBroken;
    private int left;
    private int top;
    private int right;
    private int bottom;

    /**
     * Replace the mask by what is present. The rule's threshold tells a pixel from the background too.
     *
     * @param counts pixels of each row, before and after
     */
    void keepPresent(
            final long[] bits,
            final int[] counts,
            final int newWidth,
            final int newHeight,
            final int threshold,
            final PixelFormat format,
            final DirectBuffer current) {
        width = newWidth;
        height = newHeight;
        words = Bits.wordsPerRow(newWidth);
        prepare(bits, counts);
        isBroken = true;
        flood.begin(newWidth, newHeight, threshold, format, current, kept, keptRows, groups);
        int group = 0;
        for (int tile = 0; tile < tilesAcross * tilesDown; tile++) {
            if (groups[tile] == -1) {
                if (group == backgrounds.length) {
                    backgrounds = Arrays.copyOf(backgrounds, 2 * group);
                }
                final int tiles = collect(tile, group + 1, bits);
                backgrounds[group] = background(threshold, format, current);
                keep(tiles, group, bits);
                group++;
            }
        }
        take(bits, counts);
        isBroken = false;
    }

    /** The background of the group that a tile of the mask belongs to; -1 where it is not plain or unknown. */
    int background(final int x, final int y) {
        final int group = groups[(y >>> TILE_SHIFT) * tilesAcross + (x >>> TILE_SHIFT)];
        return group > 0 ? backgrounds[group - 1] : -1;
    }

    private void prepare(final long[] bits, final int[] counts) {
        tilesAcross = width + TILE - 1 >>> TILE_SHIFT;
        tilesDown = height + TILE - 1 >>> TILE_SHIFT;
        if (groups.length < tilesAcross * tilesDown) {
            groups = new int[tilesAcross * tilesDown];
        }
        if (kept.length < words * height) {
            kept = new long[words * height];
        }
        if (keptRows.length < height) {
            keptRows = new boolean[height];
        }
        if (isBroken) {
            Arrays.fill(kept, 0);
            Arrays.fill(keptRows, false);
        }
        Arrays.fill(groups, 0, tilesAcross * tilesDown, 0);
        for (int y = 0; y < height; y++) {
            for (int i = 0; counts[y] > 0 && i < words; i++) {
                long word = bits[y * words + i];
                for (int tile = tile(y, i); word != 0; word >>>= TILE, tile++) {
                    if ((word & TILE_BITS) != 0) {
                        groups[tile] = -1;
                    }
                }
            }
        }
    }

    private int tile(final int y, final int word) {
        return (y >>> TILE_SHIFT) * tilesAcross + word * TILES_OF_WORD;
    }

    /** Gather all tiles that touch, and the box around their changed pixels. */
    private int collect(final int first, final int group, final long[] bits) {
        left = width;
        top = height;
        right = 0;
        bottom = 0;
        int tiles = 0;
        int depth = 0;
        groups[first] = group;
        stack[depth++] = first;
        while (depth > 0) {
            final int tile = stack[--depth];
            final int tileX = tile % tilesAcross;
            final int tileY = tile / tilesAcross;
            members = ensure(members, tiles);
            members[tiles++] = tile;
            widen(tileX, tileY, bits);
            for (int y = Math.max(tileY - 1, 0); y <= Math.min(tileY + 1, tilesDown - 1); y++) {
                for (int x = Math.max(tileX - 1, 0); x <= Math.min(tileX + 1, tilesAcross - 1); x++) {
                    if (groups[y * tilesAcross + x] == -1) {
                        groups[y * tilesAcross + x] = group;
                        stack = ensure(stack, depth);
                        stack[depth++] = y * tilesAcross + x;
                    }
                }
            }
        }
        left = Math.max(left - MARGIN, 0);
        top = Math.max(top - MARGIN, 0);
        right = Math.min(right + MARGIN, width - 1);
        bottom = Math.min(bottom + MARGIN, height - 1);
        return tiles;
    }

    /** The box holds the changed pixels of a tile too. */
    private void widen(final int tileX, final int tileY, final long[] bits) {
        final int y0 = tileY << TILE_SHIFT;
        long columns = 0;
        for (int y = y0; y < Math.min(y0 + TILE, height); y++) {
            final long row = row(tileX, y, bits);
            if (row != 0) {
                columns |= row;
                top = Math.min(top, y);
                bottom = Math.max(bottom, y);
            }
        }
        left = Math.min(left, (tileX << TILE_SHIFT) + Long.numberOfTrailingZeros(columns));
        right = Math.max(right, (tileX << TILE_SHIFT) + 63 - Long.numberOfLeadingZeros(columns));
    }

    private long row(final int tileX, final int y, final long[] bits) {
        return bits[y * words + tileX / TILES_OF_WORD] >>> (tileX << TILE_SHIFT) & TILE_BITS;
    }

    private static int[] ensure(final int[] array, final int index) {
        return index < array.length ? array : Arrays.copyOf(array, 2 * array.length);
    }

    /** Median luma along the edge of the box, or -1 when too much of the edge differs from it. */
    private int background(final int threshold, final PixelFormat format, final DirectBuffer current) {
        Arrays.fill(histogram, 0);
        int edge = 0;
        for (int x = left; x <= right; x++) {
            histogram[format.luma(current, top * width + x)]++;
            histogram[format.luma(current, bottom * width + x)]++;
            edge += 2;
        }
        for (int y = top + 1; y < bottom; y++) {
            histogram[format.luma(current, y * width + left)]++;
            histogram[format.luma(current, y * width + right)]++;
            edge += 2;
        }
        int median = 0;
        for (int seen = histogram[0]; seen <= edge / 2 && median < 255; seen += histogram[median]) {
            median++;
        }
        int differing = 0;
        for (int luma = 0; luma < 256; luma++) {
            differing += Math.abs(luma - median) > threshold ? histogram[luma] : 0;
        }
        return differing * PLAIN_PARTS > edge ? -1 : median;
    }

    /** The changed pixels of a group, or what they flood within the box. */
    private void keep(final int tiles, final int group, final long[] bits) {
        if (backgrounds[group] >= 0) {
            flood.box(left, top, right, bottom, backgrounds[group], group + 1);
        }
        for (int i = 0; i < tiles; i++) {
            final int tileX = members[i] % tilesAcross;
            final int y0 = members[i] / tilesAcross << TILE_SHIFT;
            final int word = tileX / TILES_OF_WORD;
            for (int y = y0; y < Math.min(y0 + TILE, height); y++) {
                final long changed = row(tileX, y, bits) << (tileX << TILE_SHIFT);
                if (changed == 0) {
                    continue;
                }
                if (backgrounds[group] < 0) {
                    kept[y * words + word] |= changed;
                    keptRows[y] = true;
                } else {
                    // Its neighbours too: what moves by less than a pixel may only have left one at its rim.
                    flood.around(y, word, changed);
                }
            }
        }
    }

    private void take(final long[] bits, final int[] counts) {
        for (int y = 0; y < height; y++) {
            if (keptRows[y]) {
                System.arraycopy(kept, y * words, bits, y * words, words);
                Arrays.fill(kept, y * words, (y + 1) * words, 0);
                counts[y] = Bits.count(bits, y * words, words);
                keptRows[y] = false;
            } else if (counts[y] > 0) {
                Arrays.fill(bits, y * words, (y + 1) * words, 0);
                counts[y] = 0;
            }
        }
    }
}
