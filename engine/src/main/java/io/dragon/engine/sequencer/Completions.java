package io.dragon.engine.sequencer;

import io.dragon.codecs.control.CompleteTaskDecoder;
import io.dragon.codecs.control.Reason;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/** What workers report of their tasks: results, which end them, and failures, which may not. */
final class Completions {
    static final int MAX_OUTPUTS = 8;
    static final int MAX_INLINE = 512;
    static final int MAX_ERROR = 256;
    private static final long NS_PER_MS = 1_000_000;
    private static final Reason[] OF_WORKERS = {
        Reason.NONE,
        Reason.HANDLER_FAILED,
        Reason.OUT_OF_MEMORY,
        Reason.TIMED_OUT,
        Reason.INPUT_LOST,
        Reason.INPUT_CORRUPT,
        Reason.INPUT_UNREACHABLE,
        Reason.BAD_INPUT,
        Reason.NO_OUTPUT_SLOT,
        Reason.MALFORMED,
        Reason.UNKNOWN_TASK_TYPE,
        Reason.TOO_MANY_INPUTS
    };

    private final Core core;
    private final Execution overall = new Execution();

    Completions(final Core core) {
        this.core = core;
    }

    void complete(final Party worker, final CompleteTaskDecoder command, final DirectBuffer buffer) {
        core.scheduler.moves(worker);
        final CompleteTaskDecoder.OutputsDecoder outputs = command.outputs();
        final int stride = outputs.actingBlockLength();
        final int count = outputs.count();
        final int first = command.limit();
        command.limit(first + count * stride);
        final Task task = core.tasks.table.get(command.taskId());
        if (task == null || task.state != Task.ASSIGNED || task.worker != worker || task.attempt != command.attempt()) {
            core.increment(Counters.IGNORED);
            if (core.trace != null) {
                core.trace.ignored(command.taskId(), worker.id, command.attempt());
            }
            refuseOutputs(worker, buffer, first, count, stride);
            return;
        }
        final int reason = command.reasonRaw();
        final int inline = command.inlineResultLength();
        final int inlineAt = command.limit() + 2;
        command.limit(inlineAt + inline);
        final int error = command.errorTextLength();
        final int errorAt = command.limit() + 2;
        final boolean isTooLarge = count > MAX_OUTPUTS || inline > MAX_INLINE || error > MAX_ERROR;
        final boolean isLost = !isTooLarge && reason == 0 && !holdOutputs(task, buffer, first, count, stride);
        if (reason != 0 || isTooLarge || isLost) {
            refuseOutputs(worker, buffer, first, count, stride);
        } else {
            final int before = task.outputs * Task.REF;
            task.inlineLength = inline;
            core.view.wrap(task.result);
            core.view.putBytes(before, buffer, inlineAt, inline);
            measure(worker, task, command.executionNs());
        }
        if (!isTooLarge && task.result.length == 0 && error > 0) {
            task.result = core.bytes.take(error);
        }
        if (!isTooLarge && error > 0) {
            core.view.wrap(task.result);
            core.view.putBytes(task.outputs * Task.REF + task.inlineLength, buffer, errorAt, error);
            task.errorLength = error;
        }
        task.transferredNs = command.transferredNs();
        task.receivedNs = command.stamps().receivedNs();
        task.startedNs = command.stamps().startedNs();
        task.finishedNs = command.stamps().finishedNs();
        task.workerId = worker.id;
        if (core.trace != null) {
            core.trace.answered(task.id, worker.id, task.attempt, reason(reason), command.executionNs());
            if (!isTooLarge && error > 0) {
                core.trace.explained(task.id, worker.id, buffer, errorAt, error);
            }
        }
        core.scheduler.unassign(task);
        if (reason == 0 && !isTooLarge && !isLost) {
            worker.completed++;
            core.fitness.succeeded(worker, task);
            core.splits.succeeded(task, worker.workerType(task.type));
            task.state = 0;
            core.tasks.finish(task, Task.COMPLETED, Reason.NONE);
        } else {
            failed(worker, task, isTooLarge ? Reason.MALFORMED : isLost ? Reason.INPUT_LOST : reason(reason));
        }
    }

    private void failed(final Party worker, final Task task, final Reason reason) {
        if (reason == Reason.OUT_OF_MEMORY && core.splits.more(task, worker.workerType(task.type))) {
            dropError(task);
            core.scheduler.split(task);
            return;
        }
        worker.failed++;
        if (Fitness.isWorkers(reason)) {
            worker.erredMs = core.upMs();
        }
        switch (reason) {
            case INPUT_LOST, INPUT_UNREACHABLE -> inputMissed(worker, task, reason);
            case BAD_INPUT, MALFORMED, UNKNOWN_TASK_TYPE, INPUT_CORRUPT -> {
                task.state = 0;
                core.tasks.finish(task, Task.FAILED, reason);
            }
            default -> {
                if (task.failures + 1 < task.maxAttempts) {
                    dropError(task);
                }
                core.scheduler.retryOrFail(worker, task, reason);
            }
        }
    }

    /**
     * A worker did not get an input. If it was lost after the task was assigned, the task goes on without it where it may; otherwise what
     * is not there any more ends it, and what only that worker could not reach is tried again, rather where the inputs lie.
     */
    private void inputMissed(final Party worker, final Task task, final Reason reason) {
        final boolean isKnown = core.parties.deadNodes > 0;
        final boolean isLost = isKnown && core.inputs.gather(task) == Inputs.LOST;
        if (!isLost && isKnown && core.inputs.lost != task.lostInputs) {
            dropError(task);
            core.scheduler.reassign(task, true);
        } else if (isLost || reason == Reason.INPUT_LOST) {
            task.state = 0;
            core.tasks.finish(task, Task.FAILED, Reason.INPUT_LOST);
        } else {
            task.prefersHome = true;
            if (task.failures + 1 < task.maxAttempts) {
                dropError(task);
            }
            core.scheduler.retryOrFail(worker, task, reason);
        }
    }

    private void dropError(final Task task) {
        core.bytes.give(task.result);
        task.result = Bytes.NONE;
        task.errorLength = 0;
    }

    /** Only what a worker can know: that it was lost, or the task cancelled or refused, others decide. */
    private static Reason reason(final int value) {
        for (final Reason reason : OF_WORKERS) {
            if (reason.value() == value) {
                return reason;
            }
        }
        return Reason.HANDLER_FAILED;
    }

    /** Copies the outputs into the task and names them; all or none. */
    private boolean holdOutputs(
            final Task task, final DirectBuffer buffer, final int first, final int count, final int stride) {
        final int inline = buffer.getShort(first + count * stride, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
        final int error = buffer.getShort(first + count * stride + 2 + inline, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
        task.result = core.bytes.take(count * Task.REF + inline + error);
        for (int i = 0; i < count; i++) {
            if (!core.frames.hold(buffer, first + i * stride)) {
                core.frames.release(task.result, i);
                core.bytes.give(task.result);
                task.result = Bytes.NONE;
                task.outputs = 0;
                return false;
            }
            core.view.wrap(task.result);
            core.view.putBytes(i * Task.REF, buffer, first + i * stride, Task.REF);
            task.outputs++;
        }
        return true;
    }

    /** Only frames of the worker's own pools are given back: it may not speak for others. */
    private void refuseOutputs(
            final Party worker, final DirectBuffer buffer, final int first, final int count, final int stride) {
        for (int i = 0; i < count; i++) {
            final int at = first + i * stride;
            if (core.frames.isOwnedBy(worker, buffer.getLong(at, ByteOrder.LITTLE_ENDIAN))) {
                core.frames.refuse(buffer, at, 0);
            }
        }
    }

    /** What the worker says it took, but no longer than was seen from here: a bad clock must not make timeouts absurd. */
    private void measure(final Party worker, final Task task, final long saidNs) {
        final long seenMs = core.nowMs() - task.assignedMs + core.config.tickMs;
        final long executionNs = Math.min(saidNs, seenMs * NS_PER_MS);
        worker.workerType(task.type).execution.add(executionNs, task.inputBytes);
        task.type.execution.add(executionNs, task.inputBytes);
        worker.execution.add(executionNs);
        overall.samples = core.counters[Counters.COMPLETED];
        overall.meanNs = core.counters[Counters.MEAN_EXECUTION_NS];
        overall.add(executionNs);
        core.counters[Counters.MEAN_EXECUTION_NS] = overall.meanNs;
        if (task.kind == Task.PER_FRAME) {
            task.job.cameras[task.part].camera.lastWorkerId = worker.id;
        }
    }
}
