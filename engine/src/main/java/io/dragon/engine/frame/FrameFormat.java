package io.dragon.engine.frame;

/** What the payload of a frame is. The codes are on the wire and in shared memory: they only ever grow in number. */
public enum FrameFormat {
    /** Bytes without a shape. */
    RAW(0, 0),
    /** One unsigned byte a pixel. */
    GREY8(1, 1),
    /** Three unsigned bytes a pixel: red, green, blue. */
    RGB8(2, 3),
    /** Three 32-bit floats a pixel, 0 to 1. */
    RGB32F(3, 12),
    /** One unsigned byte a pixel behind a Bayer filter; the first row is red, green. */
    BAYER_RGGB8(4, 1),
    /** One unsigned 16-bit little-endian number a pixel. */
    GREY16(5, 2),
    /** A mask of changed pixels and what changed. */
    MASK(6, 0),
    /** Voxels of a grid, or of a slab of it. */
    VOXELS(7, 0),
    /** Blocks of files to hash. */
    BLOCKS(8, 0),
    /** The calibration of a rig of cameras. */
    RIG(9, 0);

    private static final FrameFormat[] VALUES = values();

    private final int code;
    private final int bytesPerPixel;

    FrameFormat(final int code, final int bytesPerPixel) {
        this.code = code;
        this.bytesPerPixel = bytesPerPixel;
    }

    /**
     * The code on the wire and in shared memory.
     *
     * @return its number
     */
    public int code() {
        return code;
    }

    /**
     * The format with a code.
     *
     * @param code its number
     * @return the format, or null when there is none with this code
     */
    public static FrameFormat of(final int code) {
        return code >= 0 && code < VALUES.length ? VALUES[code] : null;
    }

    /**
     * The bytes of a payload of this format.
     *
     * @param width in pixels
     * @param height in pixels
     * @return bytes, or -1 when the format does not fix them
     * @throws IllegalArgumentException when the sizes are impossible
     */
    public long bytes(final int width, final int height) {
        if (bytesPerPixel == 0) {
            return -1;
        }
        if (width <= 0 || height <= 0) {
            throw new IllegalArgumentException("a frame of " + width + "x" + height + " pixels is impossible");
        }
        final long pixels = (long) width * height;
        if (pixels > Long.MAX_VALUE / bytesPerPixel) {
            throw new IllegalArgumentException("a frame of " + width + "x" + height + " pixels is too large");
        }
        return pixels * bytesPerPixel;
    }
}
