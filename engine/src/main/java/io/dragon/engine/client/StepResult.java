package io.dragon.engine.client;

import java.util.List;

/**
 * What a job made of one step: the outcomes of all its slabs. Output frames stay leased until it is closed.
 *
 * @param jobId      the job.
 * @param step       number of the step, as the cameras published it.
 * @param cameraBits cameras whose frame took part, one bit for each in the job's order.
 * @param slabs      the outcome of every slab, in order.
 */
public record StepResult(long jobId, long step, int cameraBits, List<TaskOutcome> slabs) implements AutoCloseable {
    /**
     * Whether every slab completed.
     *
     * @return false when one of them failed, expired or was cancelled.
     */
    public boolean isCompleted() {
        for (final TaskOutcome slab : slabs) {
            if (!slab.isCompleted()) {
                return false;
            }
        }
        return true;
    }

    /**
     * Number of cameras that took part.
     *
     * @return 1 to 32.
     */
    public int cameras() {
        return Integer.bitCount(cameraBits);
    }

    /** Releases the output frames of every slab. */
    @Override
    public void close() {
        slabs.forEach(TaskOutcome::close);
    }
}
