package io.dragon.engine.sequencer;

import io.dragon.codecs.control.CompleteTaskDecoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.RegisterDecoder;
import io.dragon.codecs.control.SenderDecoder;
import io.dragon.codecs.control.StatusQueryDecoder;
import io.dragon.codecs.control.SubmitTaskDecoder;
import org.agrona.concurrent.UnsafeBuffer;

/** Commands in words, for whoever reads how a seed failed. */
final class Heard {
    private Heard() {}

    static String describe(final byte[] message) {
        final UnsafeBuffer buffer = new UnsafeBuffer(message);
        final MessageHeaderDecoder header = new MessageHeaderDecoder().wrap(buffer, 0);
        final int id = header.templateId();
        if (id == RegisterDecoder.TEMPLATE_ID) {
            final RegisterDecoder register = new RegisterDecoder().wrapAndApplyHeader(buffer, 0, header);
            return "Register " + register.kind() + " " + register.name() + " correlation " + register.correlationId();
        }
        if (id == StatusQueryDecoder.TEMPLATE_ID) {
            return "StatusQuery";
        }
        final SenderDecoder sender = new SenderDecoder().wrap(buffer, MessageHeaderDecoder.ENCODED_LENGTH);
        final String from = " of party " + sender.partyId() + "/" + sender.incarnation() + " number " + sender.seq()
                + " heard " + sender.lastEvent();
        if (id == SubmitTaskDecoder.TEMPLATE_ID) {
            final SubmitTaskDecoder submit = new SubmitTaskDecoder().wrapAndApplyHeader(buffer, 0, header);
            final StringBuilder text = new StringBuilder("SubmitTask" + from + " type " + submit.typeId() + " priority "
                    + submit.priority() + " deadline " + submit.deadlineMs() + " after");
            submit.dependencies().forEach(each -> text.append(' ').append(Long.toHexString(each.taskId())));
            return text.toString();
        }
        if (id == CompleteTaskDecoder.TEMPLATE_ID) {
            final CompleteTaskDecoder complete = new CompleteTaskDecoder().wrapAndApplyHeader(buffer, 0, header);
            return "CompleteTask" + from + " task " + Long.toHexString(complete.taskId()) + " attempt "
                    + complete.attempt() + " " + complete.reason();
        }
        return "command " + id + from;
    }
}
