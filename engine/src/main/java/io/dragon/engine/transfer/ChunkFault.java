package io.dragon.engine.transfer;

import java.nio.ByteBuffer;

/** Damages chunks as they arrive, to show what becomes of it: fault injection. On the agent's thread. */
public interface ChunkFault {
    /** Leaves every chunk as it came. */
    ChunkFault NONE = (poolId, chunk, bytes) -> {};

    /**
     * A chunk has arrived and is about to be checked.
     *
     * @param poolId of the frame
     * @param chunk its number, those of the metadata first
     * @param bytes of the chunk as it lies in the slot, from position to limit; may be changed
     */
    void onChunk(long poolId, int chunk, ByteBuffer bytes);
}
