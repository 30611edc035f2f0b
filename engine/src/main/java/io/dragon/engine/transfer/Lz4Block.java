package io.dragon.engine.transfer;

import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * A chunk compressed (an LZ4 block, without a header) and back. One thread; allocates nothing but for malformed input. Buffers are
 * direct, and are read and written at absolute places.
 *
 * <p>The first one loads the library: native code where it can be loaded, Java otherwise (much slower; each understands the other).
 */
final class Lz4Block {
    /** What came is no chunk of that length. What was in the chunk's memory may be overwritten, nothing else is. */
    static final int MALFORMED = -1;

    /** Below a gain of one in sixteen a chunk travels plain: taking it apart would cost the receiver more. */
    private static final int LEAST_GAIN_SHIFT = 4;

    private static final int SHORTEST = 256;

    private final LZ4Compressor compressor;
    private final LZ4SafeDecompressor decompressor;

    Lz4Block() {
        this(LZ4Factory.fastestInstance());
    }

    Lz4Block(final LZ4Factory factory) {
        compressor = factory.fastCompressor();
        decompressor = factory.safeDecompressor();
    }

    /** The room that compressing a chunk takes, also one that grows. */
    static int room(final int length) {
        return length + length / 255 + 16;
    }

    /** The longest form in which a compressed chunk travels; 0: it travels plain in any case. */
    static int longest(final int length) {
        return length < SHORTEST ? 0 : length - (length >> LEAST_GAIN_SHIFT);
    }

    /**
     * Compresses a chunk.
     *
     * @param target with {@link #room} for it
     * @return bytes to send from the target, or 0 when the chunk shall travel plain
     */
    int compress(
            final ByteBuffer plain,
            final int offset,
            final int length,
            final ByteBuffer target,
            final int targetOffset) {
        final int longest = longest(length);
        if (longest == 0) {
            return 0;
        }
        final int compressed = compressor.compress(plain, offset, length, target, targetOffset, room(length));
        return compressed <= longest ? compressed : 0;
    }

    /**
     * Takes a chunk apart.
     *
     * @param length of what came
     * @param plainLength how long it must become
     * @return 0, or {@link #MALFORMED}
     */
    int decompress(
            final ByteBuffer compressed,
            final int offset,
            final int length,
            final ByteBuffer plain,
            final int plainOffset,
            final int plainLength) {
        if (length <= 0
                || length > longest(plainLength)
                || offset < 0
                || offset > compressed.capacity() - length
                || plainOffset < 0
                || plainOffset > plain.capacity() - plainLength) {
            return MALFORMED;
        }
        try {
            return decompressor.decompress(compressed, offset, length, plain, plainOffset, plainLength) == plainLength
                    ? 0
                    : MALFORMED;
        } catch (final LZ4Exception e) {
            return MALFORMED;
        }
    }
}
