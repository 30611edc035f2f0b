package io.dragon.worker.voxel;

import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Makes masks. Keeps its working memory between frames, so that the second frame of a size allocates nothing.
 * One thread at a time.
 */
public final class Masker {
    private static final long HIGH = 0x8000_8000_8000_8000L;
    private static final long LOW_BYTES = 0x00FF_00FF_00FF_00FFL;
    private static final long BYTE_OVERFLOW = 0x0100_0100_0100_0100L;
    private static final long ONES = 0x0001_0001_0001_0001L;
    private static final long GATHER = 0x0102_0408_1020_4080L;

    private final UnsafeBuffer current = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer reference = new UnsafeBuffer(0, 0);
    private final PresentFilter presentFilter = new PresentFilter();
    private MaskRule rule;
    private PixelFormat format;
    private int width;
    private int height;
    private int words;
    private boolean hasReference;
    private long[] bits = new long[0];
    private long[] otherBits = new long[0];
    private long[] rowScratch = new long[0];
    private int count;
    private boolean listPresent;
    private boolean filtered;

    /** A mask that was made elsewhere; null when the bits are here. */
    private DirectBuffer made;

    private DirectBuffer madeList;
    private int madeBitsAt;
    private int madeListAt;
    private int madeWeightsAt;

    /** A maker of masks without working memory yet. */
    public Masker() {}

    /**
     * Make the mask of a frame; it stays here until the next one.
     *
     * @param newRule         what a pixel must do
     * @param newFormat       of both frames
     * @param newWidth        of both frames, pixels
     * @param newHeight       of both frames, pixels
     * @param frame           the frame
     * @param frameOffset     where its pixels begin
     * @param frameLength     bytes of it
     * @param compared        the frame before or the background; null when there is none
     * @param comparedOffset  where its pixels begin
     * @param comparedLength  bytes of it
     * @return number of pixels in the mask
     * @throws IllegalArgumentException when a frame is too short for its size
     */
    public int mask(
            final MaskRule newRule,
            final PixelFormat newFormat,
            final int newWidth,
            final int newHeight,
            final DirectBuffer frame,
            final int frameOffset,
            final int frameLength,
            final DirectBuffer compared,
            final int comparedOffset,
            final int comparedLength) {
        if (begin(
                newRule,
                newFormat,
                newWidth,
                newHeight,
                frame,
                frameOffset,
                frameLength,
                compared,
                comparedOffset,
                comparedLength)) {
            mask();
        }
        return count;
    }

    /** All that comes before the bits themselves: they are made next, here or elsewhere. False when the mask is empty without them. */
    boolean begin(
            final MaskRule newRule,
            final PixelFormat newFormat,
            final int newWidth,
            final int newHeight,
            final DirectBuffer frame,
            final int frameOffset,
            final int frameLength,
            final DirectBuffer compared,
            final int comparedOffset,
            final int comparedLength) {
        if (newWidth < 1 || newHeight < 1 || newWidth > Camera.MAX_SIDE || newHeight > Camera.MAX_SIDE) {
            throw new IllegalArgumentException("a frame of " + newWidth + " x " + newHeight + " pixels");
        }
        final long bytes = (long) newWidth * newHeight * newFormat.bytesPerPixel();
        requireLength(bytes, frameLength, "frame");
        rule = newRule;
        format = newFormat;
        width = newWidth;
        height = newHeight;
        words = Bits.wordsPerRow(newWidth);
        filtered = false;
        made = null;
        if (bits.length < words * height) {
            bits = new long[words * height];
        }
        current.wrap(frame, frameOffset, (int) bytes);
        hasReference = compared != null && newRule.kind() != MaskRule.Kind.THRESHOLD;
        if (hasReference) {
            requireLength(bytes, comparedLength, "frame it is compared with");
            reference.wrap(compared, comparedOffset, (int) bytes);
        } else if (newRule.kind() == MaskRule.Kind.BACKGROUND) {
            throw new IllegalArgumentException("mask: a background picture is expected as the second input");
        }
        if (newRule.kind() == MaskRule.Kind.DIFFERENCE && !hasReference) {
            Arrays.fill(bits, 0, words * height, 0);
            count = 0;
            listPresent = true;
            return false;
        }
        return true;
    }

    /** Makes the bits. */
    void mask() {
        switch (format) {
            case GREY8 -> maskGrey();
            case RGB8 -> maskRgb();
            case RGB32F -> maskRgbFloat();
            default -> maskGrey16();
        }
        refine();
    }

    /** Whether bits with so many pixels, which were grown and shrunk before if they have to be, stay as they are. */
    boolean isFinal(final int pixels) {
        return pixels == 0
                || !rule.dropsPixels()
                || rule.grow() == 0 && rule.shrink() == 0 && pixels > rule.listLimit();
    }

    /** Takes bits that were made elsewhere, and does the rest. */
    void adopt(final DirectBuffer from, final int offset) {
        take(from, offset);
        refine();
    }

    /** Takes bits that were made elsewhere and are final; their list is made here. */
    void adoptFinal(final DirectBuffer from, final int offset) {
        take(from, offset);
        count = Bits.count(bits, words * height);
        listPresent = count <= rule.listLimit();
    }

    private void take(final DirectBuffer from, final int offset) {
        for (int i = 0; i < words * height; i++) {
            bits[i] = from.getLong(offset + 8 * i, Wire.ORDER);
        }
    }

    /** Takes a mask that was made elsewhere and is final; it stays there until it is encoded. */
    void adopt(
            final int pixels,
            final DirectBuffer from,
            final int bitsOffset,
            final DirectBuffer list,
            final int listOffset,
            final int weightsOffset) {
        made = from;
        madeBitsAt = bitsOffset;
        madeList = list;
        madeListAt = listOffset;
        madeWeightsAt = weightsOffset;
        count = pixels;
        listPresent = count <= rule.listLimit();
    }

    /** Number of pixels in the mask. */
    int count() {
        return count;
    }

    private void requireLength(final long expected, final int length, final String what) {
        if (length < expected) {
            throw new IllegalArgumentException("the " + what + " has " + length + " bytes, its size needs " + expected);
        }
    }

    private void refine() {
        count = Bits.count(bits, words * height);
        if (rule.dropsPixels() && count > 0 && count <= rule.listLimit()) {
            presentFilter.keepPresent(bits, width, height, rule.threshold(), format, current);
            filtered = true;
        }
        if (count > 0 && (rule.grow() > 0 || rule.shrink() > 0)) {
            growAndShrink();
        }
        count = Bits.count(bits, words * height);
        listPresent = count <= rule.listLimit();
    }

    private void growAndShrink() {
        if (otherBits.length < bits.length) {
            otherBits = new long[bits.length];
        }
        if (rowScratch.length < words) {
            rowScratch = new long[words];
        }
        if (rule.grow() > 0) {
            Bits.dilate(bits, otherBits, width, height, rule.grow(), rowScratch);
            swap();
        }
        if (rule.shrink() > 0) {
            Bits.invert(bits, width, height);
            Bits.dilate(bits, otherBits, width, height, rule.shrink(), rowScratch);
            swap();
            Bits.invert(bits, width, height);
        }
    }

    private void swap() {
        final long[] swapped = bits;
        bits = otherBits;
        otherBits = swapped;
    }

    /** Eight pixels at a time, in 16-bit lanes of a long. */
    private void maskGrey() {
        final long above = above();
        final long below = below();
        final int whole = width >>> 6;
        for (int y = 0; y < height; y++) {
            final int row = y * width;
            final int rowWord = y * words;
            for (int i = 0; i < whole; i++) {
                bits[rowWord + i] = hasReference
                        ? differing(row + (i << 6), 64, above, below)
                        : bright(row + (i << 6), 64, above, below);
            }
            final int groups = width >>> 3 & 7;
            final int rest = row + (whole << 6);
            final long begun =
                    hasReference ? differing(rest, groups << 3, above, below) : bright(rest, groups << 3, above, below);
            finishRow(row, rowWord, width & ~7, begun);
        }
    }

    private long differing(final int first, final int count, final long above, final long below) {
        final UnsafeBuffer a = current;
        final UnsafeBuffer b = reference;
        long word = 0;
        int i = 0;
        for (; i + 16 <= count; i += 16) {
            final int at = first + i;
            final long left = over(a.getLong(at, Wire.ORDER), b.getLong(at, Wire.ORDER), above, below);
            final long right = over(a.getLong(at + 8, Wire.ORDER), b.getLong(at + 8, Wire.ORDER), above, below);
            if ((left | right) != 0) {
                word |= gather(left) << i | gather(right) << i + 8;
            }
        }
        if (i < count) {
            word |= gather(over(a.getLong(first + i, Wire.ORDER), b.getLong(first + i, Wire.ORDER), above, below)) << i;
        }
        return word;
    }

    private long bright(final int first, final int count, final long above, final long below) {
        long word = 0;
        for (int i = 0; i < count; i += 8) {
            word |= gather(over(current.getLong(first + i, Wire.ORDER), 0, above, below)) << i;
        }
        return word;
    }

    /** What added to a lane of 256 + a - b reaches its highest bit when a is over b by more than the threshold. */
    private long above() {
        return HIGH - (257 + rule.threshold()) * ONES;
    }

    /** What a lane of 256 + a - b is taken from to keep the highest bit when a is under b by more than the threshold. */
    private long below() {
        return HIGH + (255 - rule.threshold()) * ONES;
    }

    /** The highest bit of each byte whose difference is over the threshold; even bytes first, odd ones a bit position lower. */
    private static long over(final long a, final long b, final long above, final long below) {
        final long even = (a & LOW_BYTES | BYTE_OVERFLOW) - (b & LOW_BYTES);
        final long odd = (a >>> 8 & LOW_BYTES | BYTE_OVERFLOW) - (b >>> 8 & LOW_BYTES);
        return (even + above | below - even) & HIGH | ((odd + above | below - odd) & HIGH) >>> 1;
    }

    /** One bit a pixel, the first in the lowest place, from what {@link #over} gives. */
    private static long gather(final long over) {
        return (over >>> 15 & ONES | over >>> 6 & ONES << 8) * GATHER >>> 56;
    }

    private void finishRow(final int row, final int rowWord, final int from, final long begun) {
        long word = begun;
        for (int x = from; x < width; x++) {
            word |= (isOver(row + x) ? 1L : 0L) << x;
            if ((x & 63) == 63) {
                bits[rowWord + (x >>> 6)] = word;
                word = 0;
            }
        }
        if ((width & 63) != 0) {
            bits[rowWord + words - 1] = word;
        }
    }

    private boolean isOver(final int index) {
        return difference(index) > rule.threshold();
    }

    private int difference(final int index) {
        final int luma = format.luma(current, index);
        return hasReference ? Math.abs(luma - format.luma(reference, index)) : luma;
    }

    /**
     * Luma differs by no more than its channels do, so eight pixels without a channel over the threshold need no luma.
     */
    private void maskRgb() {
        final long above = above();
        final long below = below();
        final int groups = width >>> 3;
        for (int y = 0; y < height; y++) {
            final int row = y * width;
            final int rowWord = y * words;
            long word = 0;
            for (int g = 0; g < groups; g++) {
                final int first = row + (g << 3);
                if (anyByteOver(3 * first, above, below)) {
                    long eight = 0;
                    for (int i = 0; i < 8; i++) {
                        eight |= (isOver(first + i) ? 1L : 0L) << i;
                    }
                    word |= eight << ((g & 7) << 3);
                }
                if ((g & 7) == 7) {
                    bits[rowWord + (g >>> 3)] = word;
                    word = 0;
                }
            }
            finishRow(row, rowWord, groups << 3, word);
        }
    }

    private boolean anyByteOver(final int at, final long above, final long below) {
        final long a0 = current.getLong(at, Wire.ORDER);
        final long a1 = current.getLong(at + 8, Wire.ORDER);
        final long a2 = current.getLong(at + 16, Wire.ORDER);
        final long b0 = hasReference ? reference.getLong(at, Wire.ORDER) : 0;
        final long b1 = hasReference ? reference.getLong(at + 8, Wire.ORDER) : 0;
        final long b2 = hasReference ? reference.getLong(at + 16, Wire.ORDER) : 0;
        return (over(a0, b0, above, below) | over(a1, b1, above, below) | over(a2, b2, above, below)) != 0;
    }

    /** Rounding to bytes adds less than one step, so a pixel whose channels differ by less than threshold - 1 is not over. */
    private void maskRgbFloat() {
        final float calm = hasReference ? (rule.threshold() - 1) / 255.0f * 0.9999f : -1;
        for (int y = 0; y < height; y++) {
            final int row = y * width;
            final int rowWord = y * words;
            long word = 0;
            for (int x = 0; x < width; x++) {
                if (!isCalm(12 * (row + x), calm) && isOver(row + x)) {
                    word |= 1L << x;
                }
                if ((x & 63) == 63 || x == width - 1) {
                    bits[rowWord + (x >>> 6)] = word;
                    word = 0;
                }
            }
        }
    }

    private boolean isCalm(final int at, final float calm) {
        return calm > 0
                && Math.abs(current.getFloat(at, Wire.ORDER) - reference.getFloat(at, Wire.ORDER)) < calm
                && Math.abs(current.getFloat(at + 4, Wire.ORDER) - reference.getFloat(at + 4, Wire.ORDER)) < calm
                && Math.abs(current.getFloat(at + 8, Wire.ORDER) - reference.getFloat(at + 8, Wire.ORDER)) < calm;
    }

    /** Four pixels at a time; the upper byte of each is its luma. */
    private void maskGrey16() {
        final long above = above();
        final long below = below();
        final int groups = width >>> 2;
        for (int y = 0; y < height; y++) {
            final int row = y * width;
            final int rowWord = y * words;
            long word = 0;
            for (int g = 0; g < groups; g++) {
                final int at = 2 * (row + (g << 2));
                final long a = current.getLong(at, Wire.ORDER) >>> 8 & LOW_BYTES;
                final long b = hasReference ? reference.getLong(at, Wire.ORDER) >>> 8 & LOW_BYTES : 0;
                final long over = over(a, b, above, below) >>> 15;
                if (over != 0) {
                    word |= ((over | over >>> 15 | over >>> 30 | over >>> 45) & 0xF) << ((g & 15) << 2);
                }
                if ((g & 15) == 15) {
                    bits[rowWord + (g >>> 4)] = word;
                    word = 0;
                }
            }
            finishRow(row, rowWord, groups << 2, word);
        }
    }

    /**
     * Length of the mask as a frame.
     *
     * @return bytes
     */
    public int encodedLength() {
        return Math.toIntExact(MaskFrame.encodedLength(width, height, listPresent ? count : 0));
    }

    /**
     * Write the mask as {@link MaskFrame} reads it.
     *
     * @param buffer at least {@link #encodedLength()} bytes from the offset on
     * @param offset where to begin
     * @return bytes written
     */
    public int encode(final MutableDirectBuffer buffer, final int offset) {
        final boolean nothingBefore = rule.kind() == MaskRule.Kind.DIFFERENCE && !hasReference;
        buffer.putInt(offset, MaskFrame.MAGIC, Wire.ORDER);
        buffer.putShort(offset + 4, (short) MaskFrame.VERSION, Wire.ORDER);
        buffer.putShort(
                offset + 6,
                (short) ((listPresent ? MaskFrame.FLAG_LIST : 0) | (nothingBefore ? MaskFrame.FLAG_NOTHING_BEFORE : 0)),
                Wire.ORDER);
        buffer.putInt(offset + 8, width, Wire.ORDER);
        buffer.putInt(offset + 12, height, Wire.ORDER);
        buffer.putInt(offset + 16, count, Wire.ORDER);
        buffer.putInt(offset + 20, listPresent ? count : 0, Wire.ORDER);
        buffer.putInt(offset + 24, words, Wire.ORDER);
        buffer.putInt(offset + 28, rule.camera(), Wire.ORDER);
        buffer.setMemory(offset + 32, MaskFrame.BITS_OFFSET - 32, (byte) 0);
        final int bitsAt = offset + MaskFrame.BITS_OFFSET;
        final int listAt = bitsAt + 8 * words * height;
        if (made != null) {
            encodeMade(buffer, bitsAt, listAt);
            return encodedLength();
        }
        for (int i = 0; i < words * height; i++) {
            buffer.putLong(bitsAt + 8 * i, bits[i], Wire.ORDER);
        }
        if (listPresent) {
            encodeList(buffer, listAt);
        }
        return encodedLength();
    }

    private void encodeMade(final MutableDirectBuffer buffer, final int bitsAt, final int listAt) {
        buffer.putBytes(bitsAt, made, madeBitsAt, 8 * words * height);
        if (listPresent && count > 0) {
            final int weightsAt = listAt + 4 * count;
            buffer.putBytes(listAt, madeList, madeListAt, 4 * count);
            buffer.putBytes(weightsAt, madeList, madeWeightsAt, count);
            buffer.setMemory(weightsAt + count, (count + 7 & ~7) - count, (byte) 0);
        }
    }

    private void encodeList(final MutableDirectBuffer buffer, final int listAt) {
        final int weightsAt = listAt + 4 * count;
        int n = 0;
        for (int y = 0; y < height; y++) {
            for (int i = 0; i < words; i++) {
                for (long word = bits[y * words + i]; word != 0; word &= word - 1) {
                    final int x = (i << 6) + Long.numberOfTrailingZeros(word);
                    buffer.putInt(listAt + 4 * n, y << 16 | x, Wire.ORDER);
                    buffer.putByte(weightsAt + n, (byte) weight(x, y));
                    n++;
                }
            }
        }
        buffer.setMemory(weightsAt + n, (n + 7 & ~7) - n, (byte) 0);
    }

    private int weight(final int x, final int y) {
        final int background = filtered ? presentFilter.background(x, y) : -1;
        final int index = y * width + x;
        final int difference = background < 0 ? difference(index) : Math.abs(format.luma(current, index) - background);
        return Math.min(Math.max(difference, 1), 255);
    }
}
