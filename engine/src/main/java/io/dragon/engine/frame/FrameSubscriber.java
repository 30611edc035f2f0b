package io.dragon.engine.frame;

import io.dragon.engine.config.DragonDirectory;

/**
 * Reads the frames of one pool directly, without scheduling: the producer puts a descriptor of each frame into a ring
 * that this subscriber has in the pool. One thread.
 */
public final class FrameSubscriber implements AutoCloseable {
    private FrameSubscriber() {}

    /**
     * Attaches to a pool; frames published from now on are seen.
     *
     * @param dir of Dragon
     * @param poolId of the pool
     * @param holderName who reads, for people who look
     * @return the subscriber
     * @throws io.dragon.engine.config.DragonException when there is no such pool, or its rows are all taken, in words
     */
    public static FrameSubscriber attach(final DragonDirectory dir, final long poolId, final String holderName) {
        throw new UnsupportedOperationException();
    }

    /**
     * Hands frames to a handler, oldest first; each is leased for the length of the call.
     *
     * @param handler of frames
     * @param limit of frames
     * @return the number of frames handed over
     */
    public int poll(final FrameHandler handler, final int limit) {
        throw new UnsupportedOperationException();
    }

    /**
     * Frames this subscriber was too slow for.
     *
     * @return frames since it attached
     */
    public long missed() {
        throw new UnsupportedOperationException();
    }

    /**
     * Whether the pool will bring no more frames.
     *
     * @return true once it is sealed
     */
    public boolean isSealed() {
        throw new UnsupportedOperationException();
    }

    /** Detaches from the pool. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
