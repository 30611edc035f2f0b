package io.dragon.tools.chaos;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** Bytes that anybody can make again from a number, so that every result can be held against what it must be. */
final class Content {
    private static final long STRIDE = 0x9E37_79B9_7F4A_7C15L;
    private static final long CAMERA_SHIFT = 40;

    private Content() {}

    /** Fills a buffer; its length is a multiple of 8. */
    static void fill(final byte[] target, final long seed) {
        final ByteBuffer bytes = ByteBuffer.wrap(target).order(ByteOrder.LITTLE_ENDIAN);
        long state = seed * STRIDE + 1;
        while (bytes.hasRemaining()) {
            state ^= state << 13;
            state ^= state >>> 7;
            state ^= state << 17;
            bytes.putLong(state);
        }
    }

    static byte[] of(final long seed, final int length) {
        final byte[] bytes = new byte[length];
        fill(bytes, seed);
        return bytes;
    }

    static int checksum(final byte[] bytes, final int length) {
        final CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    /** What a camera sees at a step. */
    static long seed(final int camera, final long step) {
        return ((camera + 1L) << CAMERA_SHIFT) + step;
    }
}
