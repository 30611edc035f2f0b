package io.dragon.engine.sequencer;

import io.dragon.codecs.control.*;
import io.dragon.engine.sequencer.Messages.Frame;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A message that left the sequencer, decoded; for tests. */
final class Event {
    final int template;
    final UnsafeBuffer buffer;
    int partyId;
    int incarnation;
    long number;
    long ackSeq;
    long taskId;
    int attempt;
    int typeId;
    int priority;
    long jobId;
    long step;
    int part;
    int parts;
    int cameraBits;
    long timeoutMs;
    int split;
    Reason reason;
    TaskState state;
    String text = "";
    final List<Frame> frames = new ArrayList<>();
    final List<Integer> sources = new ArrayList<>();
    final List<Boolean> absent = new ArrayList<>();
    final List<Reason> reasons = new ArrayList<>();

    Event(final byte[] bytes) {
        buffer = new UnsafeBuffer(bytes);
        final MessageHeaderDecoder header = new MessageHeaderDecoder().wrap(buffer, 0);
        template = header.templateId();
        final boolean isReply = template == RegisteredDecoder.TEMPLATE_ID
                || template == RegisterRefusedDecoder.TEMPLATE_ID
                || template == FencedDecoder.TEMPLATE_ID
                || template == CamerasAllocatedDecoder.TEMPLATE_ID
                || template == PoolPlaceDecoder.TEMPLATE_ID
                || template == RoutePageDecoder.TEMPLATE_ID
                || template == RoutesOptimizedDecoder.TEMPLATE_ID
                || template >= 111;
        if (!isReply) {
            final RecipientDecoder to = new RecipientDecoder().wrap(buffer, 8);
            partyId = (int) to.partyId();
            incarnation = (int) to.incarnation();
            number = to.event();
            ackSeq = to.ackSeq();
        }
        decode(header);
    }

    <T> T as(final T flyweight) {
        try {
            flyweight
                    .getClass()
                    .getMethod("wrapAndApplyHeader", DirectBuffer.class, int.class, MessageHeaderDecoder.class)
                    .invoke(flyweight, buffer, 0, new MessageHeaderDecoder());
        } catch (final ReflectiveOperationException ex) {
            throw new AssertionError(ex);
        }
        return flyweight;
    }

    private void decode(final MessageHeaderDecoder h) {
        switch (template) {
            case AssignTaskDecoder.TEMPLATE_ID -> {
                final AssignTaskDecoder d = new AssignTaskDecoder().wrapAndApplyHeader(buffer, 0, h);
                taskId = d.taskId();
                attempt = d.attempt();
                typeId = (int) d.typeId();
                priority = d.priority();
                jobId = d.jobId();
                step = d.step();
                part = d.part();
                parts = d.parts();
                cameraBits = (int) d.cameraBits();
                timeoutMs = d.timeoutMs();
                split = d.split();
                for (final AssignTaskDecoder.InputsDecoder i : d.inputs()) {
                    frames.add(Frame.of(i.frame()));
                    sources.add(i.source());
                    absent.add(i.flags().absent());
                }
                final byte[] bytes = new byte[d.parametersLength()];
                d.getParameters(bytes, 0, bytes.length);
                text = new String(bytes);
            }
            case TaskResultDecoder.TEMPLATE_ID -> {
                final TaskResultDecoder d = new TaskResultDecoder().wrapAndApplyHeader(buffer, 0, h);
                taskId = d.taskId();
                split = d.split();
                state = d.state();
                reason = d.reason();
                attempt = d.attempts();
                jobId = d.jobId();
                step = d.step();
                part = d.part();
                cameraBits = (int) d.cameraBits();
                for (final TaskResultDecoder.OutputsDecoder o : d.outputs()) {
                    frames.add(Frame.of(o.frame()));
                }
                final byte[] inline = new byte[d.inlineResultLength()];
                d.getInlineResult(inline, 0, inline.length);
                text = new String(inline) + d.errorText();
            }
            case RevokeTaskDecoder.TEMPLATE_ID -> {
                final RevokeTaskDecoder d = new RevokeTaskDecoder().wrapAndApplyHeader(buffer, 0, h);
                taskId = d.taskId();
                attempt = d.attempt();
                reason = d.reason();
            }
            case ReleaseFramesDecoder.TEMPLATE_ID -> {
                for (final ReleaseFramesDecoder.FramesDecoder f : new ReleaseFramesDecoder()
                        .wrapAndApplyHeader(buffer, 0, h)
                        .frames()) {
                    frames.add(Frame.of(f.frame()));
                    reasons.add(f.reason());
                }
            }
            case TaskTypeRegisteredDecoder.TEMPLATE_ID -> {
                final TaskTypeRegisteredDecoder d = new TaskTypeRegisteredDecoder().wrapAndApplyHeader(buffer, 0, h);
                typeId = (int) d.typeId();
                text = d.name();
            }
            case JobStartedDecoder.TEMPLATE_ID -> jobId =
                    new JobStartedDecoder().wrapAndApplyHeader(buffer, 0, h).jobId();
            case JobClosedDecoder.TEMPLATE_ID -> {
                final JobClosedDecoder d = new JobClosedDecoder().wrapAndApplyHeader(buffer, 0, h);
                jobId = d.jobId();
                reason = d.reason();
            }
            case CommandRefusedDecoder.TEMPLATE_ID -> reason =
                    new CommandRefusedDecoder().wrapAndApplyHeader(buffer, 0, h).reason();
            default -> {}
        }
    }

    boolean is(final int id) {
        return template == id;
    }

    @Override
    public String toString() {
        return "event " + template + " to " + partyId + " number " + number + " task " + Long.toHexString(taskId)
                + " attempt " + attempt + " " + state + " " + reason + " " + text;
    }
}
