package io.dragon.engine.transfer;

import java.nio.ByteBuffer;

/**
 * Checks chunks, and makes them smaller where that pays. One for each lane and each stream that comes in; one thread. Allocates nothing per chunk.
 */
public interface ChunkCodec {
    /** A chunk travels as it is. */
    int PLAIN = 0;

    /** A chunk travels as an LZ4 block. */
    int LZ4 = 1;

    /**
     * Computes the checksum of bytes; {@link #checksumLow()} and {@link #checksumHigh()} then tell it.
     *
     * @param bytes direct, from position to limit; where the position is afterwards does not matter
     */
    void digest(ByteBuffer bytes);

    /**
     * The checksum computed last.
     *
     * @return its lower 64 bits; 0 without integrity
     */
    long checksumLow();

    /**
     * The checksum computed last.
     *
     * @return its upper 64 bits; 0 where it is not longer than 64
     */
    long checksumHigh();

    /**
     * Makes a chunk smaller for its way, if that pays.
     *
     * @param bytes direct, the chunk from position to limit; where the position is afterwards does not matter
     * @param out direct, cleared, at least as large as the chunk
     * @param bytesPerSecond what the lane carried lately while it was full; 0 when it was not full
     * @return bytes written to {@code out} from index 0, fewer than the chunk has; 0 when the chunk travels as it is
     */
    int encode(ByteBuffer bytes, ByteBuffer out, long bytesPerSecond);

    /**
     * Restores a chunk.
     *
     * @param bytes direct, what came, from position to limit; anything may have happened to it
     * @param out direct, from position to limit as long as the chunk must become
     * @return true when {@code out} was filled exactly
     */
    boolean decode(ByteBuffer bytes, ByteBuffer out);
}
