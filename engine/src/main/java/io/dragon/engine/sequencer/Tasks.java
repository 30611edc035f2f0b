package io.dragon.engine.sequencer;

import io.dragon.codecs.control.AssignTaskEncoder;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.SubmitTaskDecoder;
import io.dragon.codecs.control.TaskState;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;

/** The table of tasks: submit, dependencies, the one end of each, and forgetting. */
final class Tasks {
    static final int MAX_DEPENDENCIES = 32;
    static final int MAX_PARAMETERS = 1_024;
    private static final int SEQ_BITS = 40;

    private final Core core;
    final Long2ObjectHashMap<Task> table;
    final TaskHeap deadlines = new TaskHeap(true);

    /** Terminal, but nobody has been told yet; a list, because a chain of dependants can be longer than any stack. */
    private final TaskList ended = new TaskList();

    private Task[] free = new Task[64];
    private int freeCount;
    private Edge freeEdge;

    Tasks(final Core core) {
        this.core = core;
        table = new Long2ObjectHashMap<>(Math.min(core.config.taskCapacity, 1 << 14), 0.6f);
    }

    static long id(final int partyId, final long seq) {
        return (long) partyId << SEQ_BITS | seq;
    }

    static int partyOf(final long taskId) {
        return (int) (taskId >>> SEQ_BITS);
    }

    /** A client's share of the table now. */
    int maxOpenTasks() {
        final int share = core.config.taskCapacity / Math.max(1, core.parties.clients);
        return Math.max(1, Math.min(core.config.maxOpenTasksPerClient, share));
    }

    /** Tasks in the table, and those that steps begun are still going to make. */
    int taken() {
        return table.size() + core.jobs.steps.reserved;
    }

    boolean isFull() {
        return taken() >= core.config.taskCapacity;
    }

    /** Enters a task in state 0. */
    Task create(final long id, final Party client, final TaskType type, final int kind) {
        final Task task = freeCount == 0 ? new Task() : free[--freeCount];
        task.reset();
        task.id = id;
        task.client = client;
        task.type = type;
        task.kind = kind;
        task.age = core.increment(Counters.AGE);
        core.increment(Counters.SUBMITTED);
        enter(task);
        return task;
    }

    Task blank() {
        final Task task = freeCount == 0 ? new Task() : free[--freeCount];
        task.reset();
        return task;
    }

    /** Puts a task into the table and its client's list. */
    void enter(final Task task) {
        table.put(task.id, task);
        final Party client = task.client;
        final int list = task.kind == Task.SUBMITTED ? 0 : 1;
        task.previousOfClient = client.lastTask[list];
        if (client.lastTask[list] == null) {
            client.firstTask[list] = task;
        } else {
            client.lastTask[list].nextOfClient = task;
        }
        client.lastTask[list] = task;
        client.tasks++;
        if (list == 0) {
            client.openTasks++;
        }
    }

    /** A submit whose number is taken; a refused one is a task that fails at once. */
    void submit(final Party client, final long seq, final SubmitTaskDecoder command, final DirectBuffer buffer) {
        final Task task = create(id(client.id, seq), client, core.types.get(command.typeId()), Task.SUBMITTED);
        task.priority = command.priority();
        task.optional = command.flags().optionalDependencies();
        task.maxAttempts = command.maxAttempts() == 0 ? core.config.defaultMaxAttempts : command.maxAttempts();
        task.deadlineMs = command.deadlineMs() == 0 ? Task.NO_DEADLINE : core.nowMs() + command.deadlineMs();
        task.memoryBytes = command.memoryBytes();
        task.capturedNs = command.stamps().capturedNs();
        task.publishedNs = command.stamps().publishedNs();
        task.submittedNs = command.stamps().submittedNs();
        Reason refusal = task.type == null ? Reason.UNKNOWN_TASK_TYPE : Reason.NONE;
        if (task.priority >= TaskType.PRIORITIES) {
            task.priority = 0;
            refusal = Reason.MALFORMED;
        }
        final SubmitTaskDecoder.DependenciesDecoder dependencies = command.dependencies();
        if (dependencies.count() > MAX_DEPENDENCIES) {
            refusal = Reason.TOO_MANY_DEPENDENCIES;
        }
        while (dependencies.hasNext()) {
            final long dependencyId = dependencies.next().taskId();
            if (refusal == Reason.NONE) {
                final Task dependency = table.get(dependencyId);
                if (dependency == null || dependency == task) {
                    refusal = Reason.UNKNOWN_DEPENDENCY;
                } else {
                    depend(task, dependency);
                }
            }
        }
        final Reason badInput = takePayload(task, command, buffer);
        if (refusal == Reason.NONE) {
            refusal = badInput;
        }
        if (refusal == Reason.NONE) {
            start(task);
        } else {
            traceSubmitted(task);
            finish(task, Task.FAILED, refusal);
        }
    }

    /** A submit that cannot be read. */
    void submitMalformed(final Party client, final long seq) {
        final Task task = create(id(client.id, seq), client, null, Task.SUBMITTED);
        traceSubmitted(task);
        finish(task, Task.FAILED, Reason.MALFORMED);
    }

    /** Inputs are named even if the task is refused, so that they are released as those of any other task. */
    private Reason takePayload(final Task task, final SubmitTaskDecoder command, final DirectBuffer buffer) {
        Reason refusal = Reason.NONE;
        final SubmitTaskDecoder.InputsDecoder inputs = command.inputs();
        final int stride = inputs.actingBlockLength();
        final int count = inputs.count();
        final int first = command.limit();
        command.limit(first + count * stride);
        final int parameters = command.parametersLength();
        if (parameters > MAX_PARAMETERS) {
            refusal = Reason.MALFORMED;
        } else if (count > Inputs.MOST) {
            refusal = Reason.TOO_MANY_INPUTS;
        }
        task.payload = core.bytes.take(count * Task.REF + parameters);
        core.view.wrap(task.payload);
        for (int i = 0; i < count; i++) {
            if (core.frames.hold(buffer, first + i * stride)) {
                core.view.putBytes(task.inputs++ * Task.REF, buffer, first + i * stride, Task.REF);
            } else if (refusal == Reason.NONE) {
                refusal = Reason.INPUT_LOST;
            }
        }
        task.parameters = parameters;
        command.getParameters(core.view, task.inputs * Task.REF, parameters);
        return refusal;
    }

    void depend(final Task dependant, final Task dependency) {
        Edge edge = freeEdge;
        if (edge == null) {
            edge = new Edge();
        } else {
            freeEdge = edge.nextOfDependant;
        }
        edge.dependant = dependant;
        edge.dependency = dependency;
        edge.nextOfDependant = null;
        edge.nextOfDependency = null;
        edge.previousOfDependency = dependency.lastDependant;
        if (dependant.lastDependency == null) {
            dependant.dependencies = edge;
        } else {
            dependant.lastDependency.nextOfDependant = edge;
        }
        dependant.lastDependency = edge;
        if (dependency.lastDependant == null) {
            dependency.dependants = edge;
        } else {
            dependency.lastDependant.nextOfDependency = edge;
        }
        dependency.lastDependant = edge;
        if (!dependency.isTerminal()) {
            dependant.waitingOn++;
        }
    }

    /** A complete task goes to wait, or becomes ready. */
    void start(final Task task) {
        traceSubmitted(task);
        task.state = Task.WAITING;
        core.increment(Counters.WAITING);
        if (task.deadlineMs != Task.NO_DEADLINE) {
            deadlines.add(task);
        }
        if (!task.optional) {
            for (Edge edge = task.dependencies; edge != null; edge = edge.nextOfDependant) {
                if (edge.dependency.state > Task.COMPLETED) {
                    finish(task, Task.FAILED, Reason.DEPENDENCY_FAILED);
                    return;
                }
            }
        }
        if (task.waitingOn == 0) {
            becomeReady(task);
        }
    }

    private void traceSubmitted(final Task task) {
        if (core.trace == null) {
            return;
        }
        core.trace.submitted(
                task.id,
                task.client.id,
                task.type == null ? "" : task.type.name,
                task.priority,
                task.memoryBytes,
                task.deadlineMs,
                task.job == null ? 0 : task.job.id,
                task.stepNumber,
                task.part);
        for (Edge edge = task.dependencies; edge != null; edge = edge.nextOfDependant) {
            if (!edge.dependency.isTerminal()) {
                core.trace.waiting(task.id, edge.dependency.id);
            }
        }
    }

    private void becomeReady(final Task task) {
        final int inputs = core.inputs.gather(task);
        if (inputs == Inputs.LOST) {
            finish(task, Task.FAILED, Reason.INPUT_LOST);
        } else if (inputs == Inputs.TOO_MANY || assignmentLength(task, inputs) > Sequencer.MAX_MESSAGE_LENGTH) {
            finish(task, Task.FAILED, Reason.TOO_MANY_INPUTS);
        } else {
            core.counters[Counters.WAITING]--;
            core.increment(Counters.READY);
            task.state = Task.READY;
            task.cameraBits = core.inputs.cameraBits;
            core.inputs.weigh(task);
            if (core.trace != null) {
                core.trace.ready(task.id, task.inputBytes, task.homeNodeId);
            }
            core.ready.add(task);
        }
    }

    private static int assignmentLength(final Task task, final int inputs) {
        final int parameters =
                switch (task.kind) {
                    case Task.PER_FRAME -> task.job.frameParameters.length;
                    case Task.PER_STEP -> task.job.stepParameters.length;
                    default -> task.parameters;
                };
        return 8
                + AssignTaskEncoder.BLOCK_LENGTH
                + 4
                + inputs * AssignTaskEncoder.InputsEncoder.sbeBlockLength()
                + 2
                + parameters;
    }

    void cancel(final Party client, final long taskId) {
        final Task task = table.get(taskId);
        if (task != null && task.client == client && !task.isTerminal()) {
            finish(task, Task.CANCELLED, Reason.CANCELLED);
        }
    }

    /** The one end of a task, from whatever state it is in. Who is to be told is told by {@link #drain}. */
    void finish(final Task task, final int state, final Reason reason) {
        switch (task.state) {
            case Task.WAITING -> core.counters[Counters.WAITING]--;
            case Task.READY -> {
                core.counters[Counters.READY]--;
                core.scheduler.forget(task);
            }
            case Task.ASSIGNED -> core.scheduler.revoke(task, reason);
            default -> {}
        }
        if (task.deadlineIndex >= 0) {
            deadlines.remove(task);
        }
        task.state = state;
        task.reason = reason.value();
        if (reason == Reason.ABANDONED) {
            core.increment(Counters.ABANDONED);
        }
        if (state == Task.FAILED) {
            core.faults.failed(task, reason);
        }
        core.increment(
                switch (state) {
                    case Task.COMPLETED -> Counters.COMPLETED;
                    case Task.FAILED -> Counters.FAILED;
                    case Task.CANCELLED -> Counters.CANCELLED;
                    default -> Counters.EXPIRED;
                });
        if (state != Task.CANCELLED) {
            core.recentEnds.count(state == Task.COMPLETED);
        }
        if (core.trace != null) {
            core.trace.ended(task.id, TaskState.get((short) state), reason);
        }
        if (state != Task.COMPLETED) {
            core.increment(Counters.ENDS + Math.min(Counters.REASONS - 1, task.reason));
        }
        core.frames.release(task.payload, task.inputs);
        core.bytes.give(task.payload);
        task.payload = Bytes.NONE;
        task.inputs = 0;
        task.parameters = 0;
        ended.add(task);
    }

    boolean drain() {
        boolean any = false;
        while (ended.first != null) {
            any = true;
            final Task task = ended.first;
            ended.remove(task);
            tellDependants(task);
            freeDependencies(task);
            deliver(task);
            if (task.job == null) {
                forgetIfDone(task);
            } else {
                final long id = task.id;
                core.jobs.onTaskEnded(task);
                if (table.get(id) == task) {
                    forgetIfDone(task);
                }
            }
        }
        return any;
    }

    private void tellDependants(final Task task) {
        for (Edge edge = task.dependants; edge != null; edge = edge.nextOfDependency) {
            final Task dependant = edge.dependant;
            // A task not yet started (state 0) looks at its dependencies itself when it is.
            if (dependant.state == Task.WAITING) {
                dependant.waitingOn--;
                if (task.state != Task.COMPLETED && !dependant.optional) {
                    finish(dependant, Task.FAILED, Reason.DEPENDENCY_FAILED);
                } else if (dependant.waitingOn == 0) {
                    becomeReady(dependant);
                }
            }
        }
    }

    private void freeDependencies(final Task task) {
        Edge edge = task.dependencies;
        task.dependencies = null;
        task.lastDependency = null;
        while (edge != null) {
            final Edge following = edge.nextOfDependant;
            final Task dependency = edge.dependency;
            if (edge.previousOfDependency == null) {
                dependency.dependants = edge.nextOfDependency;
            } else {
                edge.previousOfDependency.nextOfDependency = edge.nextOfDependency;
            }
            if (edge.nextOfDependency == null) {
                dependency.lastDependant = edge.previousOfDependency;
            } else {
                edge.nextOfDependency.previousOfDependency = edge.previousOfDependency;
            }
            edge.dependant = null;
            edge.dependency = null;
            edge.previousOfDependency = null;
            edge.nextOfDependency = null;
            edge.nextOfDependant = freeEdge;
            freeEdge = edge;
            forgetIfDone(dependency);
            edge = following;
        }
    }

    private void deliver(final Task task) {
        final boolean isSilent = task.kind == Task.PER_FRAME && (task.job.flags & Jobs.DELIVER_FRAME_RESULTS) == 0;
        if (isSilent || !task.client.isAlive) {
            task.acknowledged = true;
        } else {
            final Outgoing outgoing = core.egress.outgoing(Outgoing.RESULT);
            outgoing.task = task;
            outgoing.subject = task.id;
            core.egress.add(task.client, outgoing);
        }
    }

    void acknowledged(final Task task) {
        if (core.trace != null) {
            core.trace.acknowledged(task.id);
        }
        task.acknowledged = true;
        forgetIfDone(task);
    }

    /** A dead client's tasks end; what it never read is discarded. */
    void abandon(final Party client, final Reason reason) {
        for (int list = 0; list < client.firstTask.length; list++) {
            for (Task task = client.firstTask[list]; task != null; ) {
                final Task following = task.nextOfClient;
                if (!task.isTerminal()) {
                    finish(task, Task.CANCELLED, reason);
                } else if (!task.acknowledged) {
                    acknowledged(task);
                }
                task = following;
            }
        }
    }

    void expire() {
        Task task = deadlines.first();
        while (task != null && task.deadlineMs <= core.nowMs()) {
            finish(task, Task.EXPIRED, Reason.DEADLINE_EXPIRED);
            task = deadlines.first();
        }
    }

    void forgetIfDone(final Task task) {
        // A task among the ended has not told its dependants yet; its links show that it is there.
        if (!task.isTerminal()
                || !task.acknowledged
                || task.dependants != null
                || task.dependencies != null
                || task.pinned
                || isEnded(task)) {
            return;
        }
        table.remove(task.id);
        final Party client = task.client;
        final int list = task.kind == Task.SUBMITTED ? 0 : 1;
        if (task.previousOfClient == null) {
            client.firstTask[list] = task.nextOfClient;
        } else {
            task.previousOfClient.nextOfClient = task.nextOfClient;
        }
        if (task.nextOfClient == null) {
            client.lastTask[list] = task.previousOfClient;
        } else {
            task.nextOfClient.previousOfClient = task.previousOfClient;
        }
        client.tasks--;
        if (list == 0) {
            client.openTasks--;
        }
        core.frames.release(task.result, task.outputs);
        core.bytes.give(task.result);
        task.reset();
        if (freeCount == free.length) {
            free = java.util.Arrays.copyOf(free, 2 * freeCount);
        }
        free[freeCount++] = task;
    }

    private boolean isEnded(final Task task) {
        return task.previous != null || task.next != null || ended.first == task;
    }
}
