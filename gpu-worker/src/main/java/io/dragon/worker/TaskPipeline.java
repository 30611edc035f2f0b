package io.dragon.worker;

import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The tasks that a device has been given, oldest first; they end in this order. A task keeps its inputs until the device is done with it,
 * also when it failed or nobody wants it any more. Compute thread only.
 *
 * <pre>
 *   add -&gt; WAITING --- start ---&gt; STARTED --- done, and no older one there ---&gt; ended
 *             |  (no room yet)        ^
 *             '-- it failed ----------'
 * </pre>
 */
final class TaskPipeline {
    private static final long MIN_PAUSE_NS = 20_000;
    private static final long MAX_PAUSE_NS = 1_000_000;

    /** A pause is so much shorter than what was waited already. */
    private static final int PAUSE_PARTS = 8;

    /** What ends a task for all handlers alike. */
    interface Ending {
        /** Its handler or its device has thrown. */
        void failed(TaskRun run, Throwable ex);

        /** The device is done with it, or it never got there. */
        void end(TaskRun run);
    }

    private final WorkerLink link;
    private final Ending ending;
    private final Entry[] entries = new Entry[PipelinedHandler.MOST_IN_FLIGHT];
    private int first;
    private int size;
    private long movedNs = System.nanoTime();

    TaskPipeline(final WorkerLink link, final Ending ending, final Supplier<RunningTask> tasks) {
        this.link = link;
        this.ending = ending;
        for (int i = 0; i < entries.length; i++) {
            entries[i] = new Entry(new TaskRun(tasks.get()));
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Whether another task would find a place, and none before it waits for room on the device. */
    boolean hasRoom() {
        return size < entries.length && (size == 0 || !entry(size - 1).isWaiting);
    }

    /** Takes an assignment, and starts it when the device has room. */
    void add(final PipelinedHandler handler, final DirectBuffer buffer, final int index, final int length) {
        final Entry entry = entry(size);
        // The ring's own memory is used again long before the task ends.
        entry.record.putBytes(0, buffer, index, length);
        final TaskRun run = entry.run;
        run.begin(entry.record.getLong(WorkerLink.FIRST_OFFSET), entry.record.getLong(WorkerLink.TRANSFERRED_OFFSET));
        run.handler = handler;
        final int remote = entry.record.getInt(WorkerLink.SECOND_OFFSET);
        run.task.wrap(
                entry.record,
                WorkerLink.BODY_OFFSET,
                entry.record.getInt(WorkerLink.INCARNATION_OFFSET),
                remote == 0 ? null : link.remoteLeases[remote - 1]);
        entry.isOffered = false;
        entry.isWaiting = true;
        size++;
        if (size == 1) {
            begins(entry);
        }
        start(entry);
    }

    /** Ends what is done and starts what waits. */
    int poll() {
        int work = 0;
        while (size > 0 && !entries[first].isWaiting && isDone(entries[first]) && link.fatal == null) {
            end();
            work++;
        }
        if (size > 0 && entry(size - 1).isWaiting && link.fatal == null) {
            work += start(entry(size - 1)) ? 1 : 0;
        }
        return work;
    }

    /** Waits a little for the device: the less the shorter it has been at it, so that it is not kept waiting by us. */
    void pause() {
        final long waitedNs = System.nanoTime() - movedNs;
        LockSupport.parkNanos(Math.min(MAX_PAUSE_NS, Math.max(MIN_PAUSE_NS, waitedNs / PAUSE_PARTS)));
    }

    /** Ends everything as soon as it is done, until this thread is interrupted: what is there then stays with the device. */
    void drain() {
        while (size > 0 && link.fatal == null) {
            if (poll() == 0) {
                pause();
                if (Thread.interrupted()) {
                    return;
                }
            }
        }
    }

    /** After the device was closed and reads no more: gives back the inputs of what it never finished. */
    void forget() {
        for (int i = 0; i < size; i++) {
            entry(i).run.task.release();
        }
        size = 0;
    }

    private Entry entry(final int index) {
        return entries[(first + index) % entries.length];
    }

    private void begins(final Entry entry) {
        link.computingTaskId = entry.run.task.taskId();
        movedNs = System.nanoTime();
    }

    /** False when there is no room for it. */
    private boolean start(final Entry entry) {
        final TaskRun run = entry.run;
        if (!run.task.isRevoked() && !run.hasFailed()) {
            try {
                if (run.startedNs == 0) {
                    run.task.acquire();
                    run.startedNs = System.nanoTime();
                }
                run.task.mayClaim(false);
                entry.isOffered = true;
                if (!((PipelinedHandler) run.handler).start(run.task)) {
                    entry.isOffered = false;
                    return false;
                }
            } catch (final Throwable ex) {
                ending.failed(run, ex);
            }
        }
        entry.isWaiting = false;
        return true;
    }

    private boolean isDone(final Entry entry) {
        if (!entry.isOffered) {
            return true;
        }
        try {
            return ((PipelinedHandler) entry.run.handler).isDone(entry.run.task);
        } catch (final Throwable ex) {
            ending.failed(entry.run, ex);
            return link.fatal == null;
        }
    }

    /** The oldest. */
    private void end() {
        final Entry entry = entries[first];
        final TaskRun run = entry.run;
        final PipelinedHandler handler = (PipelinedHandler) run.handler;
        run.task.mayClaim(true);
        try {
            if (run.hasFailed() || run.task.isRevoked()) {
                if (entry.isOffered) {
                    handler.abandon(run.task);
                }
            } else {
                handler.finish(run.task);
            }
        } catch (final Throwable ex) {
            ending.failed(run, ex);
        }
        if (link.fatal != null) {
            return;
        }
        first = (first + 1) % entries.length;
        size--;
        ending.end(run);
        if (size > 0) {
            begins(entries[first]);
        }
    }

    private static final class Entry {
        final TaskRun run;
        final UnsafeBuffer record = new UnsafeBuffer(new byte[WorkerLink.RECORD_LENGTH]);

        /** Inputs are not leased, or the device has no room yet. */
        boolean isWaiting;

        /** Its handler has seen it, and must be told how it ends. */
        boolean isOffered;

        Entry(final TaskRun run) {
            this.run = run;
        }
    }
}
