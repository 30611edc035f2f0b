package io.dragon.engine.transfer;

import io.dragon.codecs.frame.Integrity;
import org.agrona.concurrent.SystemNanoClock;

/** Makes the codec of a lane or of a stream. */
final class ChunkCodecs {
    private ChunkCodecs() {}

    /**
     * A codec.
     *
     * @param integrity which checksum
     * @param compression whether chunks are made smaller
     * @return of its own for each lane and each stream
     */
    static ChunkCodec of(final Integrity integrity, final Compression compression) {
        return new MeasuredCodec(integrity, compression, SystemNanoClock.INSTANCE);
    }
}
