package io.dragon.engine.sequencer;

import io.dragon.codecs.control.AssignTaskEncoder;
import io.dragon.codecs.control.CommandAckEncoder;
import io.dragon.codecs.control.CommandRefusedEncoder;
import io.dragon.codecs.control.JobClosedEncoder;
import io.dragon.codecs.control.JobStartedEncoder;
import io.dragon.codecs.control.KillWorkerEncoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PoolReleasedEncoder;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.RecipientEncoder;
import io.dragon.codecs.control.ReleaseFramesEncoder;
import io.dragon.codecs.control.ResumedEncoder;
import io.dragon.codecs.control.RevokeTaskEncoder;
import io.dragon.codecs.control.StampsEncoder;
import io.dragon.codecs.control.TaskResultEncoder;
import io.dragon.codecs.control.TaskState;
import io.dragon.codecs.control.TaskTypeRegisteredEncoder;
import org.agrona.MutableDirectBuffer;

/** Events as bytes. Every one carries the cumulative acknowledgement of its recipient's commands. */
final class Encoder {
    static final int MOST_RELEASES = (Sequencer.MAX_MESSAGE_LENGTH
                    - MessageHeaderEncoder.ENCODED_LENGTH
                    - ReleaseFramesEncoder.BLOCK_LENGTH
                    - ReleaseFramesEncoder.FramesEncoder.HEADER_SIZE)
            / ReleaseFramesEncoder.FramesEncoder.sbeBlockLength();

    private final Core core;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final AssignTaskEncoder assign = new AssignTaskEncoder();
    private final TaskResultEncoder result = new TaskResultEncoder();
    private final RevokeTaskEncoder revoke = new RevokeTaskEncoder();
    private final ReleaseFramesEncoder release = new ReleaseFramesEncoder();
    private final CommandAckEncoder ack = new CommandAckEncoder();
    private final CommandRefusedEncoder refused = new CommandRefusedEncoder();
    private final ResumedEncoder resumed = new ResumedEncoder();
    private final JobClosedEncoder jobClosed = new JobClosedEncoder();
    private final JobStartedEncoder jobStarted = new JobStartedEncoder();
    private final TaskTypeRegisteredEncoder typeRegistered = new TaskTypeRegisteredEncoder();
    private final KillWorkerEncoder kill = new KillWorkerEncoder();
    private final PoolReleasedEncoder poolReleased = new PoolReleasedEncoder();

    Encoder(final Core core) {
        this.core = core;
    }

    private MutableDirectBuffer claim() {
        return core.sink.claim(Sequencer.MAX_MESSAGE_LENGTH);
    }

    private static void address(final RecipientEncoder recipient, final Party party, final long event) {
        recipient.partyId(party.id).incarnation(party.incarnation).event(event).ackSeq(party.lastSeq);
    }

    private void emit(final Party party, final int limit) {
        party.ackSentSeq = party.lastSeq;
        party.ackSentMs = core.nowMs();
        core.sink.emit(party.id, limit);
    }

    void ack(final Party party) {
        ack.wrapAndApplyHeader(claim(), 0, header);
        address(ack.recipient(), party, 0);
        emit(party, ack.limit());
    }

    void refused(final Party party, final long seq, final long expectedSeq, final int retryAfterMs, final int reason) {
        refused.wrapAndApplyHeader(claim(), 0, header);
        address(refused.recipient(), party, 0);
        refused.seq(seq).expectedSeq(expectedSeq).retryAfterMs(retryAfterMs).reason(Reason.get((short) reason));
        emit(party, refused.limit());
    }

    void resumed(final Party party, final long event, final long correlationId) {
        resumed.wrapAndApplyHeader(claim(), 0, header);
        address(resumed.recipient(), party, event);
        resumed.correlationId(correlationId);
        emit(party, resumed.limit());
    }

    void encode(final Party party, final Outgoing outgoing) {
        switch (outgoing.kind) {
            case Outgoing.RESULT -> result(party, outgoing.event, outgoing.task);
            case Outgoing.JOB_STARTED -> {
                jobStarted.wrapAndApplyHeader(claim(), 0, header);
                address(jobStarted.recipient(), party, outgoing.event);
                jobStarted.jobId(outgoing.subject);
                emit(party, jobStarted.limit());
            }
            case Outgoing.JOB_CLOSED -> {
                jobClosed.wrapAndApplyHeader(claim(), 0, header);
                address(jobClosed.recipient(), party, outgoing.event);
                jobClosed
                        .jobId(outgoing.subject)
                        .reason(Reason.get((short) outgoing.reason))
                        .steps(outgoing.a)
                        .stepsIncomplete(outgoing.b)
                        .framesAccepted(outgoing.c)
                        .framesRefused(outgoing.d);
                emit(party, jobClosed.limit());
            }
            case Outgoing.REVOKE -> {
                revoke.wrapAndApplyHeader(claim(), 0, header);
                address(revoke.recipient(), party, outgoing.event);
                revoke.taskId(outgoing.subject).attempt((int) outgoing.a).reason(Reason.get((short) outgoing.reason));
                emit(party, revoke.limit());
            }
            case Outgoing.TYPE -> {
                typeRegistered.wrapAndApplyHeader(claim(), 0, header);
                address(typeRegistered.recipient(), party, outgoing.event);
                typeRegistered.typeId(outgoing.subject);
                final TaskType type = core.types.get(outgoing.subject);
                typeRegistered.name(type == null ? "" : type.name);
                emit(party, typeRegistered.limit());
            }
            case Outgoing.KILL -> {
                kill.wrapAndApplyHeader(claim(), 0, header);
                address(kill.recipient(), party, outgoing.event);
                kill.workerId(outgoing.subject)
                        .workerIncarnation(outgoing.a)
                        .processId(outgoing.b)
                        .hungMs(outgoing.c);
                emit(party, kill.limit());
            }
            default -> {
                poolReleased.wrapAndApplyHeader(claim(), 0, header);
                address(poolReleased.recipient(), party, outgoing.event);
                poolReleased.poolId(outgoing.subject);
                emit(party, poolReleased.limit());
            }
        }
    }

    /** A run of releases, all under the counter of the first. */
    void release(final Party party, final Outgoing first, final int count) {
        release.wrapAndApplyHeader(claim(), 0, header);
        address(release.recipient(), party, first.event);
        final ReleaseFramesEncoder.FramesEncoder frames = release.framesCount(count);
        Outgoing outgoing = first;
        for (int i = 0; i < count; i++) {
            frames.next().reason(Reason.get((short) outgoing.reason));
            frames.frame()
                    .poolId(outgoing.subject)
                    .sequence(Pool.sequence(outgoing.a))
                    .slot(Pool.slot(outgoing.a))
                    .length(outgoing.b);
            outgoing = outgoing.next;
        }
        emit(party, release.limit());
    }

    private static void stamp(final StampsEncoder stamps, final Task task) {
        stamps.capturedNs(task.capturedNs)
                .publishedNs(task.publishedNs)
                .submittedNs(task.submittedNs)
                .sequencedNs(0)
                .assignedNs(0);
    }

    void assign(final Party worker, final Task task) {
        assign.wrapAndApplyHeader(claim(), 0, header);
        address(assign.recipient(), worker, task.assignEvent);
        core.inputs.gatherAssigned(task);
        final int count = core.inputs.count;
        assign.taskId(task.id)
                .typeId(task.type.id)
                .attempt(task.attempt)
                .priority((short) task.priority)
                .jobId(task.job == null ? 0 : task.job.id)
                .step(task.stepNumber)
                .part(task.part)
                .parts(task.parts)
                .cameraBits(task.kind == Task.PER_STEP ? Integer.toUnsignedLong(task.cameraBits) : 0)
                .timeoutMs(Math.min(core.scheduler.timeoutMs(task), 0xFFFF_FFF0L))
                .split(task.split);
        stamp(assign.stamps(), task);
        final AssignTaskEncoder.InputsEncoder inputs = assign.inputsCount(count);
        for (int i = 0; i < count; i++) {
            inputs.next();
            inputs.frame().buffer().putBytes(inputs.frame().offset(), core.inputs.references, i * Task.REF, Task.REF);
            inputs.source(core.inputs.sources[i]);
            inputs.flags().clear().absent(core.inputs.flags[i] != 0);
        }
        switch (task.kind) {
            case Task.PER_FRAME -> assign.putParameters(task.job.frameParameters, 0, task.job.frameParameters.length);
            case Task.PER_STEP -> assign.putParameters(task.job.stepParameters, 0, task.job.stepParameters.length);
            default -> assign.putParameters(task.payload, task.inputs * Task.REF, task.parameters);
        }
        emit(worker, assign.limit());
    }

    private void result(final Party client, final long event, final Task task) {
        result.wrapAndApplyHeader(claim(), 0, header);
        address(result.recipient(), client, event);
        result.taskId(task.id)
                .state(TaskState.get((short) task.state))
                .reason(Reason.get((short) task.reason))
                .attempts(task.attempt)
                .workerId(task.workerId)
                .jobId(task.job == null ? 0 : task.job.id)
                .step(task.stepNumber)
                .part(task.part)
                .parts(task.parts)
                .cameraBits(Integer.toUnsignedLong(task.cameraBits))
                .split(task.split)
                .kind((short) task.kind)
                .transferredNs(task.transferredNs);
        stamp(result.stamps(), task);
        result.workerStamps()
                .receivedNs(task.receivedNs)
                .startedNs(task.startedNs)
                .finishedNs(task.finishedNs);
        final TaskResultEncoder.OutputsEncoder outputs = result.outputsCount(task.outputs);
        for (int i = 0; i < task.outputs; i++) {
            outputs.next();
            outputs.frame().buffer().putBytes(outputs.frame().offset(), task.result, i * Task.REF, Task.REF);
        }
        final int inlineAt = task.outputs * Task.REF;
        result.putInlineResult(task.result, inlineAt, task.inlineLength);
        result.putErrorText(task.result, inlineAt + task.inlineLength, task.errorLength);
        emit(client, result.limit());
    }
}
