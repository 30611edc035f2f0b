package io.dragon.engine.transfer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The checksum of a frame: over the checksums of its chunks in order, one after the other. */
final class FrameDigest {
    private final ByteBuffer fold = ByteBuffer.allocateDirect(4 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private long low;
    private long high;

    void begin() {
        low = 0;
        high = 0;
    }

    void add(final ChunkCodec codec, final long chunkLow, final long chunkHigh) {
        fold.putLong(0, low).putLong(8, high).putLong(16, chunkLow).putLong(24, chunkHigh);
        codec.digest(fold.clear());
        low = codec.checksumLow();
        high = codec.checksumHigh();
    }

    /** Of all chunks of a table. */
    void of(final ChunkCodec codec, final ChunkTable chunks) {
        begin();
        for (int i = 0; i < chunks.count(); i++) {
            add(codec, chunks.low(i), chunks.high(i));
        }
    }

    long low() {
        return low;
    }

    long high() {
        return high;
    }
}
