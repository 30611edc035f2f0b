package io.dragon.engine.cluster;

import io.dragon.codecs.control.AssignTaskDecoder;
import io.dragon.codecs.control.CompleteTaskEncoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.RegisterTaskTypeEncoder;
import io.dragon.codecs.control.SubmitTaskEncoder;
import io.dragon.codecs.control.TaskResultDecoder;
import io.dragon.codecs.control.TaskTypeRegisteredDecoder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.BackoffIdleStrategy;

/** A client that submits tasks of a type that does nothing, or the worker that completes them. */
final class TaskParty implements PartyListener, Agent, AutoCloseable {
    final ClusterSession session;
    final Party party;
    private final AgentRunner runner;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final MessageHeaderDecoder headerDecoder = new MessageHeaderDecoder();
    private final SubmitTaskEncoder submit = new SubmitTaskEncoder();
    private final CompleteTaskEncoder complete = new CompleteTaskEncoder();
    private final AssignTaskDecoder assign = new AssignTaskDecoder();
    private final TaskResultDecoder result = new TaskResultDecoder();
    private final TaskTypeRegisteredDecoder typeRegistered = new TaskTypeRegisteredDecoder();
    private final List<Long> submitted = new ArrayList<>();
    private final Set<Long> results = new HashSet<>();
    private final Set<Long> assigned = new HashSet<>();
    private boolean isTypeWanted;
    private long typeId = -1;
    volatile int parametersLength = 8;
    volatile int dependencies;
    volatile int wanted;
    volatile int offered;
    volatile int distinct;
    volatile int failed;
    volatile int completed;
    volatile int registrations;
    volatile int fencings;
    volatile boolean isStamped = true;
    volatile boolean failsFirstAttempts;

    TaskParty(final PartyKind kind, final String name, final ClusterSession.Context ctx) {
        session = new ClusterSession(ctx.name(name));
        party = session.register(kind, name, new PartyOptions().window(4), this);
        runner = new AgentRunner(new BackoffIdleStrategy(10, 10, 1_000, 1_000_000), ctx.errorHandler(), null, this);
        AgentRunner.startOnThread(runner);
    }

    void submit(final int count) {
        wanted += count;
    }

    @Override
    public int doWork() {
        int workCount = session.doWork();
        if (isTypeWanted && party.isActive()) {
            final RegisterTaskTypeEncoder type = new RegisterTaskTypeEncoder();
            type.wrapAndApplyHeader(party.scratch(), 0, header).name("nothing");
            isTypeWanted = party.offer(ControlMessages.HEADER + type.encodedLength()) < 0;
        }
        while (typeId >= 0 && party.kind() == PartyKind.CLIENT && offered < wanted && offerOne()) {
            workCount++;
        }
        return workCount;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField")
    private boolean offerOne() {
        submit.wrapAndApplyHeader(party.scratch(), 0, header)
                .typeId(typeId)
                .priority((short) (offered % 8))
                .maxAttempts((short) 0)
                .deadlineMs(0)
                .memoryBytes(0);
        submit.flags().clear();
        submit.stamps()
                .capturedNs(0)
                .publishedNs(0)
                .submittedNs(System.nanoTime())
                .sequencedNs(0)
                .assignedNs(0);
        final int count = Math.min(dependencies, submitted.size());
        final SubmitTaskEncoder.DependenciesEncoder on = submit.dependenciesCount(count);
        for (int i = submitted.size() - count; i < submitted.size(); i++) {
            on.next().taskId(submitted.get(i));
        }
        submit.inputsCount(0);
        submit.putParameters(new byte[parametersLength], 0, parametersLength);
        final long seq = party.offer(ControlMessages.HEADER + submit.encodedLength());
        if (seq > 0) {
            submitted.add((party.id() & 0xFFFF_FFFFL) << 40 | seq);
            offered++;
            return true;
        }
        return false;
    }

    @Override
    public String roleName() {
        return "task-party";
    }

    @Override
    public void onRegistered(final Party party) {
        registrations++;
        isTypeWanted = true;
    }

    @Override
    public void onFenced(final Party party) {
        fencings++;
        assigned.clear();
    }

    @Override
    public void onEvent(
            final Party party, final int templateId, final DirectBuffer buffer, final int offset, final int length) {
        switch (templateId) {
            case TaskTypeRegisteredDecoder.TEMPLATE_ID -> {
                typeRegistered.wrapAndApplyHeader(buffer, offset, headerDecoder);
                typeId = typeRegistered.typeId();
            }
            case AssignTaskDecoder.TEMPLATE_ID -> onAssigned(buffer, offset);
            case TaskResultDecoder.TEMPLATE_ID -> onResult(buffer, offset);
            default -> {}
        }
    }

    private void onResult(final DirectBuffer buffer, final int offset) {
        result.wrapAndApplyHeader(buffer, offset, headerDecoder);
        if (!results.add(result.taskId())) {
            return; // emitted again, as it was not acknowledged in time
        }
        if (result.reason() != Reason.NONE) {
            failed++;
        }
        isStamped &= result.stamps().sequencedNs() != 0 && result.stamps().assignedNs() != 0;
        distinct = results.size();
    }

    private void onAssigned(final DirectBuffer buffer, final int offset) {
        assign.wrapAndApplyHeader(buffer, offset, headerDecoder);
        if (!assigned.add(assign.taskId() * 31 + assign.attempt())) {
            return;
        }
        complete.wrapAndApplyHeader(party.scratch(), 0, header)
                .taskId(assign.taskId())
                .attempt(assign.attempt())
                .reason(failsFirstAttempts && assign.attempt() == 1 ? Reason.HANDLER_FAILED : Reason.NONE)
                .executionNs(1_000)
                .transferredNs(0);
        complete.stamps().receivedNs(1).startedNs(2).finishedNs(3);
        complete.outputsCount(0);
        complete.putInlineResult(new byte[4], 0, 4).putErrorText(new byte[0], 0, 0);
        if (party.offer(ControlMessages.HEADER + complete.encodedLength()) < 0) {
            throw new IllegalStateException("a window of 4 tasks cannot fill a window of 256 commands");
        }
        completed++;
    }

    @Override
    public void onClose() {
        session.close();
    }

    @Override
    public void close() {
        runner.close();
    }
}
