package io.dragon.worker.check;

import io.dragon.worker.LoneTask;
import io.dragon.worker.PipelinedHandler;
import io.dragon.worker.device.GpuException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Tasks through a handler as a worker gives them to it: as many on their way as it takes, ended in their order. */
final class PipelinedRun {
    private static final long PAUSE_NS = 20_000;
    static final long LONGEST_NS = 60_000_000_000L;

    /** Answers of each run that are held against the right ones. */
    static final int COMPARED = 8;

    private final PipelinedHandler handler;
    private final List<LoneTask> tasks;
    private final List<byte[]> right;
    private final int most;

    /** Goes on from run to run, so that the frames of a camera follow each other without a break. */
    private int next;

    /**
     * Runs of one handler.
     *
     * @param tasks taken in turn; more of them than can be on their way
     * @param right what each of them must answer
     */
    PipelinedRun(final PipelinedHandler handler, final List<LoneTask> tasks, final List<byte[]> right) {
        this.handler = handler;
        this.tasks = tasks;
        this.right = right;
        this.most = Math.min(PipelinedHandler.MOST_IN_FLIGHT, tasks.size());
    }

    /** Runs one task, as a handler does by itself, but does not wait for ever for its end. */
    static void run(final PipelinedHandler handler, final LoneTask task, final long limitNs) throws Exception {
        final long beginNs = System.nanoTime();
        Exception failure = null;
        try {
            if (!handler.start(task)) {
                throw new IllegalStateException("'" + handler.taskType() + "' has no room for its only task");
            }
        } catch (final Exception ex) {
            failure = ex;
        }
        while (!handler.isDone(task)) {
            if (System.nanoTime() - beginNs > limitNs) {
                throw noAnswer(handler);
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
        if (failure != null) {
            handler.abandon(task);
            throw failure;
        }
        handler.finish(task);
    }

    private static GpuException noAnswer(final PipelinedHandler handler) {
        return new GpuException(
                GpuException.NO_ANSWER,
                "NO_ANSWER",
                "The GPU has not finished its '" + handler.taskType() + "' tasks within a minute.");
    }

    /**
     * Runs tasks. The first of their answers are kept meanwhile, and compared when the time has been taken: an order that nobody waits for
     * shows only while several are on their way.
     *
     * @param count how many
     * @return nanoseconds from the first start to the last end
     * @throws IllegalStateException when an answer is wrong
     */
    long run(final int count) throws Exception {
        final List<byte[]> answers = new ArrayList<>(COMPARED);
        final int first = next;
        final long tookNs = run(count, answers);
        for (int i = 0; i < answers.size(); i++) {
            final int different = Arrays.mismatch(right.get((first + i) % tasks.size()), answers.get(i));
            if (different >= 0) {
                throw new IllegalStateException(
                        "with " + most + " tasks on their way the GPU answers another thing than the processor: task "
                                + (i + 1) + " of a run, from byte " + different + " of its answer");
            }
        }
        return tookNs;
    }

    private long run(final int count, final List<byte[]> answers) throws Exception {
        final long beginNs = System.nanoTime();
        final int end = next + count;
        int offered = next;
        int started = next;
        int ended = next;
        next = end;
        try {
            while (ended < end) {
                while (started < end && started - ended < most) {
                    offered = started + 1;
                    if (!handler.start(tasks.get(started % tasks.size()))) {
                        offered = started;
                        break;
                    }
                    started++;
                }
                final LoneTask oldest = tasks.get(ended % tasks.size());
                if (started > ended && handler.isDone(oldest)) {
                    ended++;
                    handler.finish(oldest);
                    if (answers.size() < COMPARED) {
                        answers.add(oldest.answer());
                    }
                    oldest.reset();
                } else {
                    pause(beginNs);
                }
            }
            return System.nanoTime() - beginNs;
        } catch (final GpuException ex) {
            if (!ex.isSticky()) {
                abandon(ended, offered);
            }
            throw ex;
        } catch (final Exception | AssertionError ex) {
            abandon(ended, offered);
            throw ex;
        }
    }

    /** What comes next must find the device's ring free. */
    private void abandon(final int from, final int to) {
        final long beginNs = System.nanoTime();
        for (int i = from; i < to; i++) {
            final LoneTask task = tasks.get(i % tasks.size());
            while (!handler.isDone(task)) {
                pause(beginNs);
            }
            handler.abandon(task);
            task.reset();
        }
    }

    private void pause(final long beginNs) {
        if (System.nanoTime() - beginNs > LONGEST_NS) {
            throw noAnswer(handler);
        }
        LockSupport.parkNanos(PAUSE_NS);
    }
}
