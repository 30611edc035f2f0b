package io.dragon.engine.transfer;

import io.dragon.codecs.frame.Integrity;
import java.nio.ByteBuffer;
import org.agrona.concurrent.NanoClock;

/**
 * The codec of a lane or of a stream that comes in: a checksum, and LZ4 as {@link CompressionRule} finds it worthwhile. The library for
 * LZ4 is loaded when the first chunk is to be compressed or comes compressed.
 */
final class MeasuredCodec implements ChunkCodec {
    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

    private final ChunkSum sum;
    private final CompressionRule rule;
    private final NanoClock clock;
    private Lz4Block lz4;
    private ByteBuffer room = NOTHING;

    MeasuredCodec(final Integrity integrity, final Compression compression, final NanoClock clock) {
        sum = new ChunkSum(integrity);
        rule = new CompressionRule(compression);
        this.clock = clock;
    }

    @Override
    public void digest(final ByteBuffer bytes) {
        sum.of(bytes);
    }

    @Override
    public long checksumLow() {
        return sum.low();
    }

    @Override
    public long checksumHigh() {
        return sum.high();
    }

    @Override
    public int encode(final ByteBuffer bytes, final ByteBuffer out, final long bytesPerSecond) {
        final int length = bytes.remaining();
        if (Lz4Block.longest(length) == 0 || !rule.compressNext(length, bytesPerSecond, clock.nanoTime())) {
            return 0;
        }
        final Lz4Block block = lz4();
        // Not before: the library may have been loaded for it.
        final long startNs = clock.nanoTime();
        final int compressed = compress(block, bytes, out);
        rule.onCompressed(length, compressed == 0 ? length : compressed, clock.nanoTime() - startNs);
        return compressed;
    }

    /** A chunk that grows must have room to, though it will not travel so: the library wants it in advance. */
    private int compress(final Lz4Block block, final ByteBuffer bytes, final ByteBuffer out) {
        final int length = bytes.remaining();
        final int needed = Lz4Block.room(length);
        if (out.capacity() >= needed) {
            return block.compress(bytes, bytes.position(), length, out, 0);
        }
        if (room.capacity() < needed) {
            room = ByteBuffer.allocateDirect(needed);
        }
        final int compressed = block.compress(bytes, bytes.position(), length, room, 0);
        if (compressed > 0) {
            out.clear().put(0, room, 0, compressed);
        }
        return compressed;
    }

    @Override
    public boolean decode(final ByteBuffer bytes, final ByteBuffer out) {
        return lz4().decompress(bytes, bytes.position(), bytes.remaining(), out, out.position(), out.remaining()) == 0;
    }

    private Lz4Block lz4() {
        if (lz4 == null) {
            lz4 = new Lz4Block();
        }
        return lz4;
    }

    /** Whether chunks are compressed at present. */
    boolean isCompressing() {
        return rule.isCompressing();
    }
}
