package io.dragon.worker.voxel;

import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.UnsafeApi;

/** The bits of a mask from frames, 64 pixels at a time, and how many there are in each row. One thread at a time. */
final class MaskBits {
    private static final int STRIP_WORDS = 64;
    private static final long ALL_BYTES = -1L;
    private static final long UPPER_BYTES = 0xFF00_FF00_FF00_FF00L;
    private static final long EIGHT_OF_RGB = 0xFF_FFFFL;
    /** What pixels are compared with that are compared with nothing. */
    private static final byte[] NOTHING = new byte[STRIP_WORDS * MaskLanes.WORD];

    private final MaskLanes lanes;
    private final long[] over = new long[STRIP_WORDS + 1];
    private final long[] last = new long[1];
    private PixelFormat format;
    private int threshold;
    private DirectBuffer frame;
    private DirectBuffer compared;
    private Object base;
    private long address;
    private Object otherBase;
    private long otherAddress;
    private float calm;

    MaskBits(final MaskLanes lanes) {
        this.lanes = lanes;
    }

    /** What compares bytes, in words. */
    String description() {
        return lanes.description();
    }

    /**
     * Makes the bits.
     *
     * @param newCompared as long as the frame; null: pixels are compared with 0
     * @param bits        rows padded to words; all are written
     * @param counts      receives the pixels of each row
     */
    void make(
            final PixelFormat newFormat,
            final int newThreshold,
            final int width,
            final int height,
            final DirectBuffer newFrame,
            final DirectBuffer newCompared,
            final long[] bits,
            final int[] counts) {
        begin(newFormat, newThreshold, width * height, newFrame, newCompared);
        final int words = Bits.wordsPerRow(width);
        final int whole = width >>> 6;
        final int rest = width & 63;
        final int rows = rest == 0 ? Math.max(1, STRIP_WORDS / words) : 1;
        for (int y = 0; y < height; y += rows) {
            final int some = Math.min(rows, height - y);
            final int found = whole == 0 ? 0 : compare(y * width, whole * some, bits, y * words);
            if (some == 1) {
                counts[y] = found + (rest == 0 ? 0 : endOfRow(y * width, width, rest, bits, y * words + whole));
            } else if (found == 0) {
                Arrays.fill(counts, y, y + some, 0);
            } else {
                for (int row = y; row < y + some; row++) {
                    counts[row] = Bits.count(bits, row * words, words);
                }
            }
        }
    }

    private void begin(
            final PixelFormat newFormat,
            final int newThreshold,
            final int pixels,
            final DirectBuffer newFrame,
            final DirectBuffer newCompared) {
        newFrame.boundsCheck(0, pixels * newFormat.bytesPerPixel());
        format = newFormat;
        threshold = newThreshold;
        frame = newFrame;
        compared = newCompared;
        base = newFrame.byteArray();
        address = newFrame.addressOffset();
        if (newCompared != null) {
            newCompared.boundsCheck(0, pixels * newFormat.bytesPerPixel());
            otherBase = newCompared.byteArray();
            otherAddress = newCompared.addressOffset();
        }
        calm = newCompared == null ? -1 : (newThreshold - 1) / 255.0f * 0.9999f;
    }

    /** The last pixels of a row are the upper ones of the 64 that end there. */
    private int endOfRow(final int row, final int width, final int rest, final long[] bits, final int at) {
        long word = 0;
        if (width >= 64) {
            compare(row + width - 64, 1, last, 0);
            word = last[0] >>> 64 - rest;
        } else {
            for (int x = 0; x < width; x++) {
                word |= (isOver(row + x) ? 1L : 0L) << x;
            }
        }
        bits[at] = word;
        return Long.bitCount(word);
    }

    private int compare(final int pixel, final int words, final long[] bits, final int at) {
        return switch (format) {
            case GREY8 -> grey(pixel, words, bits, at);
            case RGB8 -> rgb(pixel, words, bits, at);
            case RGB32F -> floats(pixel, words, bits, at);
            default -> grey16(pixel, words, bits, at);
        };
    }

    private int bytes(final int first, final int words, final long kept, final long[] bits, final int at) {
        return compared == null
                ? lanes.differing(
                        base,
                        address + first,
                        NOTHING,
                        UnsafeApi.arrayBaseOffset(byte[].class),
                        words,
                        threshold,
                        kept,
                        bits,
                        at)
                : lanes.differing(
                        base, address + first, otherBase, otherAddress + first, words, threshold, kept, bits, at);
    }

    private int grey(final int pixel, final int words, final long[] bits, final int at) {
        int count = 0;
        for (int i = 0; i < words; i += STRIP_WORDS) {
            count += bytes(pixel + (i << 6), Math.min(STRIP_WORDS, words - i), ALL_BYTES, bits, at + i);
        }
        return count;
    }

    /** The upper byte of each pixel is its luma. */
    private int grey16(final int pixel, final int words, final long[] bits, final int at) {
        int count = 0;
        for (int i = 0; i < words; i += STRIP_WORDS / 2) {
            final int some = Math.min(STRIP_WORDS / 2, words - i);
            final int found = bytes(2 * (pixel + (i << 6)), 2 * some, UPPER_BYTES, over, 0);
            for (int k = 0; k < some; k++) {
                bits[at + i + k] = found == 0 ? 0 : Bits.squeeze(over[2 * k]) | Bits.squeeze(over[2 * k + 1]) << 32;
            }
            count += found;
        }
        return count;
    }

    /** Luma differs by no more than its channels do, so pixels without a channel over the threshold need no luma. */
    private int rgb(final int pixel, final int words, final long[] bits, final int at) {
        int count = 0;
        for (int i = 0; i < words; i += STRIP_WORDS / 3) {
            final int some = Math.min(STRIP_WORDS / 3, words - i);
            final int first = pixel + (i << 6);
            final int found = bytes(3 * first, 3 * some, ALL_BYTES, over, 0);
            for (int k = 0; k < some; k++) {
                final long word = found == 0 || (over[3 * k] | over[3 * k + 1] | over[3 * k + 2]) == 0
                        ? 0
                        : lumas(first + (k << 6), 192 * k);
                bits[at + i + k] = word;
                count += Long.bitCount(word);
            }
        }
        return count;
    }

    private long lumas(final int pixel, final int firstByte) {
        long word = 0;
        for (int i = 0; i < 64; i += 8) {
            final int at = firstByte + 3 * i;
            final int within = at & 63;
            final long begun = over[at >>> 6] >>> within;
            final long eight = within > 40 ? begun | over[(at >>> 6) + 1] << 64 - within : begun;
            if ((eight & EIGHT_OF_RGB) != 0) {
                for (int k = i; k < i + 8; k++) {
                    word |= (isOver(pixel + k) ? 1L : 0L) << k;
                }
            }
        }
        return word;
    }

    /** Rounding to bytes adds less than one step, so a pixel whose channels differ by less than threshold - 1 is not over. */
    private int floats(final int pixel, final int words, final long[] bits, final int at) {
        int count = 0;
        for (int i = 0; i < words; i++) {
            final int first = pixel + (i << 6);
            long word = 0;
            for (int k = 0; k < 64; k++) {
                if (!isCalm(12 * (first + k)) && isOver(first + k)) {
                    word |= 1L << k;
                }
            }
            bits[at + i] = word;
            count += Long.bitCount(word);
        }
        return count;
    }

    private boolean isCalm(final int at) {
        return calm > 0 && isNear(at) && isNear(at + 4) && isNear(at + 8);
    }

    private boolean isNear(final int at) {
        return Math.abs(UnsafeApi.getFloat(base, address + at) - UnsafeApi.getFloat(otherBase, otherAddress + at))
                < calm;
    }

    private boolean isOver(final int index) {
        final int luma = format.luma(frame, index);
        return (compared == null ? luma : Math.abs(luma - format.luma(compared, index))) > threshold;
    }
}
