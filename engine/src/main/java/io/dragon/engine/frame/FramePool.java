package io.dragon.engine.frame;

import io.dragon.engine.config.DragonDirectory;

/**
 * A pool of frame slots in shared memory, as its owner sees it: claim a slot, fill it in place, publish it.
 *
 * <p>Threads: {@link #tryClaim} and everything of a {@link FrameClaim} belong to one producer thread, the first that
 * claims; another is refused with an {@link IllegalStateException}. {@link #release}, {@link #sweepDeadReaders}, the
 * counters, {@link #seal} and {@link #close} may be called by any thread.
 */
public final class FramePool implements AutoCloseable {
    /** Every slot is held, read or being filled. */
    public static final int BACK_PRESSURED = -2;

    /** The pool is sealed or closed. */
    public static final int CLOSED = -4;

    /** The frame is longer than a slot. */
    public static final int TOO_LARGE = -5;

    private FramePool() {}

    /**
     * Makes a new pool: a file of its own under a new random id, filled with zeros, locked by this process.
     *
     * @param ctx what it shall be like
     * @return the pool
     * @throws io.dragon.engine.config.DragonException when it cannot be made, in words
     */
    public static FramePool create(final Context ctx) {
        throw new UnsupportedOperationException();
    }

    /**
     * The id, from which every process computes the path.
     *
     * @return random, never 0
     */
    public long poolId() {
        throw new UnsupportedOperationException();
    }

    /**
     * The number of slots.
     *
     * @return slots
     */
    public int slotCount() {
        throw new UnsupportedOperationException();
    }

    /**
     * The longest payload.
     *
     * @return bytes
     */
    public long slotLength() {
        throw new UnsupportedOperationException();
    }

    /**
     * Claims a slot now. A refusal counts as a dropped frame, except under {@link FullPolicy#WAIT}.
     *
     * @param claim filled in when a slot was claimed
     * @param length of the payload in bytes
     * @return the slot, or {@link #BACK_PRESSURED}, {@link #CLOSED}, {@link #TOO_LARGE}
     */
    public int tryClaim(final FrameClaim claim, final int length) {
        throw new UnsupportedOperationException();
    }

    /**
     * Claims a slot, waiting for one; sweeps dead readers meanwhile.
     *
     * @param claim filled in when a slot was claimed
     * @param length of the payload in bytes
     * @param timeoutNs how long to wait
     * @return the slot, or {@link #BACK_PRESSURED} when the time is over, {@link #CLOSED}, {@link #TOO_LARGE}
     */
    public int claim(final FrameClaim claim, final int length, final long timeoutNs) {
        throw new UnsupportedOperationException();
    }

    /**
     * Clears HOLD of a frame: nothing names it any more. Any thread.
     *
     * @param ref of the frame
     * @return false when there was nothing to clear: another frame is in the slot, or HOLD was clear already
     */
    public boolean release(final FrameRef ref) {
        throw new UnsupportedOperationException();
    }

    /**
     * Takes back what dead readers left: their leases, their rows, their rings. A part of a duty cycle; any thread.
     *
     * @return the number of readers found dead
     */
    public int sweepDeadReaders() {
        throw new UnsupportedOperationException();
    }

    /**
     * Frames refused because every slot was taken.
     *
     * @return frames
     */
    public long droppedBackPressured() {
        throw new UnsupportedOperationException();
    }

    /**
     * Frames overwritten before anyone read them.
     *
     * @return frames
     */
    public long droppedOverwritten() {
        throw new UnsupportedOperationException();
    }

    /**
     * Frames given up after waiting for a slot.
     *
     * @return frames
     */
    public long droppedTimedOut() {
        throw new UnsupportedOperationException();
    }

    /**
     * Frames longer than a slot.
     *
     * @return frames
     */
    public long droppedTooLarge() {
        throw new UnsupportedOperationException();
    }

    /** Ends publishing; what is published stays readable. */
    public void seal() {
        throw new UnsupportedOperationException();
    }

    /**
     * Seals the pool and gives up its lock. The file is deleted when nothing is held or read, otherwise it stays for
     * the node agent. Memory is unmapped when the last claim has ended.
     */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    /** Closes the pool and deletes its file, held or not; who reads a frame keeps it until it ends its lease. */
    public void deleteNow() {
        throw new UnsupportedOperationException();
    }

    /** What a new pool shall be like. */
    public static final class Context {
        private DragonDirectory directory;
        private String ownerName = "";
        private int slotCount = 16;
        private long slotLength;
        private int metadataLength = 4096;
        private FullPolicy fullPolicy = FullPolicy.BACK_PRESSURED;
        private boolean sparse;

        /** The defaults: 16 slots, 4,096 bytes of metadata, {@link FullPolicy#BACK_PRESSURED}. */
        public Context() {}

        /**
         * The directory; made when it is not there.
         *
         * @param directory of Dragon
         * @return this
         */
        public Context directory(final DragonDirectory directory) {
            this.directory = directory;
            return this;
        }

        /**
         * The directory; {@link DragonDirectory#byDefault()} by default.
         *
         * @return of Dragon
         */
        public DragonDirectory directory() {
            return directory;
        }

        /**
         * Who owns the pool, for people who look.
         *
         * @param ownerName at most 64 bytes of it are kept
         * @return this
         */
        public Context ownerName(final String ownerName) {
            this.ownerName = ownerName;
            return this;
        }

        /**
         * Who owns the pool.
         *
         * @return its name
         */
        public String ownerName() {
            return ownerName;
        }

        /**
         * The number of slots.
         *
         * @param slotCount 1 to 4,096
         * @return this
         */
        public Context slotCount(final int slotCount) {
            this.slotCount = slotCount;
            return this;
        }

        /**
         * The number of slots, 16 by default.
         *
         * @return slots
         */
        public int slotCount() {
            return slotCount;
        }

        /**
         * The longest payload.
         *
         * @param slotLength bytes
         * @return this
         */
        public Context slotLength(final long slotLength) {
            this.slotLength = slotLength;
            return this;
        }

        /**
         * The longest payload; has no default.
         *
         * @return bytes
         */
        public long slotLength() {
            return slotLength;
        }

        /**
         * The longest metadata.
         *
         * @param metadataLength 0 to 65,536 bytes
         * @return this
         */
        public Context metadataLength(final int metadataLength) {
            this.metadataLength = metadataLength;
            return this;
        }

        /**
         * The longest metadata, 4,096 by default.
         *
         * @return bytes
         */
        public int metadataLength() {
            return metadataLength;
        }

        /**
         * What a full pool answers.
         *
         * @param fullPolicy the policy
         * @return this
         */
        public Context fullPolicy(final FullPolicy fullPolicy) {
            this.fullPolicy = fullPolicy;
            return this;
        }

        /**
         * What a full pool answers, {@link FullPolicy#BACK_PRESSURED} by default.
         *
         * @return the policy
         */
        public FullPolicy fullPolicy() {
            return fullPolicy;
        }

        /**
         * Whether the file is left sparse: for tests only, since a full file system then kills the process.
         *
         * @param sparse true to leave it sparse
         * @return this
         */
        public Context sparse(final boolean sparse) {
            this.sparse = sparse;
            return this;
        }

        /**
         * Whether the file is left sparse.
         *
         * @return false by default
         */
        public boolean sparse() {
            return sparse;
        }
    }
}
