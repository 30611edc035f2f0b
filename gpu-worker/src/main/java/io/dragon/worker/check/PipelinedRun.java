package io.dragon.worker.check;

import io.dragon.worker.PipelinedHandler;
import io.dragon.worker.device.GpuException;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Tasks through a handler as a worker gives them to it: as many on their way as it takes, ended in their order. */
final class PipelinedRun {
    private static final long PAUSE_NS = 20_000;
    private static final long LONGEST_NS = 60_000_000_000L;

    private PipelinedRun() {}

    /**
     * Runs tasks.
     *
     * @param tasks taken in turn; more of them than can be on their way
     * @param count how many runs in all
     * @return nanoseconds from the first start to the last end
     */
    static long run(final PipelinedHandler handler, final List<CheckTask> tasks, final int count) throws Exception {
        final int most = Math.min(PipelinedHandler.MOST_IN_FLIGHT, tasks.size());
        final long beginNs = System.nanoTime();
        int offered = 0;
        int started = 0;
        int ended = 0;
        try {
            while (ended < count) {
                while (started < count && started - ended < most) {
                    offered = started + 1;
                    if (!handler.start(tasks.get(started % tasks.size()))) {
                        offered = started;
                        break;
                    }
                    started++;
                }
                final CheckTask oldest = tasks.get(ended % tasks.size());
                if (started > ended && handler.isDone(oldest)) {
                    ended++;
                    handler.finish(oldest);
                    oldest.reset();
                } else {
                    pause(handler, beginNs);
                }
            }
            return System.nanoTime() - beginNs;
        } catch (final GpuException ex) {
            if (!ex.isSticky()) {
                abandon(handler, tasks, ended, offered);
            }
            throw ex;
        } catch (final Exception | AssertionError ex) {
            abandon(handler, tasks, ended, offered);
            throw ex;
        }
    }

    /** What comes next must find the device's ring free. */
    private static void abandon(
            final PipelinedHandler handler, final List<CheckTask> tasks, final int from, final int to) {
        final long beginNs = System.nanoTime();
        for (int i = from; i < to; i++) {
            final CheckTask task = tasks.get(i % tasks.size());
            while (!handler.isDone(task)) {
                pause(handler, beginNs);
            }
            handler.abandon(task);
            task.reset();
        }
    }

    private static void pause(final PipelinedHandler handler, final long beginNs) {
        if (System.nanoTime() - beginNs > LONGEST_NS) {
            throw new GpuException(
                    GpuException.NO_ANSWER,
                    "NO_ANSWER",
                    "The GPU has not finished its '" + handler.taskType() + "' tasks within a minute.");
        }
        LockSupport.parkNanos(PAUSE_NS);
    }
}
