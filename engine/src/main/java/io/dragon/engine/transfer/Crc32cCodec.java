package io.dragon.engine.transfer;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC32C, and no compression. */
final class Crc32cCodec implements ChunkCodec {
    private final CRC32C crc = new CRC32C();

    @Override
    public void digest(final ByteBuffer bytes) {
        crc.reset();
        crc.update(bytes);
    }

    @Override
    public long checksumLow() {
        return crc.getValue();
    }

    @Override
    public long checksumHigh() {
        return 0;
    }

    @Override
    public int encode(final ByteBuffer bytes, final ByteBuffer out, final long bytesPerSecond) {
        return 0;
    }

    @Override
    public boolean decode(final ByteBuffer bytes, final ByteBuffer out) {
        return false;
    }
}
