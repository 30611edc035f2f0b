package io.dragon.benchmarks;

import io.dragon.codecs.control.CompleteTaskEncoder;
import io.dragon.codecs.control.HeartbeatEncoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.RegisterEncoder;
import io.dragon.codecs.control.RegisterTaskTypeEncoder;
import io.dragon.codecs.control.SenderEncoder;
import io.dragon.codecs.control.SubmitTaskEncoder;
import io.dragon.engine.sequencer.Sequencer;
import org.agrona.concurrent.UnsafeBuffer;

/** The commands of a load, as clients and workers encode them, each in a buffer of its length. One thread. */
public final class LoadMessages {
    private static final int PARAMETERS = 32;
    private static final short PRIORITY = 3;
    private static final byte[] NO_PARAMETERS = new byte[PARAMETERS];
    private static final byte[] INLINE_RESULT = new byte[8];

    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final SenderEncoder sender = new SenderEncoder();
    private final SubmitTaskEncoder submit = new SubmitTaskEncoder();
    private final CompleteTaskEncoder complete = new CompleteTaskEncoder();

    /**
     * A party makes itself known.
     *
     * @param number of the party, in its name
     * @param kind   what it is
     * @param window tasks that it takes at a time
     * @param host   where it runs
     * @return a message
     */
    public UnsafeBuffer register(final int number, final PartyKind kind, final int window, final String host) {
        final UnsafeBuffer message = blank();
        final RegisterEncoder encoder = new RegisterEncoder();
        encoder.wrapAndApplyHeader(message, 0, header)
                .correlationId(number)
                .kind(kind)
                .window(window)
                .processId(1)
                .name("party " + number)
                .host(host)
                .device("cpu");
        return cut(message, encoder.limit());
    }

    /**
     * A task type, which all tasks of the load have.
     *
     * @return a message
     */
    public UnsafeBuffer taskType() {
        final UnsafeBuffer message = blank();
        final RegisterTaskTypeEncoder encoder = new RegisterTaskTypeEncoder();
        encoder.wrapAndApplyHeader(message, 0, header).name("benchmark");
        return cut(message, encoder.limit());
    }

    /**
     * A task with 32 bytes of parameters.
     *
     * @param typeId of the task
     * @return a message
     */
    public UnsafeBuffer submit(final long typeId) {
        final UnsafeBuffer message = blank();
        return cut(message, submit(message, typeId));
    }

    /**
     * The same into a buffer.
     *
     * @param message all zeros, or such a message
     * @param typeId  of the task
     * @return its length in bytes
     */
    public int submit(final UnsafeBuffer message, final long typeId) {
        submit.wrapAndApplyHeader(message, 0, header)
                .typeId(typeId)
                .priority(PRIORITY)
                .maxAttempts((short) 0)
                .deadlineMs(0)
                .memoryBytes(0);
        submit.flags().clear();
        submit.stamps()
                .capturedNs(0)
                .publishedNs(0)
                .submittedNs(1)
                .sequencedNs(0)
                .assignedNs(0);
        submit.dependenciesCount(0);
        submit.inputsCount(0);
        submit.putParameters(NO_PARAMETERS, 0, PARAMETERS);
        return submit.limit();
    }

    /**
     * A task that succeeded, with an inline result of 8 bytes.
     *
     * @param taskId      of the task
     * @param attempt     of the task
     * @param executionNs for which it ran
     * @return a message
     */
    public UnsafeBuffer complete(final long taskId, final int attempt, final long executionNs) {
        final UnsafeBuffer message = blank();
        return cut(message, complete(message, taskId, attempt, executionNs));
    }

    /**
     * The same into a buffer.
     *
     * @param message     all zeros, or such a message
     * @param taskId      of the task
     * @param attempt     of the task
     * @param executionNs for which it ran
     * @return its length in bytes
     */
    public int complete(final UnsafeBuffer message, final long taskId, final int attempt, final long executionNs) {
        complete.wrapAndApplyHeader(message, 0, header)
                .taskId(taskId)
                .attempt(attempt)
                .reason(Reason.NONE)
                .executionNs(executionNs)
                .transferredNs(0);
        complete.stamps().receivedNs(1).startedNs(2).finishedNs(3);
        complete.outputsCount(0);
        complete.putInlineResult(INLINE_RESULT, 0, INLINE_RESULT.length);
        complete.putErrorText(INLINE_RESULT, 0, 0);
        return complete.limit();
    }

    /**
     * Makes a completion that of another task.
     *
     * @param message that {@link #complete} has made
     * @param taskId  of the task
     * @param attempt of the task
     */
    public void completes(final UnsafeBuffer message, final long taskId, final int attempt) {
        complete.wrap(message, MessageHeaderEncoder.ENCODED_LENGTH)
                .taskId(taskId)
                .attempt(attempt);
    }

    /**
     * A sign of life.
     *
     * @return a message
     */
    public UnsafeBuffer heartbeat() {
        final UnsafeBuffer message = blank();
        final HeartbeatEncoder encoder = new HeartbeatEncoder();
        encoder.wrapAndApplyHeader(message, 0, header).freeBytes(-1);
        return cut(message, encoder.limit());
    }

    /**
     * Says who sends a message.
     *
     * @param message   of this load
     * @param partyId   of the sender
     * @param seq       of the command; 0 for a heartbeat
     * @param lastEvent that the sender has
     */
    public void address(final UnsafeBuffer message, final int partyId, final long seq, final long lastEvent) {
        sender.wrap(message, MessageHeaderEncoder.ENCODED_LENGTH)
                .partyId(Integer.toUnsignedLong(partyId))
                .incarnation(1)
                .seq(seq)
                .lastEvent(lastEvent);
    }

    /** Fields that are not set are zero. */
    static UnsafeBuffer blank() {
        return new UnsafeBuffer(new byte[Sequencer.MAX_MESSAGE_LENGTH]);
    }

    private static UnsafeBuffer cut(final UnsafeBuffer message, final int length) {
        message.wrap(message.byteArray(), 0, length);
        return message;
    }
}
