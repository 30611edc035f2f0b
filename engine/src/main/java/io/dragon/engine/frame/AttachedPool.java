package io.dragon.engine.frame;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A pool as one reader sees it: one row, one bit in each slot. Leases of the same frame by the same reader share the bit
 * and are counted in this process's own memory. One thread acquires, any releases.
 */
final class AttachedPool {
    private static final int RELEASING = -1;
    private static final long ATTACHED = 1L << 62;

    final PoolFile file;
    final int row;

    private final long bit;
    private final AtomicIntegerArray leases;
    private final ByteBuffer[] payloads;
    private final Steps steps;
    // Leases begun are counted by the one thread that acquires, without any fence. Those ended are taken off here; once
    // detached, what is left are the leases that still hold the mapping.
    private final AtomicLong unended = new AtomicLong(ATTACHED);
    private long begun;

    private AttachedPool(final PoolFile file, final int row, final Steps steps) {
        this.file = file;
        this.row = row;
        this.steps = steps;
        bit = 1L << row;
        leases = new AtomicIntegerArray(file.layout.slotCount);
        payloads = file.payloads(true);
        file.onUnmapped(() -> {
            steps.reached("detach.row");
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
        int count = leases.get(slot);
        while (count != 0) {
            // The slot is leased by this reader already, or another thread is just ending that lease.
            if (count > 0 && leases.compareAndSet(slot, count, count + 1)) {
                return share(ref, lease);
            }
            steps.reached("acquire.waits");
            Thread.yield();
            count = leases.get(slot);
        }
        for (; ; ) {
            final long word = file.word(slot);
            if (!SlotWord.isReadable(word, sequence)) {
                return file.isSealed() ? FrameReader.SEALED : FrameReader.STALE;
            }
            steps.reached("acquire.looked");
            if (file.casWord(slot, word, word | bit)) {
                break;
            }
        }
        steps.reached("acquire.bit");
        leases.setRelease(slot, 1);
        return lease(ref, lease, true);
    }

    private int share(final FrameRef ref, final FrameLease lease) {
        if (!SlotWord.isReadable(file.word(ref.slot()), ref.sequence())) {
            releaseSlot(ref.slot());
            return file.isSealed() ? FrameReader.SEALED : FrameReader.STALE;
        }
        return lease(ref, lease, false);
    }

    private int lease(final FrameRef ref, final FrameLease lease, final boolean alone) {
        final UnsafeBuffer header = file.header;
        final int slot = ref.slot();
        final int offset = PoolLayout.slotHeader(slot);
        final int length = header.getInt(offset + PoolLayout.SLOT_PAYLOAD_LENGTH_OFFSET);
        final int metadataLength = header.getInt(offset + PoolLayout.SLOT_METADATA_LENGTH_OFFSET);
        if (length < 0
                || length > file.layout.slotLength
                || metadataLength < 0
                || metadataLength > file.layout.metadataLength
                || ref.length() > length) {
            releaseSlot(slot);
            return FrameReader.TOO_SHORT;
        }
        if (header.getLong(offset + PoolLayout.SLOT_TOUCHED_OFFSET) != ref.sequence()) {
            header.putLong(offset + PoolLayout.SLOT_TOUCHED_OFFSET, ref.sequence());
        }
        steps.reached("acquire.touched");
        begun++;
        lease.begin(this, ref, length, metadataLength, alone);
        return 0;
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

    /** Ends one lease; any thread. */
    void endLease(final int slot) {
        releaseSlot(slot);
        if (unended.decrementAndGet() == 0) {
            file.release();
        }
    }

    private void releaseSlot(final int slot) {
        for (; ; ) {
            final int count = leases.get(slot);
            if (leases.compareAndSet(slot, count, count == 1 ? RELEASING : count - 1)) {
                if (count == 1) {
                    steps.reached("release.counted");
                    file.clearReader(slot, bit);
                    steps.reached("release.cleared");
                    leases.setRelease(slot, 0);
                }
                return;
            }
        }
    }

    boolean hasLeases() {
        for (int slot = 0; slot < leases.length(); slot++) {
            if (leases.get(slot) != 0) {
                return true;
            }
        }
        return false;
    }

    /** Detaches as soon as no lease is left. The thread that acquires, or any once that has ended. */
    void close() {
        if (unended.addAndGet(begun - ATTACHED) == 0) {
            file.release();
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
