package io.dragon.engine.sequencer;

import io.dragon.codecs.control.Reason;

/**
 * Which workers are fit for work. One that fails too often in a row is drained: it gets nothing, except, after a time, one task
 * as a probe; it comes back after so many successes in a row.
 *
 * <pre>
 *   fit --(failures in a row, another worker runs each of its types)--> drained --(time, or nobody else is left)--> probing
 *    ^                                                                    ^                                           | |
 *    |                                                                    +------(a probe fails: wait twice as long)--+ |
 *    +--(successes in a row; or the failures turn out to be the tasks' own)---------------------------------------------+
 * </pre>
 *
 * A failure is held against the worker at once. When the same task then fails on another worker for the same reason, it is the
 * task that is to blame: the failure is taken back, and nobody is charged with that task any more. A task that is not tried
 * again cannot tell: its failure counts only when others completed tasks of its type meanwhile.
 */
final class Fitness {
    /** A failed probe doubles the wait, so often. */
    private static final int MOST_DOUBLINGS = 6;

    /** In {@link Task#chargedAfter}: nobody is to blame but the task. */
    private static final long OWN_FAULT = -1;

    private static final int INCARNATION_SHIFT = 40;

    private final Core core;

    Fitness(final Core core) {
        this.core = core;
    }

    /** Places that a worker has for more tasks. */
    static int free(final Party worker) {
        if (!worker.isAlive || worker.suspect || worker.isUnfit()) {
            return 0;
        }
        if (worker.drained) {
            return worker.probing && worker.assigned.size == 0 ? 1 : 0;
        }
        return worker.window - worker.assigned.size;
    }

    /** Reasons that may lie with the worker; the others are the task's, or the caller's. */
    static boolean isWorkers(final Reason reason) {
        return reason == Reason.HANDLER_FAILED || reason == Reason.TIMED_OUT || reason == Reason.OUT_OF_MEMORY;
    }

    void succeeded(final Party worker, final Task task) {
        hasOtherCompleted(worker, task);
        worker.failuresInARow = 0;
        if (worker.drained) {
            worker.successesInARow++;
            if (worker.successesInARow >= core.config.restoreAfterSuccesses) {
                restore(worker, worker.successesInARow);
            }
        }
    }

    void failed(final Party worker, final Task task, final Reason reason) {
        final boolean isLast = task.failures + 1 >= task.maxAttempts;
        final boolean hasOtherCompleted = hasOtherCompleted(worker, task);
        if (!isWorkers(reason) || isOwnFault(worker, task, reason) || (isLast && !hasOtherCompleted)) {
            return;
        }
        task.chargedWorkerId = worker.id;
        task.chargedReason = reason.value();
        task.chargedAfter = successes(worker);
        worker.failuresInARow++;
        if (worker.drained) {
            probeFailed(worker);
        } else if (worker.failuresInARow >= core.config.drainAfterFailures && hasOthers(worker)) {
            drain(worker);
        }
    }

    /** Whether somebody else completed a task of the type since this worker last answered for one. */
    private static boolean hasOtherCompleted(final Party worker, final Task task) {
        final WorkerType workerType = worker.workerType(task.type);
        final long samples = task.type.execution.samples;
        final boolean hasOther = samples > workerType.typeSamples;
        workerType.typeSamples = samples;
        return hasOther;
    }

    /** Of this incarnation: what another one failed is forgotten. */
    private static long successes(final Party worker) {
        return (long) worker.incarnation << INCARNATION_SHIFT | worker.completed;
    }

    private boolean isOwnFault(final Party worker, final Task task, final Reason reason) {
        if (task.chargedWorkerId == 0 || task.chargedReason != reason.value()) {
            return false;
        }
        if (task.chargedAfter == OWN_FAULT) {
            return true;
        }
        if (task.chargedWorkerId == worker.id) {
            return false;
        }
        takeBack(core.parties.get(task.chargedWorkerId), task.chargedAfter);
        task.chargedAfter = OWN_FAULT;
        return true;
    }

    /** The failures that the worker was charged with before its last success do not count any more anyway. */
    private void takeBack(final Party worker, final long chargedAfter) {
        if (worker != null && successes(worker) == chargedAfter && worker.failuresInARow > 0) {
            worker.failuresInARow--;
            if (worker.drained && worker.failuresInARow < core.config.drainAfterFailures) {
                restore(worker, 0);
            }
        }
    }

    /** Whether every type it runs has another worker that can be used. */
    private static boolean hasOthers(final Party worker) {
        final int own = worker.isUsable() ? 1 : 0;
        for (int i = 0; i < worker.types.size(); i++) {
            if (worker.types.get(i).type.usable <= own) {
                return false;
            }
        }
        return true;
    }

    private void drain(final Party worker) {
        core.faults.drained(worker, core.config.get(Setting.DRAIN_MS));
        core.scheduler.lessUsable(worker);
        worker.drained = true;
        worker.probing = false;
        worker.successesInARow = 0;
        worker.probeBackoff = 0;
        worker.drainedMs = core.upMs();
        worker.probeMs = core.upMs() + core.config.get(Setting.DRAIN_MS);
        core.scheduler.offer(worker, null);
    }

    private void restore(final Party worker, final int successes) {
        core.faults.restored(worker, successes);
        reset(worker);
        core.scheduler.moreUsable(worker);
        core.scheduler.offer(worker, null);
    }

    private void probeFailed(final Party worker) {
        worker.successesInARow = 0;
        if (worker.probing) {
            worker.probing = false;
            worker.probeBackoff = Math.min(MOST_DOUBLINGS, worker.probeBackoff + 1);
            worker.probeMs = core.upMs() + ((long) core.config.get(Setting.DRAIN_MS) << worker.probeBackoff);
            core.scheduler.offer(worker, null);
        }
    }

    /** At each tick: the next probe is due, or a type has nobody else left. */
    void check(final Party worker) {
        if (worker.drained && !worker.probing && (core.upMs() >= worker.probeMs || !hasOthers(worker))) {
            worker.probing = true;
            core.scheduler.offer(worker, null);
        }
    }

    /** A new incarnation begins anew. */
    static void reset(final Party worker) {
        worker.drained = false;
        worker.probing = false;
        worker.probeBackoff = 0;
        worker.failuresInARow = 0;
        worker.successesInARow = 0;
        worker.drainedMs = 0;
        worker.probeMs = 0;
    }
}
