package io.dragon.engine.sequencer;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.sequencer.balance.Candidate;
import io.dragon.engine.sequencer.balance.Demand;
import io.dragon.engine.sequencer.balance.Strategy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;

/** Gives ready tasks to workers with a free place, and takes them back. */
final class Scheduler {
    private static final long NS_PER_MS = 1_000_000;
    private static final int MOST_DOUBLINGS = 6;

    /** Parked tasks of a type looked at when a place becomes free, and at each tick. */
    private static final int PARKED_EXAMINED = 64;

    /** For so long a task waits for another worker than the one it failed on; then that one is better than none. */
    private static final int AVOID_MS = 10_000;

    private final Core core;

    /** The task that is looked at. */
    private final Demand demand = new Demand();

    Scheduler(final Core core) {
        this.core = core;
    }

    /** Assigns until nothing ready fits anywhere; true when that ended a task. */
    void run() {
        for (Task task = core.ready.first(); task != null; task = core.ready.first()) {
            final TaskType type = task.type;
            demand(task);
            if (core.trace != null) {
                TraceWords.candidates(core, task, demand);
            }
            final Candidate candidate = type.strategy.choose(demand);
            if (candidate == null && isTooLarge(task)) {
                failTooLarge(task);
            } else if (candidate == null) {
                core.ready.remove(task);
                park(task);
            } else if (isInputLost(task)) {
                core.tasks.finish(task, Task.FAILED, Reason.INPUT_LOST);
            } else {
                core.ready.take(task);
                assign(task, (WorkerType) candidate);
            }
        }
    }

    /** What is lost now is left out of the assignment, and stays so. */
    private boolean isInputLost(final Task task) {
        if (core.parties.deadNodes == 0) {
            task.lostInputs = 0;
            return false;
        }
        final boolean isLost = core.inputs.gather(task) == Inputs.LOST;
        task.lostInputs = core.inputs.lost;
        return isLost;
    }

    private Demand demand(final Task task) {
        final SequencerConfig config = core.config;
        final int excepted = excepted(task);
        demand.task(task.priority, task.inputBytes, task.homeNodeId)
                .atHome(task.homeBytes)
                .links(core.routes)
                .memory(task.memoryBytes, task.leastSplit, config.maxSplit)
                .except(excepted)
                .at(core.upMs())
                .settings(config.scoredThreshold, config.recentErrorMs, config.spillPercent);
        core.locality.restrict(task, demand, excepted);
        return demand;
    }

    /** The worker that is not to get the task now; 0 none. */
    private int excepted(final Task task) {
        return task.type.usable > 1 && core.upMs() < task.avoidUntilMs ? task.avoidWorkerId : 0;
    }

    void avoid(final Task task, final int workerId) {
        task.avoidWorkerId = workerId;
        task.avoidUntilMs = core.upMs() + AVOID_MS;
    }

    /** Whether no worker by name, alive or expected back, has as much memory in all as the task needs at a time. */
    private boolean isTooLarge(final Task task) {
        return task.memoryBytes > 0
                && task.type.strategy.isChoosy()
                && task.memoryNeeded(core.config.maxSplit) > core.parties.mostMemory();
    }

    private void failTooLarge(final Task task) {
        final byte[] words = ("the task needs " + task.memoryNeeded(core.config.maxSplit)
                        + " bytes of device memory even in " + core.config.maxSplit
                        + " pieces, the largest worker has " + core.parties.mostMemory())
                .getBytes(StandardCharsets.US_ASCII);
        task.result = core.bytes.take(words.length);
        System.arraycopy(words, 0, task.result, 0, words.length);
        task.errorLength = words.length;
        core.tasks.finish(task, Task.FAILED, Reason.OUT_OF_MEMORY);
    }

    private void assign(final Task task, final WorkerType workerType) {
        final Party worker = workerType.worker;
        core.counters[Counters.READY]--;
        core.increment(Counters.ASSIGNED);
        task.state = Task.ASSIGNED;
        task.attempt++;
        task.worker = worker;
        task.place = core.increment(Counters.PLACE);
        task.assignEvent = 0;
        task.awaitsHomeMs = Party.NEVER;
        task.transferMs = core.locality.transferMs(task, worker);
        if (task.kind == Task.PER_STEP) { // it may have lost inputs, or found them again, since it became ready
            core.inputs.gather(task);
            task.cameraBits = core.inputs.cameraBits;
        }
        if (core.trace != null) {
            core.trace.assigned(task.id, worker.id, task.attempt);
        }
        worker.assign(task);
        task.startedMs = worker.assigned.first == task ? core.upMs() : 0;
        task.assignedMs = core.nowMs();
        task.split = core.splits.of(task, workerType);
        offer(worker, workerType);
        core.egress.touch(worker);
    }

    /** Takes an assignment from its worker; the next one in the window begins to run. */
    void unassign(final Task task) {
        final Party worker = task.worker;
        core.counters[Counters.ASSIGNED]--;
        final boolean wasRunning = worker.assigned.first == task;
        worker.unassign(task);
        task.worker = null;
        if (wasRunning && worker.assigned.first != null) {
            worker.assigned.first.startedMs = core.upMs();
        }
        offer(worker, null);
    }

    /** Tells the strategies of all the worker's types what it has now. */
    void offer(final Party worker, final WorkerType took) {
        final ArrayList<WorkerType> types = worker.types;
        final boolean isUsable = worker.isUsable();
        final boolean isFree = Fitness.free(worker) > 0;
        for (int i = 0; i < types.size(); i++) {
            final WorkerType workerType = types.get(i);
            final TaskType type = workerType.type;
            if (isFree) {
                type.strategy.offer(workerType, core.increment(Counters.STAMP), took == workerType);
                if (took == null && type.parked.size > 0) {
                    unparkFor(workerType);
                }
            } else if (isUsable) {
                type.strategy.full(workerType);
            } else {
                type.strategy.withdraw(workerType);
            }
            core.ready.refresh(type);
        }
    }

    // ---- parked: ready, but none of the workers with a free place is to get it

    private void park(final Task task) {
        if (demand.isForLocals()) {
            core.locality.awaits(task);
        }
        task.parked = true;
        task.place = core.increment(Counters.PLACE);
        task.type.parked.add(task);
        core.locality.parked(task);
        if (core.trace != null) {
            core.trace.parked(
                    task.id,
                    demand.isForLocals()
                            ? "a worker where its inputs lie is to have it, and none is free"
                            : "none of the workers with a free place is to get it");
        }
    }

    private void leaveParked(final Task task) {
        core.locality.unparked(task);
        task.type.parked.remove(task);
        task.parked = false;
    }

    private void unpark(final Task task) {
        leaveParked(task);
        if (core.trace != null) {
            core.trace.resumed(task.id);
        }
        core.ready.add(task);
    }

    /** The worker has a free place, or more memory: those that it may take compete again; of many, some at a time. */
    private void unparkFor(final WorkerType workerType) {
        final TaskType type = workerType.type;
        for (int left = Math.min(PARKED_EXAMINED, type.parked.size); left > 0; left--) {
            final Task task = type.parked.first;
            demand(task);
            final boolean isExcepted = excepted(task) == workerType.worker.id;
            if (isExcepted || (type.strategy.isChoosy() && !workerType.fits(demand)) || !demand.mayGoTo(workerType)) {
                putLast(task);
            } else {
                unpark(task);
            }
        }
    }

    /** So that those behind it are examined next. */
    private void putLast(final Task task) {
        task.type.parked.remove(task);
        task.type.parked.add(task);
        task.place = core.increment(Counters.PLACE);
    }

    /** What makes a strategy refuse a task may pass without an event of the worker's, as time does. */
    void lookAgain() {
        for (int i = 0; i < core.types.all.size(); i++) {
            final TaskType type = core.types.all.get(i);
            for (int left = Math.min(PARKED_EXAMINED, type.parked.size); left > 0; left--) {
                final Task task = type.parked.first;
                if (isWelcome(task)) {
                    unpark(task);
                } else {
                    putLast(task);
                }
            }
        }
    }

    /** Whether it is time for a parked task to compete again, or to fail because nobody can hold it any more. */
    private boolean isWelcome(final Task task) {
        final Strategy strategy = task.type.strategy;
        demand(task);
        if (!strategy.isChoosy() && !demand.isForLocals()) {
            return excepted(task) == 0; // Nothing else was in its way.
        }
        return strategy.welcomes(demand) || isTooLarge(task);
    }

    void hasMoreMemory(final Party worker) {
        for (int i = 0; i < worker.types.size(); i++) {
            final WorkerType workerType = worker.types.get(i);
            if (workerType.type.parked.size > 0 && workerType.isOffered()) {
                unparkFor(workerType);
            }
        }
    }

    void unparkAll(final TaskType type) {
        while (type.parked.first != null) {
            unpark(type.parked.first);
        }
    }

    /** A ready task ends without having been assigned. */
    void forget(final Task task) {
        if (task.parked) {
            leaveParked(task);
        } else {
            core.ready.remove(task);
        }
    }

    // ---- taking back

    /** Takes an assignment back from a worker that lives, and tells it so. */
    void revoke(final Task task, final Reason reason) {
        if (reason != Reason.NONE && task.worker.isAlive) {
            final Outgoing revoke = core.egress.outgoing(Outgoing.REVOKE);
            revoke.subject = task.id;
            revoke.a = task.attempt;
            revoke.reason = reason.value();
            core.egress.add(task.worker, revoke);
        }
        task.workerId = task.worker.id;
        unassign(task);
    }

    private void again(final Task task) {
        core.increment(Counters.READY);
        task.state = Task.READY;
        core.ready.add(task);
    }

    /** In smaller pieces: the task did nothing wrong, so this is no failed attempt. */
    void split(final Task task) {
        core.increment(Counters.SPLIT);
        if (core.trace != null) {
            core.trace.split(task.id, task.leastSplit);
        }
        core.faults.split(task);
        again(task);
    }

    void retryOrFail(final Party worker, final Task task, final Reason reason) {
        core.fitness.failed(worker, task, reason);
        task.failures++;
        avoid(task, task.workerId);
        if (task.failures >= task.maxAttempts) {
            task.state = 0;
            core.tasks.finish(task, Task.FAILED, reason);
        } else {
            core.increment(Counters.RETRIED);
            if (core.trace != null) {
                core.trace.retried(task.id, task.workerId, reason, task.failures, task.maxAttempts);
            }
            again(task);
        }
    }

    /** Only a task that ran is blamed for the loss of its worker: those behind it in the window did nothing. */
    void reassign(final Task task, final boolean wasRunning) {
        if (wasRunning) {
            task.losses++;
        }
        if (task.losses > core.config.get(Setting.MAX_WORKER_LOSSES)) {
            task.state = 0;
            core.tasks.finish(task, Task.FAILED, Reason.WORKER_LOST);
        } else {
            core.increment(Counters.REASSIGNED);
            if (core.trace != null) {
                core.trace.reassigned(
                        task.id,
                        task.workerId,
                        wasRunning ? "lost while it ran there" : "it waited there behind another");
            }
            again(task);
        }
    }

    /** A worker is dead, fenced, or has left: what it had goes elsewhere and is not counted as an attempt. */
    void workerGone(final Party worker) {
        for (int i = 0; i < worker.types.size(); i++) {
            final WorkerType workerType = worker.types.get(i);
            final TaskType type = workerType.type;
            type.strategy.withdraw(workerType);
            core.ready.refresh(type);
        }
        lessUsable(worker);
        worker.types.clear();
        worker.suspect = false;
        worker.told = null;
        Fitness.reset(worker);
        boolean wasRunning = true;
        while (worker.assigned.first != null) {
            final Task task = worker.assigned.first;
            revoke(task, Reason.WORKER_LOST);
            reassign(task, wasRunning);
            wasRunning = false;
        }
    }

    /** A worker that answers must not be given work for now: what it has goes elsewhere, and nothing is blamed for that. */
    void takeBack(final Party worker) {
        while (worker.assigned.first != null) {
            final Task task = worker.assigned.first;
            revoke(task, Reason.WORKER_LOST);
            core.increment(Counters.REASSIGNED);
            if (core.trace != null) {
                core.trace.reassigned(task.id, task.workerId, "its device must not be used");
            }
            again(task);
        }
    }

    /** It is about to count no longer for its types, if it did. */
    void lessUsable(final Party worker) {
        for (int i = 0; i < worker.types.size() && worker.isUsable(); i++) {
            final TaskType type = worker.types.get(i).type;
            type.usable--;
            if (type.usable <= 1) {
                unparkAll(type);
            }
        }
    }

    /** It counts for its types from now on, unless there is another reason why it does not. */
    void moreUsable(final Party worker) {
        for (int i = 0; i < worker.types.size() && worker.isUsable(); i++) {
            worker.types.get(i).type.usable++;
        }
    }

    /** The task at the head of the window ran for too long: the worker gets nothing until it shows that it moves. */
    private void hangs(final Party worker) {
        final Task hanging = worker.assigned.first;
        final long incident = core.faults.hung(hanging, core.upMs() - hanging.startedMs, timeoutMs(hanging));
        final long reassigned = core.counters[Counters.REASSIGNED];
        final long retried = core.counters[Counters.RETRIED];
        lessUsable(worker);
        worker.suspect = true;
        core.hung.begins(worker, core.upMs());
        offer(worker, null);
        boolean isRunning = true;
        while (worker.assigned.first != null) {
            final Task task = worker.assigned.first;
            revoke(task, Reason.TIMED_OUT);
            if (isRunning) {
                worker.failed++;
                worker.erredMs = core.upMs();
                retryOrFail(worker, task, Reason.TIMED_OUT);
            } else {
                avoid(task, worker.id);
                reassign(task, false);
            }
            isRunning = false;
        }
        core.incidents.add(
                incident, core.counters[Counters.REASSIGNED] - reassigned, core.counters[Counters.RETRIED] - retried);
    }

    /** It answered, or said that it computes nothing. */
    void moves(final Party worker) {
        if (worker.suspect) {
            core.faults.woke(worker);
            worker.suspect = false;
            core.hung.ends(worker);
            moreUsable(worker);
            offer(worker, null);
        }
    }

    void checkTimeout(final Party worker) {
        final Task running = worker.assigned.first;
        if (running != null && core.upMs() - running.startedMs > timeoutMs(running)) {
            hangs(worker);
        }
    }

    /**
     * Transfer estimate, mean and four mean deviations of the type on this worker, or of the type; with a floor. Doubled by every
     * failed attempt, and as often as it is cut into more pieces than is usual there.
     */
    long timeoutMs(final Task task) {
        final WorkerType own = task.worker.workerType(task.type);
        final Execution execution = own != null && own.execution.samples > 0 ? own.execution : task.type.execution;
        long ms = core.config.taskTimeoutInitialMs;
        if (execution.samples > 0) {
            ms = (execution.meanNs + 4 * execution.deviationNs + NS_PER_MS - 1) / NS_PER_MS;
        }
        final int doublings = Math.min(task.failures + Splits.doublings(task, own), MOST_DOUBLINGS);
        return task.transferMs + (Math.max(ms, core.config.taskTimeoutFloorMs) << doublings);
    }
}
