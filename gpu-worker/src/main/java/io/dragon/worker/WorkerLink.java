package io.dragon.worker;

import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.PoolSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * What the two agents of a worker share: assignments one way, completions the other, and a few words that one writes and the other reads.
 *
 * <pre>
 *   assignment:  receivedNs 8 | incarnation 4 | remote 4    | transferredNs 8 | AssignTask (remote: 1 + index of its fetched inputs, 0 without any)
 *   completion:  taskId 8     | incarnation 4 | attempt 4   | - 8             | CompleteTask (nothing, when the task was dropped)
 *   new pool:    poolId 8     | incarnation 4 | slotCount 4 | - 8             | slotLength 8
 * </pre>
 */
final class WorkerLink {
    static final int ASSIGNMENT = 1;
    static final int COMPLETION = 2;
    static final int NEW_POOL = 3;

    static final int FIRST_OFFSET = 0;
    static final int INCARNATION_OFFSET = 8;
    static final int SECOND_OFFSET = 12;
    static final int TRANSFERRED_OFFSET = 16;
    static final int BODY_OFFSET = 24;

    static final int RECORD_LENGTH = 1536;
    private static final int MIN_RECORDS = 64;
    private static final long WAIT_STEP_NS = 100_000;

    final OneToOneRingBuffer assignments;
    final OneToOneRingBuffer completions;

    /** Leases of fetched inputs, by input: control fills a row in before it hands the assignment over. */
    final FrameLease[][] remoteLeases;

    /** Handlers by the id of their task type: written by the control agent. */
    final ConcurrentHashMap<Integer, TaskHandler> handlers = new ConcurrentHashMap<>();

    /** Highest attempt that was revoked, by task: written by control, cleared when the task is out of hand. */
    final ConcurrentHashMap<Long, Integer> revoked = new ConcurrentHashMap<>();

    /** The worker leaves: from here on an interrupt means that nobody waits any more. */
    volatile boolean closing;

    /** Why nothing of this worker can be trusted any more: either agent writes it. */
    volatile Throwable fatal;

    /** What the control agent does in its duty cycle, for the compute agent to do while it has nothing in hand; null before and after. */
    volatile IntSupplier session;

    /** Whether the compute agent does that now: it has no task in hand. */
    volatile boolean isServed;

    /** Each agent says which thread it is, so that the other can wake it. */
    private volatile Thread controlThread;

    private volatile Thread computeThread;

    // control writes
    volatile int incarnation;
    volatile boolean ready;
    volatile String refusedText;

    // compute writes
    volatile PoolSet outputs;
    volatile boolean started;
    volatile Throwable startFailure;
    volatile long computingTaskId;
    volatile long progress;
    volatile long errors;

    WorkerLink(final int window) {
        final int records = BitUtil.findNextPositivePowerOfTwo(Math.max(MIN_RECORDS, 4 * window));
        remoteLeases = new FrameLease[records][];
        assignments = ring(records);
        completions = ring(records);
    }

    private static OneToOneRingBuffer ring(final int records) {
        final int capacity = BitUtil.findNextPositivePowerOfTwo(records * RECORD_LENGTH);
        return new OneToOneRingBuffer(new UnsafeBuffer(BufferUtil.allocateDirectAligned(
                capacity + RingBufferDescriptor.TRAILER_LENGTH, BitUtil.CACHE_LINE_LENGTH)));
    }

    /** Control has started: on its thread. */
    void onControlStarted() {
        controlThread = Thread.currentThread();
    }

    /** Compute has started: on its thread. */
    void onComputeStarted() {
        computeThread = Thread.currentThread();
    }

    /** Whether there is a compute thread, or was. */
    boolean wasStarted() {
        return computeThread != null;
    }

    /** Hands an assignment over, and wakes the compute agent where that is another thread; false when there is no room. */
    boolean assign(final DirectBuffer record, final int length) {
        final boolean isWritten = assignments.write(ASSIGNMENT, record, 0, length);
        if (computeThread != Thread.currentThread()) {
            LockSupport.unpark(computeThread);
        }
        return isWritten;
    }

    /** Compute: waits for room, which the control agent makes as soon as the cluster takes commands. */
    void write(final int type, final DirectBuffer record, final int length) {
        while (!completions.write(type, record, 0, length) && !(Thread.interrupted() && closing)) {
            wakeControl();
            LockSupport.parkNanos(WAIT_STEP_NS);
        }
    }

    /** Compute: has a task in hand, or none; the control agent looks now and then. */
    void serve(final boolean isServing) {
        if (isServed != isServing) {
            isServed = isServing;
        }
    }

    /** Whether the control thread has nothing to do: the compute agent serves the session, and leaves nothing behind. */
    boolean isControlIdle() {
        return isServed && completions.size() == 0;
    }

    /** Compute: the session is for the control thread from here on. */
    void wakeControl() {
        LockSupport.unpark(controlThread);
    }

    boolean isRevoked(final long taskId, final int attempt, final int ofIncarnation) {
        if (incarnation != ofIncarnation) {
            return true;
        }
        if (revoked.isEmpty()) {
            return false; // most often, and the key need not be made
        }
        final Integer upTo = revoked.get(taskId);
        return upTo != null && upTo >= attempt;
    }
}
