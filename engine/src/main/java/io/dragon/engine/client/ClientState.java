package io.dragon.engine.client;

import io.dragon.engine.frame.PoolSet;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

/**
 * What a client's users and its agent share. A command gets its number and its place in the ring in one step, under the lock that all
 * users share, so that numbers are in order and none is lost; the agent takes that lock only when the client's registration changes.
 */
final class ClientState {
    /** A command that goes out as it is. */
    static final int COMMAND = 1;
    /** A task with inputs by value: the agent copies them, then encodes it. */
    static final int STAGED_TASK = 2;
    /** A job with inputs by value. */
    static final int STAGED_JOB = 3;
    /** A pool for inputs by value is to be made. */
    static final int NEW_POOL = 4;
    /** Cameras are to be allocated to nodes. */
    static final int REQUEST = 5;

    /** Offset of a record's body behind its number. */
    static final int BODY_OFFSET = 8;

    /** Finished tasks that can still be found by id. */
    private static final int REMEMBERED_TASKS = 16_384;

    /** Jobs that have ended and are still known. */
    private static final int REMEMBERED_JOBS = 256;

    final ConcurrentHashMap<Long, TaskHandle> tasks = new ConcurrentHashMap<>();
    final ConcurrentHashMap<Long, JobHandle> jobs = new ConcurrentHashMap<>();
    final ConcurrentHashMap<Long, ClientCommandProxy.Request> requests = new ConcurrentHashMap<>();
    final ConcurrentHashMap<String, Integer> taskTypes = new ConcurrentHashMap<>();
    final AtomicInteger openTasks = new AtomicInteger();

    /** Tasks that are done and open for the masters all the same; written by the agent. */
    volatile int heldBack;

    final AtomicLong latencyNs = new AtomicLong();
    final AtomicLong tasksDone = new AtomicLong();
    final OneToOneRingBuffer ring;

    /** Ids of tasks to be cancelled and jobs to be closed whose commands are in the ring, perhaps behind others that find no room. */
    final ConcurrentLinkedQueue<Urgent> urgent = new ConcurrentLinkedQueue<>();

    final Object lock = new Object();

    volatile boolean connected;
    volatile String refusedText;

    /** Why the agent has ended; null while it works. */
    volatile String endedText;

    volatile int partyId;
    volatile boolean active;
    volatile int maxOpenTasks;

    // guarded by the lock
    final Set<String> askedTypes = new HashSet<>();
    private long nextSeq;
    private long plannedSlotLength;
    private int plannedSlots;
    private int pinnedSlots;

    // agent's
    /** Slots that inputs of jobs take now. */
    int jobSlots;

    private final ArrayDeque<JobHandle> endedJobs = new ArrayDeque<>();
    private final ArrayDeque<TaskHandle> finished = new ArrayDeque<>();

    /** What makes room, and must not wait for it. */
    record Urgent(boolean isJob, long id) {}

    ClientState(final OneToOneRingBuffer ring) {
        this.ring = ring;
    }

    /** Under the lock: the number that the next command will have. */
    long nextSeq() {
        return nextSeq;
    }

    /** Under the lock. */
    void advance() {
        nextSeq++;
    }

    /** Under the lock: id of what the next command creates. */
    long nextId() {
        return (long) partyId << 40 | nextSeq;
    }

    /**
     * Under the lock: slot length of the pool that has to be made first, 0 when there are slots enough that are long enough. All inputs of
     * a command lie in the pools at once, beside those of jobs: with fewer slots than that it would wait for itself.
     */
    long missingSlotLength(final long longest, final int inputs) {
        if (longest > plannedSlotLength) {
            return PoolSet.slotLengthFor(longest);
        }
        return inputs + pinnedSlots > plannedSlots ? plannedSlotLength : 0;
    }

    /** Under the lock: a pool is on its way. Shorter slots than the longest do not count. */
    void plan(final long slotLength, final int slots) {
        plannedSlots = slotLength == plannedSlotLength ? plannedSlots + slots : slots;
        plannedSlotLength = slotLength;
    }

    /** Agent: a planned pool could not be made, so that the next command with inputs by value plans anew. */
    void planFailed() {
        synchronized (lock) {
            plannedSlotLength = 0;
            plannedSlots = 0;
        }
    }

    /** Under the lock: slots that stay taken until a job is closed, or are free again. */
    void pin(final int slots) {
        pinnedSlots += slots;
    }

    /** Agent: a job has ended, its inputs are free. */
    void unpin(final JobHandle job) {
        jobSlots -= job.giveSlots();
        synchronized (lock) {
            pinnedSlots = Math.max(0, pinnedSlots - job.takePinned());
        }
    }

    /** Agent: a job has ended; it stays for a while, as results may come behind. */
    void ended(final JobHandle job) {
        unpin(job);
        endedJobs.addLast(job);
        if (endedJobs.size() > REMEMBERED_JOBS) {
            final JobHandle oldest = endedJobs.removeFirst();
            jobs.remove(oldest.jobId(), oldest);
        }
    }

    /** Under the lock. */
    int pinned() {
        return pinnedSlots;
    }

    /** Agent. */
    void activate(final int id, final long seq, final int openLimit) {
        synchronized (lock) {
            taskTypes.clear(); // ids of types are a cluster's, and this may be another one than before
            pinnedSlots = 0;
            jobSlots = 0;
            plannedSlots = 0;
            partyId = id;
            nextSeq = seq;
            plannedSlotLength = 0;
            askedTypes.clear();
            maxOpenTasks = openLimit;
            connected = true; // before the first look of housekeeping: who is registered is connected
            active = true;
        }
    }

    /** Agent: nothing is taken any more, and what was open ends here. */
    void deactivate(final String why) {
        synchronized (lock) {
            active = false;
        }
        for (final TaskHandle task : tasks.values()) {
            if (!task.isDone()) {
                finish(task, ClientAgent.lost(task.taskId(), why));
            }
        }
        for (final JobHandle job : jobs.values()) {
            job.onLost();
        }
    }

    /** Agent: a task is done. */
    void finish(final TaskHandle task, final TaskOutcome outcome) {
        openTasks.decrementAndGet();
        finished.addLast(task);
        if (finished.size() > REMEMBERED_TASKS) {
            // not whatever has this id now: numbers of commands that were never sequenced are given out again after a
            // fencing
            final TaskHandle oldest = finished.removeFirst();
            tasks.remove(oldest.taskId(), oldest);
        }
        tasksDone.incrementAndGet();
        final long totalNs = outcome.passport().totalNs();
        if (totalNs > 0) {
            final long mean = latencyNs.get();
            latencyNs.set(mean == 0 ? totalNs : mean + (totalNs - mean) / 16);
        }
        task.complete(outcome);
    }
}
