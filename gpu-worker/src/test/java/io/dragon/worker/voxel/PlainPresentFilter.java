package io.dragon.worker.voxel;

import java.util.Arrays;
import org.agrona.DirectBuffer;

/** What {@link PresentFilter} does, pixel by pixel. */
final class PlainPresentFilter {
    private static final int TILE_SHIFT = 4;
    private static final int MARGIN = 6;
    private static final int PLAIN_PARTS = 4;

    private int width;
    private int height;
    private int words;
    private int tilesAcross;
    private int tilesDown;
    /** Per tile: 0 untouched, otherwise 1 + number of its group. */
    private int[] groups = new int[0];

    private int[] stack = new int[64];
    private int[] pixels = new int[64];
    private int[] backgrounds = new int[16];
    private final int[] histogram = new int[256];
    private long[] kept = new long[0];
    private int left;
    private int top;
    private int right;
    private int bottom;

    /** Replace the mask by what is present. The rule's threshold tells a pixel from the background too. */
    void keepPresent(
            final long[] bits,
            final int newWidth,
            final int newHeight,
            final int threshold,
            final PixelFormat format,
            final DirectBuffer current) {
        width = newWidth;
        height = newHeight;
        words = Bits.wordsPerRow(newWidth);
        prepare(bits);
        int group = 0;
        for (int tile = 0; tile < tilesAcross * tilesDown; tile++) {
            if (groups[tile] == -1) {
                if (group == backgrounds.length) {
                    backgrounds = Arrays.copyOf(backgrounds, 2 * group);
                }
                final int changed = collect(tile, group + 1, bits);
                final int background = background(threshold, format, current);
                backgrounds[group] = background;
                keep(changed, background, threshold, format, current);
                group++;
            }
        }
        System.arraycopy(kept, 0, bits, 0, words * height);
    }

    /** The background of the group that a pixel of the mask belongs to; -1 where it is not plain or unknown. */
    int background(final int x, final int y) {
        final int group = groups[(y >>> TILE_SHIFT) * tilesAcross + (x >>> TILE_SHIFT)];
        return group > 0 ? backgrounds[group - 1] : -1;
    }

    private void prepare(final long[] bits) {
        tilesAcross = width + (1 << TILE_SHIFT) - 1 >>> TILE_SHIFT;
        tilesDown = height + (1 << TILE_SHIFT) - 1 >>> TILE_SHIFT;
        if (groups.length < tilesAcross * tilesDown) {
            groups = new int[tilesAcross * tilesDown];
        }
        if (kept.length < words * height) {
            kept = new long[words * height];
        }
        Arrays.fill(groups, 0, tilesAcross * tilesDown, 0);
        Arrays.fill(kept, 0, words * height, 0);
        for (int y = 0; y < height; y++) {
            for (int i = 0; i < words; i++) {
                for (long word = bits[y * words + i]; word != 0; word &= word - 1) {
                    final int x = (i << 6) + Long.numberOfTrailingZeros(word);
                    groups[(y >>> TILE_SHIFT) * tilesAcross + (x >>> TILE_SHIFT)] = -1;
                }
            }
        }
    }

    /** Gather the changed pixels of all tiles that touch, and the box around them. */
    private int collect(final int first, final int group, final long[] bits) {
        left = width;
        top = height;
        right = 0;
        bottom = 0;
        int changed = 0;
        int depth = 0;
        groups[first] = group;
        stack[depth++] = first;
        while (depth > 0) {
            final int tile = stack[--depth];
            final int tileX = tile % tilesAcross;
            final int tileY = tile / tilesAcross;
            changed = changedOfTile(tileX << TILE_SHIFT, tileY << TILE_SHIFT, bits, changed);
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
        return changed;
    }

    private int changedOfTile(final int x0, final int y0, final long[] bits, final int before) {
        int changed = before;
        for (int y = y0; y < Math.min(y0 + (1 << TILE_SHIFT), height); y++) {
            long word = bits[y * words + (x0 >>> 6)] >>> x0 & (1L << (1 << TILE_SHIFT)) - 1;
            for (; word != 0; word &= word - 1) {
                final int x = x0 + Long.numberOfTrailingZeros(word);
                pixels = ensure(pixels, changed);
                pixels[changed++] = y << 16 | x;
                left = Math.min(left, x);
                right = Math.max(right, x);
                top = Math.min(top, y);
                bottom = Math.max(bottom, y);
            }
        }
        return changed;
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

    /** Flood from the changed pixels that differ from the background, within the box. */
    private void keep(
            final int changed,
            final int background,
            final int threshold,
            final PixelFormat format,
            final DirectBuffer current) {
        int depth = 0;
        for (int i = 0; i < changed; i++) {
            final int x = pixels[i] & 0xFFFF;
            final int y = pixels[i] >>> 16;
            if (background < 0) {
                kept[y * words + (x >>> 6)] |= 1L << x;
            } else {
                // Its neighbours too: what moves by less than a pixel may only have left one at its rim.
                depth = visitAround(x, y, background, threshold, format, current, depth);
            }
        }
        while (depth > 0) {
            final int pixel = stack[--depth];
            depth = visitAround(pixel & 0xFFFF, pixel >>> 16, background, threshold, format, current, depth);
        }
    }

    private int visitAround(
            final int x,
            final int y,
            final int background,
            final int threshold,
            final PixelFormat format,
            final DirectBuffer current,
            final int before) {
        int depth = before;
        for (int ny = Math.max(y - 1, top); ny <= Math.min(y + 1, bottom); ny++) {
            for (int nx = Math.max(x - 1, left); nx <= Math.min(x + 1, right); nx++) {
                depth = visit(nx, ny, background, threshold, format, current, depth);
            }
        }
        return depth;
    }

    private int visit(
            final int x,
            final int y,
            final int background,
            final int threshold,
            final PixelFormat format,
            final DirectBuffer current,
            final int depth) {
        final int word = y * words + (x >>> 6);
        if ((kept[word] >>> x & 1) != 0 || Math.abs(format.luma(current, y * width + x) - background) <= threshold) {
            return depth;
        }
        kept[word] |= 1L << x;
        final int tile = (y >>> TILE_SHIFT) * tilesAcross + (x >>> TILE_SHIFT);
        if (groups[tile] == 0) {
            groups[tile] =
                    groups[(pixels[0] >>> 16 >>> TILE_SHIFT) * tilesAcross + ((pixels[0] & 0xFFFF) >>> TILE_SHIFT)];
        }
        stack = ensure(stack, depth);
        stack[depth] = pixel(x, y);
        return depth + 1;
    }

    private static int pixel(final int x, final int y) {
        return y << 16 | x;
    }
}
