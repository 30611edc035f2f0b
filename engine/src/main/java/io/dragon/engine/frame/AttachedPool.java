package io.dragon.engine.frame;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.agrona.UnsafeApi;

/**
 * A pool as one reader sees it: one row, one bit in each slot. Leases of the same frame by the same reader share the bit
 * and are counted in this process's own memory, in a word for each slot. One thread acquires, any releases.
 *
 * <pre>
 *   63              32  31     30       29       28    27          0
 *  +------------------+---+--------+----------+--------+-------------+
 *  |      term        | 0 | ENDING | DETACHED | SHARED |   leases    |
 *  +------------------+---+--------+----------+--------+-------------+
 * </pre>
 *
 * The term changes whenever the bit is set. A lease that has the slot to itself knows the whole word, so that one exchange
 * of it both finds that the lease has not ended yet and ends it. Once a second lease shared the bit, or the reader detached, the
 * word is another until the bit is cleared, and leases end by their own state.
 */
final class AttachedPool {
    /** The term of a lease that shares its bit from the start. */
    static final long NO_TERM = 0;

    /** The term of a lease without a bit, on a frame that its producer keeps: it is alone with its frame, too. */
    static final long LENT_TERM = -1;

    private static final long LEASES = (1L << 28) - 1;
    private static final long SHARED = 1L << 28;
    private static final long DETACHED = 1L << 29;
    private static final long ENDING = 1L << 30;
    private static final long TAKEN = ENDING | LEASES;
    private static final int TERM_SHIFT = 32;
    private static final long ONE_TERM = 1L << TERM_SHIFT;
    private static final long TERM = -ONE_TERM;

    final PoolFile file;
    final int row;

    private final long bit;
    private final AtomicLongArray leases;
    private final ByteBuffer[] payloads;
    private final Steps steps;
    // Who keeps the file mapped: this reader, and once it has detached each slot with a lease.
    private final AtomicInteger users = new AtomicInteger(1);

    AttachedPool(final PoolFile file, final int row, final Steps steps) {
        this.file = file;
        this.row = row;
        this.steps = steps;
        bit = 1L << row;
        leases = new AtomicLongArray(file.layout.slotCount);
        payloads = file.payloads(true);
        file.onUnmapped(() -> {
            Steps.at(steps, "detach.row");
            ReaderRows.detach(file, row);
        });
    }

    /** Why a pool could not be attached. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        final int code;

        Refused(final int code, final String message) {
            super(message, null, false, false);
            this.code = code;
        }
    }

    static AttachedPool attach(
            final DragonDirectory directory,
            final long poolId,
            final int kind,
            final String holderName,
            final Steps steps)
            throws Refused {
        final PoolFile file = open(directory, poolId);
        final int row = ReaderRows.attach(file, kind, holderName, steps);
        if (row < 0) {
            final String holders = ReaderRows.holders(file);
            file.release();
            throw new Refused(
                    FrameReader.READERS_FULL,
                    "The frame pool " + directory.pool(poolId) + " has " + SlotWord.READERS
                            + " readers, which is as many as it can have; " + holderName
                            + " is one too many. They are: " + holders + ".");
        }
        return new AttachedPool(file, row, steps);
    }

    private static PoolFile open(final DragonDirectory directory, final long poolId) throws Refused {
        LockFile locks = null;
        try {
            locks = LockFile.open(directory.poolLock(poolId));
            final PoolFile file = PoolFile.open(directory.pool(poolId), poolId, locks, true);
            if (file != null) {
                locks = null;
                return file;
            }
        } catch (final NoSuchFileException e) {
            throw noSuchPool(directory, poolId);
        } catch (final IOException e) {
            throw new Refused(
                    FrameReader.NO_SUCH_POOL, "The lock of " + directory.pool(poolId) + " cannot be opened: " + e);
        } catch (final DragonException e) {
            throw new Refused(FrameReader.NO_SUCH_POOL, e.getMessage());
        } finally {
            if (locks != null) {
                locks.close();
            }
        }
        throw noSuchPool(directory, poolId);
    }

    private static Refused noSuchPool(final DragonDirectory directory, final long poolId) {
        return new Refused(
                FrameReader.NO_SUCH_POOL,
                "There is no frame pool " + directory.pool(poolId) + ": its owner has closed it.");
    }

    /** Leases a frame: 0 or a negative code of {@link FrameReader}. */
    int acquire(final FrameRef ref, final FrameLease lease) {
        final int slot = ref.slot();
        final long sequence = ref.sequence();
        if (slot < 0 || slot >= file.layout.slotCount) {
            return FrameReader.STALE;
        }
        long local = leases.get(slot);
        while ((local & TAKEN) != 0) {
            // The slot is leased by this reader already, or another thread is just ending that lease.
            if ((local & ENDING) == 0 && leases.compareAndSet(slot, local, (local | SHARED) + 1)) {
                return share(ref, lease);
            }
            Steps.at(steps, "acquire.waits");
            Thread.yield();
            local = leases.get(slot);
        }
        if (!setBit(slot, sequence)) {
            return file.isSealed() ? FrameReader.SEALED : FrameReader.STALE;
        }
        Steps.at(steps, "acquire.bit");
        final long term = (local & TERM) + ONE_TERM | 1;
        // No exchange: nobody but this thread changes the word of a slot without leases.
        leases.setRelease(slot, term);
        return lease(ref, lease, term);
    }

    private boolean setBit(final int slot, final long sequence) {
        // Tried without a look: a look first would fetch the cache line twice from the core of the producer, to read
        // and to write.
        // Who is not the only reader, or reads a held frame, has it by then at least.
        final long alone = SlotWord.of(sequence, SlotWord.READABLE);
        Steps.at(steps, "acquire.guessed");
        if (file.casWord(slot, alone, alone | bit)) {
            return true;
        }
        for (; ; ) {
            final long word = file.word(slot);
            if (!SlotWord.isReadable(word, sequence)) {
                return false;
            }
            Steps.at(steps, "acquire.looked");
            if (file.casWord(slot, word, word | bit)) {
                return true;
            }
        }
    }

    private int share(final FrameRef ref, final FrameLease lease) {
        if (!SlotWord.isReadable(file.word(ref.slot()), ref.sequence())) {
            end(ref.slot());
            return file.isSealed() ? FrameReader.SEALED : FrameReader.STALE;
        }
        return lease(ref, lease, NO_TERM);
    }

    private int lease(final FrameRef ref, final FrameLease lease, final long term) {
        final int slot = ref.slot();
        final long header = file.slotHeader(slot);
        final int length = UnsafeApi.getInt(header + PoolLayout.SLOT_PAYLOAD_LENGTH_OFFSET);
        final int metadataLength =
                PoolLayout.metadata(UnsafeApi.getInt(header + PoolLayout.SLOT_METADATA_AND_FORMAT_OFFSET));
        if (length < 0
                || length > file.layout.slotLength
                || metadataLength > file.layout.metadataLength
                || ref.length() > length) {
            end(slot);
            return FrameReader.TOO_SHORT;
        }
        // The bits that fit: it only tells whether anyone has read the frame.
        final int touched = (int) ref.sequence();
        if (UnsafeApi.getInt(header + PoolLayout.SLOT_TOUCHED_OFFSET) != touched) {
            UnsafeApi.putInt(header + PoolLayout.SLOT_TOUCHED_OFFSET, touched);
        }
        Steps.at(steps, "acquire.touched");
        lease.begin(this, ref, length, metadataLength, term);
        return 0;
    }

    /**
     * Lends a frame that its producer keeps until this reader's ring says that it has been read: 0 or a negative code of {@link FrameReader}.
     * Nothing is exchanged, and nothing written: the line of the slot's header and those of the payload come while this thread goes on, where
     * an exchange would wait for one before it asks for the next. The frame was written before its descriptor, which was released and
     * acquired; the next one is written after the producer has acquired the position that this thread releases when it has done with
     * this one. That the slot still has the frame is looked at nevertheless: a file may say anything.
     */
    int lend(final FrameRef ref, final FrameLease lease) {
        final int slot = ref.slot();
        if (slot >= file.layout.slotCount || !SlotWord.isReadable(file.word(slot), ref.sequence())) {
            return FrameReader.STALE;
        }
        Steps.at(steps, "lend.looked");
        final long header = file.slotHeader(slot);
        final int metadataLength =
                PoolLayout.metadata(UnsafeApi.getInt(header + PoolLayout.SLOT_METADATA_AND_FORMAT_OFFSET));
        // The length that came with the descriptor: where the last bytes are is known without the header.
        final int length = ref.length();
        if (UnsafeApi.getInt(header + PoolLayout.SLOT_PAYLOAD_LENGTH_OFFSET) != length
                || length < 0
                || length > file.layout.slotLength
                || metadataLength > file.layout.metadataLength) {
            return FrameReader.TOO_SHORT;
        }
        lease.beginLent(this, ref, length, metadataLength);
        Steps.at(steps, "lend.begun");
        return 0;
    }

    /** Whether a slot has this frame; any thread, also when the mapping ends meanwhile. */
    boolean isReadable(final int slot, final long sequence) {
        if (!file.retain()) {
            return false;
        }
        try {
            return SlotWord.isReadable(file.word(slot), sequence);
        } finally {
            file.release();
        }
    }

    ByteBuffer payload(final int slot) {
        return payloads[slot];
    }

    /** Any thread, also when another ends the lease meanwhile, and with it the mapping. */
    boolean isHeld(final int slot, final long sequence) {
        if (!file.retain()) {
            return false;
        }
        try {
            final long word = file.word(slot);
            return SlotWord.isReadable(word, sequence) && (word & bit) != 0;
        } finally {
            file.release();
        }
    }

    /**
     * Begins to end a lease that has its slot to itself; any thread. True for one caller, who goes on with {@link #clear}.
     */
    boolean beginEnd(final int slot, final long term) {
        return term != NO_TERM && leases.compareAndSet(slot, term, term - 1 | ENDING);
    }

    /** Whether a lease whose {@link #beginEnd} failed may still be there: otherwise another thread has ended it. */
    boolean isShared(final int slot, final long term) {
        final long local = leases.get(slot);
        Steps.at(steps, "release.shared");
        return term == NO_TERM || (local & TERM) == (term & TERM) && (local & (SHARED | DETACHED)) != 0;
    }

    /** Ends one of the leases of a slot; any thread. */
    void end(final int slot) {
        for (; ; ) {
            final long local = leases.get(slot);
            final boolean isLast = (local & LEASES) == 1;
            if (leases.compareAndSet(slot, local, isLast ? local - 1 | ENDING : local - 1)) {
                if (isLast) {
                    clear(slot, local);
                }
                return;
            }
        }
    }

    /**
     * Clears the bit. Until the word says that it is done nobody else changes it: who acquires and who detaches wait, so that a store
     * ends it, and the mapping is there as long as this thread touches it.
     */
    void clear(final int slot, final long local) {
        Steps.at(steps, "release.counted");
        file.clearReader(slot, bit);
        Steps.at(steps, "release.cleared");
        leases.setRelease(slot, local & TERM);
        if ((local & DETACHED) != 0) {
            unuse();
        }
    }

    private void unuse() {
        if (users.decrementAndGet() == 0) {
            file.release();
        }
    }

    boolean hasLeases() {
        for (int slot = 0; slot < leases.length(); slot++) {
            if ((leases.get(slot) & TAKEN) != 0) {
                return true;
            }
        }
        return false;
    }

    /** Detaches as soon as no lease is left. The thread that acquires, or any once that has ended. */
    void close() {
        for (int slot = 0; slot < leases.length(); slot++) {
            detach(slot);
        }
        unuse();
    }

    /** Leaves the mapping to the last lease of a slot, if there is one. */
    private void detach(final int slot) {
        for (; ; ) {
            final long local = leases.get(slot);
            if ((local & TAKEN) == 0) {
                return;
            }
            if ((local & ENDING) != 0) {
                Steps.at(steps, "detach.waits");
                Thread.yield();
            } else {
                users.incrementAndGet();
                if (leases.compareAndSet(slot, local, local | DETACHED)) {
                    return;
                }
                users.decrementAndGet();
            }
        }
    }

    /** Whoever detaches under the hands of a thread that acquires would unmap what it touches. */
    static void checkMayDetach(final Thread acquiring, final String who) {
        if (acquiring != null && acquiring != Thread.currentThread() && acquiring.isAlive()) {
            throw new IllegalStateException(who + " belongs to thread " + acquiring.getName() + ", which still runs; "
                    + Thread.currentThread().getName() + " cannot detach it");
        }
    }
}
