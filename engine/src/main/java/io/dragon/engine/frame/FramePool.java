package io.dragon.engine.frame;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

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

    private static final long LONGEST_PARK_NS = 200_000;
    private static final long SWEEP_INTERVAL_NS = 20_000_000;

    private final PoolFile file;
    private final DragonDirectory directory;
    private final FullPolicy policy;
    private final Steps steps;
    private final SlotProducer producer;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final PoolCounts counts;

    FramePool(final PoolFile file, final Context ctx) {
        this.file = file;
        directory = ctx.directory();
        policy = ctx.fullPolicy();
        steps = ctx.steps();
        producer = new SlotProducer(file, policy, steps);
        counts = new PoolCounts(file);
        file.onUnmapped(() -> {
            counts.keep();
            file.locks().unlock(PoolCreator.OWNER_POSITION);
        });
    }

    /**
     * Makes a new pool: a file of its own under a new random id, filled with zeros, locked by this process.
     *
     * @param ctx what it shall be like
     * @return the pool
     * @throws DragonException when it cannot be made, in words
     */
    public static FramePool create(final Context ctx) {
        final PoolLayout layout = ctx.conclude();
        return new FramePool(new PoolCreator(ctx.directory(), layout, ctx).create(), ctx);
    }

    /** {@return the id, from which every process computes the path: random, never 0} */
    public long poolId() {
        return file.poolId;
    }

    /**
     * Whether the frames of a pool are copies of another host's, which the masters do not know. Asked of the file, which is not attached.
     *
     * @param directory of Dragon
     * @param poolId    of a pool of this host
     * @return false also when there is no such pool
     */
    public static boolean isOfCopies(final DragonDirectory directory, final long poolId) {
        final ByteBuffer mark = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel file = FileChannel.open(directory.pool(poolId), StandardOpenOption.READ)) {
            return file.read(mark, PoolLayout.COPIES_OFFSET) == Integer.BYTES && mark.getInt(0) != 0;
        } catch (final IOException e) {
            return false;
        }
    }

    /** {@return the number of slots} */
    public int slotCount() {
        return file.layout.slotCount;
    }

    /** {@return the longest payload, bytes} */
    public long slotLength() {
        return file.layout.slotLength;
    }

    /**
     * Claims a slot now. A refusal counts as a dropped frame, except under {@link FullPolicy#WAIT}.
     *
     * <p>Slots are taken in the order of publication. A frame published without HOLD that no subscriber still has to read
     * counts as free; under {@link FullPolicy#OVERWRITE_OLDEST} one that subscribers have not read is taken as well.
     *
     * @param claim filled in when a slot was claimed
     * @param length of the payload in bytes
     * @return the slot, or {@link #BACK_PRESSURED}, {@link #CLOSED}, {@link #TOO_LARGE}
     */
    public int tryClaim(final FrameClaim claim, final int length) {
        final int slot = take(claim, length);
        if (slot == BACK_PRESSURED && policy != FullPolicy.WAIT) {
            counts.increment(PoolCounter.BACK_PRESSURED);
        }
        return slot;
    }

    /**
     * Claims a slot, waiting for one; sweeps dead readers meanwhile. An interrupt ends the wait.
     *
     * @param claim filled in when a slot was claimed
     * @param length of the payload in bytes
     * @param timeoutNs how long to wait
     * @return the slot, or {@link #BACK_PRESSURED} when the time is over, {@link #CLOSED}, {@link #TOO_LARGE}
     */
    public int claim(final FrameClaim claim, final int length, final long timeoutNs) {
        int slot = take(claim, length);
        if (slot == BACK_PRESSURED) {
            final long startNs = System.nanoTime();
            long sweptNs = startNs - SWEEP_INTERVAL_NS;
            long parkNs = 1_000;
            while (slot == BACK_PRESSURED) {
                final long nowNs = System.nanoTime();
                if (nowNs - startNs >= timeoutNs || Thread.currentThread().isInterrupted()) {
                    counts.increment(PoolCounter.TIMED_OUT);
                    return BACK_PRESSURED;
                }
                if (nowNs - sweptNs >= SWEEP_INTERVAL_NS) {
                    sweepDeadReaders();
                    sweptNs = nowNs;
                }
                LockSupport.parkNanos(Math.min(parkNs, timeoutNs));
                parkNs = Math.min(2 * parkNs, LONGEST_PARK_NS);
                slot = take(claim, length);
            }
        }
        return slot;
    }

    private int take(final FrameClaim claim, final int length) {
        producer.checkThread();
        claim.checkEnded();
        if (length < 0) {
            throw new IllegalArgumentException("a frame of " + length + " bytes is impossible");
        }
        if (!producer.enter()) {
            return CLOSED;
        }
        int slot = CLOSED;
        try {
            if (!file.isSealed()) {
                slot = length > file.layout.slotLength ? TOO_LARGE : producer.take();
            }
        } finally {
            if (slot < 0) {
                if (slot == TOO_LARGE) {
                    PoolCounter.TOO_LARGE.increment(file);
                }
                producer.leave();
            }
        }
        if (slot >= 0) {
            claim.begin(producer, slot, length);
        }
        return slot;
    }

    PoolFile file() {
        return file;
    }

    /**
     * Clears HOLD of a frame: nothing names it any more. Any thread.
     *
     * @param ref of the frame
     * @return false when there was nothing to clear: another frame is in the slot, or HOLD was clear already
     */
    public boolean release(final FrameRef ref) {
        final int slot = ref.slot();
        if (ref.poolId() != file.poolId || slot < 0 || slot >= file.layout.slotCount || !file.retain()) {
            return false;
        }
        try {
            for (; ; ) {
                final long word = file.word(slot);
                if (!SlotWord.isReadable(word, ref.sequence()) || !SlotWord.isHeld(word)) {
                    return false;
                }
                steps.reached("unhold.looked");
                if (file.casWord(slot, word, word & ~SlotWord.HOLD)) {
                    steps.reached("unhold.cleared");
                    return true;
                }
            }
        } finally {
            file.release();
        }
    }

    /**
     * Takes back what dead readers left: their leases, their rows, their rings. A part of a duty cycle; any thread.
     *
     * @return the number of readers found dead
     */
    public int sweepDeadReaders() {
        if (!file.retain()) {
            return 0;
        }
        try {
            return ReaderRows.sweep(file, steps);
        } finally {
            file.release();
        }
    }

    /** {@return how many frames were published} */
    public long published() {
        return counts.read(PoolCounter.PUBLISHED);
    }

    /** {@return how many frames were refused because every slot was taken} */
    public long droppedBackPressured() {
        return counts.read(PoolCounter.BACK_PRESSURED);
    }

    /** {@return how many frames were overwritten before anyone read them} */
    public long droppedOverwritten() {
        return counts.read(PoolCounter.OVERWRITTEN);
    }

    /** {@return how many frames were given up after waiting for a slot} */
    public long droppedTimedOut() {
        return counts.read(PoolCounter.TIMED_OUT);
    }

    /** {@return how many frames were longer than a slot} */
    public long droppedTooLarge() {
        return counts.read(PoolCounter.TOO_LARGE);
    }

    /**
     * Whether a frame is held or leased. One that a handler of a {@link FrameSubscriber} reads without a lease, because this pool keeps it
     * until its ring says that it was read, does not count. Any thread.
     *
     * @return false also when the pool is closed
     */
    public boolean isInUse() {
        if (!file.retain()) {
            return false;
        }
        try {
            return file.isInUse();
        } finally {
            file.release();
        }
    }

    /** Ends publishing; what is published stays readable. */
    public void seal() {
        if (file.retain()) {
            try {
                file.seal();
            } finally {
                file.release();
            }
        }
    }

    /**
     * Seals the pool and gives up its lock. The file is deleted when nothing is held or leased, otherwise it stays for
     * the node agent; who reads a frame of a deleted file has it mapped, and keeps it. Memory is unmapped when the last claim has ended.
     */
    @Override
    public void close() {
        close(false);
    }

    /** Closes the pool and deletes its file, held or not; who reads a frame keeps it until it ends its lease. */
    public void deleteNow() {
        close(true);
    }

    private void close(final boolean inAnyCase) {
        if (closed.compareAndSet(false, true)) {
            producer.close();
            try {
                file.seal();
                steps.reached("close.sealed");
                sweepDeadReaders();
                if (inAnyCase || !file.isInUse()) {
                    PoolJanitor.deleteFiles(directory, file.poolId, steps);
                }
            } finally {
                producer.end();
            }
        }
    }

    /** What a new pool shall be like. */
    public static final class Context {
        static final int METADATA_LENGTH = 4096;

        private DragonDirectory directory;
        private String ownerName = "";
        private int slotCount = 16;
        private long slotLength;
        private int metadataLength = METADATA_LENGTH;
        private FullPolicy fullPolicy = FullPolicy.BACK_PRESSURED;
        private boolean sparse;
        private boolean copies;
        private Steps steps = Steps.NONE;

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

        /** {@return the directory; {@link DragonDirectory#byDefault()} by default} */
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

        /** {@return who owns the pool} */
        public String ownerName() {
            return ownerName;
        }

        /**
         * Whether its frames are copies of another host's: the masters do not know such a pool.
         *
         * @param copies true for a node agent's pool
         * @return this
         */
        public Context copies(final boolean copies) {
            this.copies = copies;
            return this;
        }

        /** {@return whether its frames are copies of another host's: true for a node agent's pool} */
        public boolean copies() {
            return copies;
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

        /** {@return the number of slots, 16 by default} */
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

        /** {@return the longest payload, bytes; has no default} */
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

        /** {@return the longest metadata, bytes; 4,096 by default} */
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

        /** {@return what a full pool answers, {@link FullPolicy#BACK_PRESSURED} by default} */
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

        /** {@return whether the file is left sparse: false by default} */
        public boolean sparse() {
            return sparse;
        }

        Context steps(final Steps steps) {
            this.steps = steps;
            return this;
        }

        Steps steps() {
            return steps;
        }

        /** Fills defaults and checks what was set. */
        PoolLayout conclude() {
            if (directory == null) {
                directory = DragonDirectory.byDefault();
            }
            final String fault = PoolLayout.fault(slotCount, slotLength, metadataLength);
            if (fault != null) {
                throw new DragonException(
                        DragonException.WRONG_USAGE,
                        "The frame pool of " + ownerName + " is impossible: " + fault + ".");
            }
            return PoolLayout.of(slotCount, slotLength, metadataLength);
        }
    }
}
