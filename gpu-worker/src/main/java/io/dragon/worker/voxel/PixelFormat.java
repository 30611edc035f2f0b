package io.dragon.worker.voxel;

import org.agrona.DirectBuffer;

/** How the pixels of a frame lie in memory, and the integer luma (0 to 255) of each. Rows follow each other without padding. */
public enum PixelFormat {
    /** One byte a pixel. A Bayer pattern is treated alike: a change of one of its cells is a change. */
    GREY8(1) {
        @Override
        int luma(final DirectBuffer pixels, final int index) {
            return pixels.getByte(index) & 0xFF;
        }
    },
    /** Red, green, blue, a byte each; luma is (77 R + 150 G + 29 B) / 256, rounded down. */
    RGB8(3) {
        @Override
        int luma(final DirectBuffer pixels, final int index) {
            final int at = 3 * index;
            return (77 * (pixels.getByte(at) & 0xFF)
                            + 150 * (pixels.getByte(at + 1) & 0xFF)
                            + 29 * (pixels.getByte(at + 2) & 0xFF))
                    >> 8;
        }
    },
    /** Red, green, blue, a 32-bit float each, 0 to 1; rounded to bytes first, NaN is 0. */
    RGB32F(12) {
        @Override
        int luma(final DirectBuffer pixels, final int index) {
            final int at = 12 * index;
            return (77 * toByte(pixels.getFloat(at, java.nio.ByteOrder.LITTLE_ENDIAN))
                            + 150 * toByte(pixels.getFloat(at + 4, java.nio.ByteOrder.LITTLE_ENDIAN))
                            + 29 * toByte(pixels.getFloat(at + 8, java.nio.ByteOrder.LITTLE_ENDIAN)))
                    >> 8;
        }
    },
    /** One little-endian 16-bit word a pixel; its upper byte is the luma. */
    GREY16(2) {
        @Override
        int luma(final DirectBuffer pixels, final int index) {
            return pixels.getByte(2 * index + 1) & 0xFF;
        }
    };

    private final int bytesPerPixel;

    PixelFormat(final int bytesPerPixel) {
        this.bytesPerPixel = bytesPerPixel;
    }

    /**
     * Size of a pixel.
     *
     * @return bytes
     */
    public int bytesPerPixel() {
        return bytesPerPixel;
    }

    /** Luma of one pixel, 0 to 255. */
    abstract int luma(DirectBuffer pixels, int index);

    /** A float of 0 to 1 as a byte, rounded to nearest and clamped. */
    static int toByte(final float value) {
        final int scaled = (int) (value * 255.0f + 0.5f);
        return Math.min(Math.max(scaled, 0), 255);
    }
}
