package io.dragon.worker.voxel;

import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.UnsafeApi;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Makes masks. Keeps its working memory between frames, so that the second frame of a size allocates nothing.
 * One thread at a time.
 */
public final class Masker {
    private static final long LONGS = UnsafeApi.arrayBaseOffset(long[].class);

    private final UnsafeBuffer current = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer reference = new UnsafeBuffer(0, 0);
    private final MaskBits maskBits;
    private final PresentFilter presentFilter = new PresentFilter();
    private final Discs discs = new Discs();
    private MaskRule rule;
    private PixelFormat format;
    private int width;
    private int height;
    private int words;
    private boolean hasReference;
    private long[] bits = new long[0];
    private long[] otherBits = new long[0];
    /** Pixels of each row. */
    private int[] counts = new int[0];

    private int count;
    private boolean listPresent;
    private boolean filtered;

    /** A mask that was made elsewhere; null when the bits are here. */
    private DirectBuffer made;

    private DirectBuffer madeList;
    private int madeBitsAt;
    private int madeListAt;
    private int madeWeightsAt;

    /**
     * A maker of masks without working memory yet: by the Vector API when the module {@code jdk.incubator.vector} was added at the start of
     * this virtual machine and is the faster, in scalar code otherwise.
     */
    public Masker() {
        this(MaskLanes.fastest());
    }

    /**
     * One that needs no module.
     *
     * @return a new instance
     */
    public static Masker scalar() {
        return new Masker(new LongLanes());
    }

    /**
     * One that uses the Vector API from the first frame on, for measurements.
     *
     * @return a new instance
     * @throws ReflectiveOperationException when it cannot be had: the module {@code jdk.incubator.vector} is to be added
     */
    public static Masker vectors() throws ReflectiveOperationException {
        return new Masker(MaskLanes.vectors());
    }

    /**
     * How it compares pixels, in words.
     *
     * @return a phrase for a log line
     */
    public String description() {
        return maskBits.description();
    }

    Masker(final MaskLanes lanes) {
        maskBits = new MaskBits(lanes);
    }

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
        if (counts.length < height) {
            counts = new int[height];
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
            Arrays.fill(counts, 0, height, 0);
            count = 0;
            listPresent = true;
            return false;
        }
        return true;
    }

    /** Makes the bits. */
    void mask() {
        maskBits.make(format, rule.threshold(), width, height, current, hasReference ? reference : null, bits, counts);
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
        count = sum();
        listPresent = count <= rule.listLimit();
    }

    private void take(final DirectBuffer from, final int offset) {
        from.boundsCheck(offset, 8 * words * height);
        UnsafeApi.copyMemory(from.byteArray(), from.addressOffset() + offset, bits, LONGS, (long) words * height << 3);
        countRows();
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
        count = sum();
        if (rule.dropsPixels() && count > 0 && count <= rule.listLimit()) {
            presentFilter.keepPresent(bits, counts, width, height, rule.threshold(), format, current);
            filtered = true;
            count = sum();
        }
        if (count > 0 && (rule.grow() > 0 || rule.shrink() > 0)) {
            growAndShrink();
            countRows();
            count = sum();
        }
        listPresent = count <= rule.listLimit();
    }

    private void countRows() {
        for (int y = 0; y < height; y++) {
            counts[y] = Bits.count(bits, y * words, words);
        }
    }

    private int sum() {
        int sum = 0;
        for (int y = 0; y < height; y++) {
            sum += counts[y];
        }
        return sum;
    }

    private void growAndShrink() {
        if (otherBits.length < bits.length) {
            otherBits = new long[bits.length];
        }
        discs.begin(bits, width, height);
        if (rule.grow() > 0) {
            discs.grow(bits, otherBits, rule.grow());
            swap();
        }
        if (rule.shrink() > 0) {
            discs.shrink(bits, otherBits, rule.shrink());
            swap();
        }
    }

    private void swap() {
        final long[] swapped = bits;
        bits = otherBits;
        otherBits = swapped;
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
        buffer.checkLimit(offset + encodedLength());
        UnsafeApi.copyMemory(
                bits, LONGS, buffer.byteArray(), buffer.addressOffset() + bitsAt, (long) words * height << 3);
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
        final Object base = buffer.byteArray();
        final long listed = buffer.addressOffset() + listAt;
        final long weights = buffer.addressOffset() + weightsAt;
        int n = 0;
        for (int y = 0; y < height; y++) {
            for (int i = 0; counts[y] > 0 && i < words; i++) {
                for (long word = bits[y * words + i]; word != 0; word &= word - 1) {
                    final int x = (i << 6) + Long.numberOfTrailingZeros(word);
                    UnsafeApi.putInt(base, listed + 4L * n, y << 16 | x);
                    UnsafeApi.putByte(base, weights + n, (byte) weight(x, y));
                    n++;
                }
            }
        }
        buffer.setMemory(weightsAt + n, (n + 7 & ~7) - n, (byte) 0);
    }

    private int weight(final int x, final int y) {
        final int background = filtered ? presentFilter.background(x, y) : -1;
        final int index = y * width + x;
        final int luma = format.luma(current, index);
        final int other = background >= 0 ? background : hasReference ? format.luma(reference, index) : 0;
        return Math.min(Math.max(Math.abs(luma - other), 1), 255);
    }
}
