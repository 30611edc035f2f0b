package io.dragon.engine.frame;

import io.dragon.engine.config.DragonDirectory;

/**
 * Takes leases on frames of any number of pools, one reader row in each; pools stay attached. One thread, the first
 * that acquires; leases may be released by any.
 */
public final class FrameReader implements AutoCloseable {
    /** Another frame is in the slot. */
    public static final int STALE = -1;

    /** There is no pool with this id on this host, or its file is not a pool of this layout. */
    public static final int NO_SUCH_POOL = -2;

    /** Every reader row of the pool is taken. */
    public static final int READERS_FULL = -3;

    /** The frame is not there any more, and its pool is sealed. */
    public static final int SEALED = -4;

    /** The frame is shorter than its reference says, or its header makes no sense. */
    public static final int TOO_SHORT = -5;

    /**
     * A reader that has attached nothing yet.
     *
     * @param directory of Dragon
     * @param holderName who reads, for people who look
     */
    public FrameReader(final DragonDirectory directory, final String holderName) {}

    /**
     * Leases a frame. Allocates nothing once its pool is attached.
     *
     * @param ref of the frame
     * @param lease filled in; must not be held
     * @return 0, or {@link #STALE}, {@link #NO_SUCH_POOL}, {@link #READERS_FULL}, {@link #SEALED}, {@link #TOO_SHORT}
     */
    public int acquire(final FrameRef ref, final FrameLease lease) {
        throw new UnsupportedOperationException();
    }

    /**
     * The last refusal in words.
     *
     * @return one sentence, or null when nothing was refused
     */
    public String refusal() {
        throw new UnsupportedOperationException();
    }

    /**
     * Detaches pools that are sealed or gone and of which nothing is leased. A part of a duty cycle, not of a hot one.
     *
     * @return the number of pools detached
     */
    public int sweepIdlePools() {
        throw new UnsupportedOperationException();
    }

    /** Detaches every pool; one with leases when the last of them is released. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
