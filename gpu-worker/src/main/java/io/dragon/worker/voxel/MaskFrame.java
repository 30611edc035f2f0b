package io.dragon.worker.voxel;

import org.agrona.DirectBuffer;

/**
 * A mask as it travels: one bit a pixel, and a list of its pixels with their weights when there are not too many.
 *
 * <pre>
 *   0  magic "DMSK"  4  version u16   6  flags u16 (1: the list is there, 2: there was nothing to compare with)
 *   8  width i32    12  height i32   16  pixels in the mask i32   20  pixels listed i32
 *  24  words per row i32             28  index of the camera in its rig i32, -1 unknown
 *  32  reserved, zero, up to 64
 *  64  bits: height x words x u64, pixel x of a row in bit x mod 64 of word x / 64
 *   .  list: y &lt;&lt; 16 | x as u32, in raster order
 *   .  weights: u8 each (the difference, 1 to 255), padded to 8 bytes
 * </pre>
 */
public final class MaskFrame {
    static final int MAGIC = 0x4B534D44;
    static final int VERSION = 1;
    static final int FLAG_LIST = 1;
    static final int FLAG_NOTHING_BEFORE = 2;
    static final int BITS_OFFSET = 64;

    private DirectBuffer buffer;
    private int offset;
    private int width;
    private int height;
    private int count;
    private int listed;
    private int flags;
    private int words;
    private int camera;

    /** A view of no mask yet. */
    public MaskFrame() {}

    /**
     * View a mask. Every length is checked first.
     *
     * @param buffer where it lies
     * @param offset where it begins
     * @param length bytes there are
     * @return this
     * @throws IllegalArgumentException when it is none; the message says why
     */
    public MaskFrame wrap(final DirectBuffer buffer, final int offset, final int length) {
        if (length < BITS_OFFSET || buffer.getInt(offset, Wire.ORDER) != MAGIC) {
            throw new IllegalArgumentException("this frame of " + length + " bytes holds no mask");
        }
        final int version = buffer.getShort(offset + 4, Wire.ORDER) & 0xFFFF;
        final int newWidth = buffer.getInt(offset + 8, Wire.ORDER);
        final int newHeight = buffer.getInt(offset + 12, Wire.ORDER);
        if (version != VERSION) {
            throw new IllegalArgumentException("mask of version " + version + ", expected " + VERSION);
        }
        if (newWidth < 1 || newHeight < 1 || newWidth > Camera.MAX_SIDE || newHeight > Camera.MAX_SIDE) {
            throw new IllegalArgumentException("mask of " + newWidth + " x " + newHeight + " pixels");
        }
        final int newFlags = buffer.getShort(offset + 6, Wire.ORDER) & 0xFFFF;
        final int newCount = buffer.getInt(offset + 16, Wire.ORDER);
        final int newListed = buffer.getInt(offset + 20, Wire.ORDER);
        final int newWords = Bits.wordsPerRow(newWidth);
        final boolean hasList = (newFlags & FLAG_LIST) != 0;
        if (newCount < 0 || newListed < 0 || newListed != (hasList ? newCount : 0)) {
            throw new IllegalArgumentException("mask with " + newCount + " pixels, " + newListed + " of them listed");
        }
        if (length < encodedLength(newWidth, newHeight, newListed)) {
            throw new IllegalArgumentException(
                    "a mask of " + newWidth + " x " + newHeight + " pixels, " + newListed + " listed, needs "
                            + encodedLength(newWidth, newHeight, newListed) + " bytes, there are " + length);
        }
        this.buffer = buffer;
        this.offset = offset;
        width = newWidth;
        height = newHeight;
        count = newCount;
        listed = newListed;
        flags = newFlags;
        words = newWords;
        camera = buffer.getInt(offset + 28, Wire.ORDER);
        return this;
    }

    static long encodedLength(final int width, final int height, final int listed) {
        return BITS_OFFSET + 8L * Bits.wordsPerRow(width) * height + 4L * listed + (listed + 7L & ~7L);
    }

    /**
     * Width of the picture.
     *
     * @return pixels
     */
    public int width() {
        return width;
    }

    /**
     * Height of the picture.
     *
     * @return pixels
     */
    public int height() {
        return height;
    }

    /**
     * Number of pixels in the mask.
     *
     * @return 0 to width x height
     */
    public int count() {
        return count;
    }

    /**
     * The camera it is of.
     *
     * @return its index in the rig, or {@link MaskRule#NO_CAMERA}
     */
    public int camera() {
        return camera;
    }

    /**
     * Whether the list of pixels is there.
     *
     * @return false when there were more than the rule's limit
     */
    public boolean hasList() {
        return (flags & FLAG_LIST) != 0;
    }

    /**
     * Whether there was no earlier frame to compare with.
     *
     * @return true for the first frame of a camera
     */
    public boolean nothingBefore() {
        return (flags & FLAG_NOTHING_BEFORE) != 0;
    }

    /**
     * Whether a pixel is in the mask.
     *
     * @param x column within the picture
     * @param y row within the picture
     * @return its bit
     */
    public boolean isSet(final int x, final int y) {
        return (word(y * words + (x >>> 6)) >>> x & 1) != 0;
    }

    /** Word i of the bits, rows one after the other. */
    long word(final int i) {
        return buffer.getLong(offset + BITS_OFFSET + 8 * i, Wire.ORDER);
    }

    int wordsPerRow() {
        return words;
    }

    /** Entry i of the list: y << 16 | x. */
    int listedPixel(final int i) {
        return buffer.getInt(offset + BITS_OFFSET + 8 * words * height + 4 * i, Wire.ORDER);
    }

    /** Weight of entry i of the list, 0 to 255. */
    int listedWeight(final int i) {
        return buffer.getByte(offset + BITS_OFFSET + 8 * words * height + 4 * listed + i) & 0xFF;
    }
}
