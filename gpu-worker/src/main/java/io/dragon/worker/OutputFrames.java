package io.dragon.worker;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.PoolSet;
import java.util.concurrent.locks.LockSupport;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The output frames of a worker's tasks. A pool belongs to one incarnation; it is made when the first output of that incarnation is
 * claimed, a larger one beside it when an output does not fit, and more of them while all slots are taken, up to a limit. Compute thread
 * only.
 */
final class OutputFrames implements AutoCloseable {
    private static final long WAIT_STEP_NS = 200_000;
    private static final long GROW_PAUSE_NS = 1_000_000_000;

    private final DragonDirectory directory;
    private final String workerName;
    private final int slotCount;
    private final long slotLength;
    private final long maxSlotLength;
    private final long poolBytes;
    private final long memoryLimit;
    private final long claimTimeoutNs;
    private final WorkerLink link;
    private final FrameClaim[] claims = new FrameClaim[TaskContext.MAX_OUTPUTS];
    private final FrameRef[] refs = new FrameRef[TaskContext.MAX_OUTPUTS];
    private final MutableDirectBuffer record = new UnsafeBuffer(new byte[WorkerLink.BODY_OFFSET + Long.BYTES]);
    private PoolSet pools;
    private int poolsIncarnation;
    private int count;
    private long growNotBeforeNs;

    OutputFrames(final WorkerContext ctx, final WorkerLink link) {
        this.directory = ctx.directory();
        this.workerName = ctx.name();
        this.slotCount = ctx.outputSlotCount();
        this.slotLength = ctx.outputSlotLength();
        this.maxSlotLength = ctx.maxOutputLength();
        this.poolBytes = slotCount * slotLength;
        this.memoryLimit = ctx.outputMemoryLimit();
        this.claimTimeoutNs = ctx.outputTimeout().toNanos();
        this.link = link;
        for (int i = 0; i < claims.length; i++) {
            claims[i] = new FrameClaim();
            refs[i] = new FrameRef();
        }
    }

    FrameClaim claim(final RunningTask task, final int length) throws TaskFailedException {
        if (count == claims.length) {
            throw new TaskFailedException(
                    Reason.NO_OUTPUT_SLOT, "a task has at most " + TaskContext.MAX_OUTPUTS + " output frames");
        }
        if (length < 0 || length > maxSlotLength) {
            throw new TaskFailedException(
                    Reason.NO_OUTPUT_SLOT,
                    "an output of " + length + " bytes is beyond the " + maxSlotLength + " bytes that worker '"
                            + workerName + "' allows");
        }
        ensurePool(task.incarnation(), length);
        boolean mayGrow = true;
        final long deadlineNs = System.nanoTime() + claimTimeoutNs;
        int code;
        while ((code = pools.tryClaim(claims[count], length)) == FramePool.BACK_PRESSURED) {
            if (task.isRevoked()) {
                throw new TaskFailedException(
                        Reason.CANCELLED, "the task was revoked while it waited for an output slot");
            }
            // Outputs stay until their dependants are done, and these may wait behind this very task: so more memory
            // first.
            if (mayGrow && (mayGrow = grow(task.incarnation(), length))) {
                continue;
            }
            if (System.nanoTime() - deadlineNs >= 0 || Thread.currentThread().isInterrupted()) {
                throw new TaskFailedException(
                        Reason.NO_OUTPUT_SLOT,
                        "no output slot of worker '" + workerName + "' became free within " + claimTimeoutNs / 1_000_000
                                + " ms: results are held or read by others");
            }
            LockSupport.parkNanos(WAIT_STEP_NS);
        }
        if (code < 0) {
            throw new TaskFailedException(
                    Reason.NO_OUTPUT_SLOT,
                    "worker '" + workerName + "' could not claim an output slot (code " + code + ')');
        }
        return claims[count++];
    }

    /** Publishes what the task has claimed, held until the sequencer releases it. */
    int publish() throws TaskFailedException {
        int published = 0;
        try {
            while (published < count) {
                claims[published].publish(refs[published], true);
                published++;
            }
        } catch (final IllegalStateException ex) {
            release(published);
            throw new TaskFailedException(
                    Reason.HANDLER_FAILED,
                    "the handler published or gave back output " + published + " itself, which is the worker's to do");
        }
        count = 0;
        return published;
    }

    FrameRef ref(final int index) {
        return refs[index];
    }

    /** Gives back what was published for a completion that is not sent. */
    void release(final int published) {
        for (int i = 0; i < published; i++) {
            pools.release(refs[i]);
        }
    }

    void abort() {
        while (count > 0) {
            try {
                claims[--count].abort();
            } catch (final IllegalStateException ex) {
                // published, or given back by the handler itself: there is nothing left to give back
                continue;
            }
        }
    }

    /** Leaves the pools of an incarnation that is over to the node agent. */
    void retire(final int presentIncarnation) {
        if (pools != null && poolsIncarnation != presentIncarnation) {
            abort();
            link.outputs = null;
            pools.close();
            pools = null;
        }
    }

    @Override
    public void close() {
        abort();
        if (pools != null) {
            pools.close();
        }
    }

    private void ensurePool(final int incarnation, final int length) throws TaskFailedException {
        retire(incarnation);
        if (pools == null) {
            pools = new PoolSet(directory, workerName);
            poolsIncarnation = incarnation;
            link.outputs = pools;
        }
        if (pools.longestSlot() >= length && pools.longestSlot() > 0) {
            return;
        }
        final long newLength = length <= slotLength ? slotLength : PoolSet.slotLengthFor(length);
        final int wanted = length <= slotLength ? slotCount : PoolSet.slotCountFor(newLength, poolBytes);
        final long allowed = Math.max(0, memoryLimit - bytes()) / newLength;
        if (allowed < 1) {
            throw new TaskFailedException(
                    Reason.NO_OUTPUT_SLOT,
                    "the output pools of worker '" + workerName + "' take " + bytes() + " of the " + memoryLimit
                            + " bytes they may, and an output of " + length + " bytes needs " + newLength + " more");
        }
        String fault = null;
        for (int newCount = (int) Math.min(wanted, allowed); newCount >= 1; newCount /= 2) {
            try {
                announce(incarnation, pools.add(newCount, newLength));
                return;
            } catch (final DragonException ex) {
                fault = fault == null ? ex.getMessage() : fault;
            }
        }
        throw new TaskFailedException(Reason.NO_OUTPUT_SLOT, fault);
    }

    private long bytes() {
        long bytes = 0;
        for (final FramePool pool : pools.pools()) {
            bytes += pool.slotCount() * pool.slotLength();
        }
        return bytes;
    }

    /**
     * Another pool as large as all that could hold this output, or as the memory's end allows; false where nothing more is to be had.
     */
    private boolean grow(final int incarnation, final int length) {
        if (growNotBeforeNs != 0 && System.nanoTime() - growNotBeforeNs < 0) {
            return false;
        }
        long slots = 0;
        long growLength = 0;
        for (final FramePool pool : pools.pools()) {
            if (pool.slotLength() >= length) {
                slots += pool.slotCount();
                growLength = growLength == 0 ? pool.slotLength() : growLength;
            }
        }
        long newCount = Math.min(Math.min(slots, PoolSet.MAX_SLOTS), (memoryLimit - bytes()) / growLength);
        for (; newCount >= 1; newCount /= 2) {
            try {
                announce(incarnation, pools.add((int) newCount, growLength));
                return true;
            } catch (final DragonException ex) {
                // Not so much memory is left. What cannot be had now is not asked for by every claim.
                growNotBeforeNs = System.nanoTime() + GROW_PAUSE_NS;
            }
        }
        return false;
    }

    private void announce(final int incarnation, final FramePool pool) {
        record.putLong(WorkerLink.FIRST_OFFSET, pool.poolId());
        record.putInt(WorkerLink.INCARNATION_OFFSET, incarnation);
        record.putInt(WorkerLink.SECOND_OFFSET, pool.slotCount());
        record.putLong(WorkerLink.BODY_OFFSET, pool.slotLength());
        link.write(WorkerLink.NEW_POOL, record, record.capacity());
    }
}
