package io.dragon.worker;

import io.dragon.codecs.control.Reason;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.GpuException;
import io.dragon.worker.device.RingSlot;
import java.util.Objects;

/**
 * A handler whose tasks run on a GPU, each in a slot of the device's ring. What a task type does there is its {@link Job}; here is what
 * all of them have in common: no task touches the device any more when it ends, whatever went wrong, and memory that is short is
 * told as such.
 */
public abstract class GpuHandler implements PipelinedHandler {
    private final CudaDevice device;
    private final Job[] jobs = new Job[MOST_IN_FLIGHT];

    /**
     * A handler.
     *
     * @param device that runs its tasks.
     */
    protected GpuHandler(final CudaDevice device) {
        this.device = Objects.requireNonNull(device, "device");
    }

    /**
     * The device that runs the tasks.
     *
     * @return always the same.
     */
    protected final CudaDevice device() {
        return device;
    }

    /**
     * Makes a place for tasks: there are {@link #MOST_IN_FLIGHT}, each used again and again.
     *
     * @return a place of its own.
     */
    protected abstract Job newJob();

    /** Loads its kernels, so that the first task does not. */
    @Override
    public void open(final HandlerContext context) {
        for (int i = 0; i < jobs.length; i++) {
            jobs[i] = newJob();
        }
    }

    /** Gives back what it has on the device; nothing on one that is lost. */
    @Override
    public final void close() {
        if (!device.isLost()) {
            free();
        }
    }

    /** Gives back what it has on the device. */
    protected abstract void free();

    @Override
    public final boolean start(final TaskContext task) throws TaskFailedException, Exception {
        final Job job = Objects.requireNonNull(find(null), "more tasks than there are places for");
        job.task = task;
        try {
            if (job.start()) {
                return true;
            }
            job.reset();
            return false;
        } catch (final Exception | Error ex) {
            job.stop(ex);
            throw translated(ex, task);
        }
    }

    @Override
    public final boolean isDone(final TaskContext task) {
        final Job job = find(task);
        return job == null || job.isDone();
    }

    @Override
    public final void finish(final TaskContext task) throws TaskFailedException, Exception {
        final Job job = find(task);
        try {
            if (job.failure != null) {
                throw translated(job.failure, task);
            }
            job.finish();
        } catch (final IllegalArgumentException | GpuException ex) {
            throw translated(ex, task);
        } finally {
            job.reset();
        }
    }

    @Override
    public final void abandon(final TaskContext task) {
        final Job job = find(task);
        if (job != null) {
            job.reset();
        }
    }

    private Job find(final TaskContext task) {
        for (final Job job : jobs) {
            if (job.task == task) {
                return job;
            }
        }
        return null;
    }

    /** Thrown as it is when it is nothing that the submitter can do anything about. */
    private Exception translated(final Throwable ex, final TaskContext task) {
        if (ex instanceof GpuException gpu && gpu.isOutOfMemory()) {
            return new TaskFailedException(
                    Reason.OUT_OF_MEMORY,
                    taskType() + " in " + task.split() + (task.split() == 1 ? " piece: " : " pieces: ")
                            + gpu.getMessage());
        }
        if (ex instanceof IllegalArgumentException) {
            return new TaskFailedException(Reason.BAD_INPUT, ex.getMessage());
        }
        if (ex instanceof Error error) {
            throw error;
        }
        return (Exception) ex;
    }

    /** One task on the device. Compute thread only. */
    protected abstract static class Job {
        private final CudaDevice device;
        private TaskContext task;
        private RingSlot slot;
        private Throwable failure;

        /**
         * A place for a task.
         *
         * @param device that runs it.
         */
        protected Job(final CudaDevice device) {
            this.device = device;
        }

        /**
         * The task.
         *
         * @return null when there is none.
         */
        protected final TaskContext task() {
            return task;
        }

        /**
         * The task's slot of the ring.
         *
         * @return null before {@link #claim}.
         */
        protected final RingSlot slot() {
            return slot;
        }

        /**
         * Takes a slot of the ring for the task.
         *
         * @param bytes of memory of the device that it needs there.
         * @return false when there is none: then {@link #start} returns false.
         */
        protected final boolean claim(final long bytes) {
            slot = device.ring().claim(Math.max(1, bytes));
            return slot != null;
        }

        /**
         * Queues what the task needs, up to {@link RingSlot#computed}, and does not wait for it.
         *
         * @return false when there is no room on the device now; nothing is queued then.
         * @throws TaskFailedException when the task is not possible.
         */
        protected abstract boolean start() throws TaskFailedException;

        /**
         * Looks at what came back, once all that was queued is done.
         *
         * @return true when that was all; false when more was queued, or is going to be.
         */
        protected boolean advance() {
            return true;
        }

        /**
         * Writes the task's result.
         *
         * @throws TaskFailedException when there is no room for it.
         */
        protected abstract void finish() throws TaskFailedException;

        /** The task is over, well or not: gives up what it held on the device beside its slot. */
        protected void end() {}

        private boolean isDone() {
            if (slot != null && !slot.isComputed()) {
                return false;
            }
            if (failure != null || task.isRevoked()) {
                return true;
            }
            try {
                return advance();
            } catch (final Exception | Error ex) {
                stop(ex);
                return false;
            }
        }

        /** Nothing more is queued; what was queued already still has to end. */
        private void stop(final Throwable ex) {
            failure = ex;
            if (ex instanceof GpuException gpu && gpu.isSticky()) {
                throw gpu;
            }
            if (slot != null) {
                slot.copiedIn();
                slot.computed();
            }
        }

        private void reset() {
            final RingSlot old = slot;
            slot = null;
            task = null;
            failure = null;
            try {
                end();
            } finally {
                if (old != null) {
                    old.release();
                }
            }
        }
    }
}
