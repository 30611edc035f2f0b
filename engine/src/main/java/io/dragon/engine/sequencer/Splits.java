package io.dragon.engine.sequencer;

/**
 * In how many pieces tasks are worked on, one after the other, for want of device memory. A task that ran out of memory is tried
 * again in twice as many. A worker remembers for each type what worked and begins there; after a number of successes it tries
 * half as many again, and is twice as patient each time that this turns out too few.
 */
final class Splits {
    static final int LEAST_PATIENCE = 32;
    private static final int MOST_PATIENCE = 4_096;

    /** Instead of a count of successes: the worker ran out of memory with the type since its last success. */
    private static final int FOUND_SHORT = -1;

    private final Core core;

    Splits(final Core core) {
        this.core = core;
    }

    /** Pieces for an assignment: what the worker remembers, unless the task is known to need more, or its device to be too small. */
    int of(final Task task, final WorkerType workerType) {
        return workerType.pieces(task.memoryBytes, task.leastSplit, core.config.maxSplit);
    }

    /** How much longer than usual a task may take because it is worked on in more pieces than usual: doublings. */
    static int doublings(final Task task, final WorkerType workerType) {
        final int usual = workerType == null ? 1 : workerType.split;
        return task.split <= usual ? 0 : Integer.SIZE - Integer.numberOfLeadingZeros((task.split - 1) / usual);
    }

    /** It ran out of memory; whether there are smaller pieces to try. */
    boolean more(final Task task, final WorkerType workerType) {
        if (workerType != null) {
            workerType.splitSuccesses = FOUND_SHORT;
            if (task.split <= workerType.split) {
                workerType.splitPatience = Math.min(MOST_PATIENCE, 2 * workerType.splitPatience);
            }
        }
        if (task.split >= core.config.maxSplit) {
            return false;
        }
        task.leastSplit = Math.min(core.config.maxSplit, 2 * task.split);
        return true;
    }

    /** What another worker's shortage, or the task itself, asked for is not what this one needs. */
    void succeeded(final Task task, final WorkerType workerType) {
        if (task.split > workerType.split) {
            if (workerType.splitSuccesses == FOUND_SHORT) {
                workerType.split = task.split;
                workerType.splitSuccesses = 0;
            }
        } else if (workerType.split > 1 && ++workerType.splitSuccesses >= workerType.splitPatience) {
            workerType.split = workerType.split / 2;
            workerType.splitSuccesses = 0;
        }
    }
}
