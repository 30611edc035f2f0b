package io.dragon.benchmarks;

import io.dragon.codecs.control.AssignTaskDecoder;
import io.dragon.codecs.control.CommandRefusedDecoder;
import io.dragon.codecs.control.CompleteTaskEncoder;
import io.dragon.codecs.control.HeartbeatEncoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.RecipientDecoder;
import io.dragon.codecs.control.RegisterEncoder;
import io.dragon.codecs.control.RegisterTaskTypeEncoder;
import io.dragon.codecs.control.RegisteredDecoder;
import io.dragon.codecs.control.SenderEncoder;
import io.dragon.codecs.control.SubmitTaskEncoder;
import io.dragon.codecs.control.TaskResultDecoder;
import io.dragon.codecs.control.TaskTypeRegisteredDecoder;
import io.dragon.engine.sequencer.EventSink;
import io.dragon.engine.sequencer.Sequencer;
import io.dragon.engine.sequencer.SequencerConfig;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One client and its workers as a sequencer sees them in a steady state: of 100 commands 45 submit a task, 45 complete one
 * and 10 are heartbeats. As many tasks wait, or as many places are free, as at the beginning. Allocates nothing while it runs.
 */
final class SteadyLoad implements EventSink {
    /** Commands in one turn of the mix. */
    static final int TURN = 100;

    private static final int SUBMITS = 45;
    private static final int HEARTBEATS = TURN - 2 * SUBMITS;
    private static final int WINDOW = 2;
    private static final int TASK_CAPACITY = 1 << 18;

    /** Assignments in flight, a power of two above workers times window. */
    private static final int RING = 1 << 16;

    /** At a million commands a second, about what passes in a millisecond. */
    private static final int COMMANDS_A_MS = 1 << 10;

    private static final int TICK_MS = 50;
    private static final int CLIENT = 0;

    private final Sequencer sequencer;
    private final UnsafeBuffer event = new UnsafeBuffer(new byte[Sequencer.MAX_MESSAGE_LENGTH]);
    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final RecipientDecoder recipient = new RecipientDecoder();
    private final AssignTaskDecoder assignment = new AssignTaskDecoder();
    private final RegisteredDecoder registered = new RegisteredDecoder();
    private final TaskTypeRegisteredDecoder typeRegistered = new TaskTypeRegisteredDecoder();
    private final SenderEncoder sender = new SenderEncoder();
    private final CompleteTaskEncoder completeEncoder = new CompleteTaskEncoder();
    private final UnsafeBuffer submit;
    private final UnsafeBuffer complete;
    private final UnsafeBuffer heartbeat;
    private final int workers;
    private final int[] ids;
    private final long[] seqs;
    private final long[] events;
    private final long[] assignedTask = new long[RING];
    private final int[] assignedWorker = new int[RING];
    private final int[] assignedAttempt = new int[RING];
    private int assigned;
    private int completed;
    private int beating;
    private int lastRegistered;
    private long typeId;
    private long commands;
    private long nowMs = 1;
    private long results;
    private long refusals;

    /**
     * The load at its beginning.
     *
     * @param strategy by which workers are chosen
     * @param workers  each with two places
     * @param waiting  tasks that wait for a place; if negative, places that are free
     */
    SteadyLoad(final String strategy, final int workers, final int waiting) {
        this.workers = workers;
        ids = new int[workers + 1];
        seqs = new long[workers + 1];
        events = new long[workers + 1];
        sequencer = new Sequencer(
                new SequencerConfig()
                        .taskCapacity(TASK_CAPACITY)
                        .maxOpenTasksPerClient(TASK_CAPACITY)
                        .defaultStrategy(strategy),
                this);
        for (int party = 0; party <= workers; party++) {
            command(register(party));
            ids[party] = lastRegistered;
            send(party, taskType());
        }
        submit = submit(typeId);
        complete = complete();
        heartbeat = heartbeat();
        for (int i = 0; i < waiting + WINDOW * workers; i++) {
            send(CLIENT, submit);
        }
    }

    /** One turn of the mix. */
    void turn() {
        for (int i = 0; i < SUBMITS; i++) {
            send(CLIENT, submit);
            final int slot = completed++ & (RING - 1);
            completeEncoder.taskId(assignedTask[slot]).attempt(assignedAttempt[slot]);
            send(assignedWorker[slot], complete);
        }
        for (int i = 0; i < HEARTBEATS; i++) {
            beating = beating % workers + 1;
            address(beating, heartbeat, 0);
            command(heartbeat);
        }
    }

    /** Task results delivered to the client. */
    long results() {
        return results;
    }

    /** Commands that were not taken. */
    long refusals() {
        return refusals;
    }

    private void send(final int party, final UnsafeBuffer message) {
        address(party, message, ++seqs[party]);
        command(message);
    }

    private void address(final int party, final UnsafeBuffer message, final long seq) {
        sender.wrap(message, MessageHeaderEncoder.ENCODED_LENGTH)
                .partyId(Integer.toUnsignedLong(ids[party]))
                .incarnation(1)
                .seq(seq)
                .lastEvent(events[party]);
    }

    private void command(final UnsafeBuffer message) {
        if (++commands % COMMANDS_A_MS == 0 && ++nowMs % TICK_MS == 0) {
            sequencer.onTick(nowMs);
        }
        sequencer.onCommand(0, message, 0, message.capacity(), nowMs);
    }

    @Override
    public MutableDirectBuffer claim(final int maxLength) {
        return event;
    }

    @Override
    public void emit(final int partyId, final int length) {
        final int party = partyId - ids[CLIENT];
        recipient.wrap(event, MessageHeaderDecoder.ENCODED_LENGTH);
        if (recipient.event() > 0) {
            events[party] = recipient.event();
        }
        switch (header.wrap(event, 0).templateId()) {
            case AssignTaskDecoder.TEMPLATE_ID -> {
                assignment.wrapAndApplyHeader(event, 0, header);
                final int slot = assigned++ & (RING - 1);
                assignedTask[slot] = assignment.taskId();
                assignedAttempt[slot] = assignment.attempt();
                assignedWorker[slot] = party;
            }
            case TaskResultDecoder.TEMPLATE_ID -> results++;
            case CommandRefusedDecoder.TEMPLATE_ID -> refusals++;
            case TaskTypeRegisteredDecoder.TEMPLATE_ID -> typeId =
                    typeRegistered.wrapAndApplyHeader(event, 0, header).typeId();
            default -> {}
        }
    }

    @Override
    public void reply(final long sessionId, final int length) {
        if (header.wrap(event, 0).templateId() != RegisteredDecoder.TEMPLATE_ID) {
            throw new IllegalStateException("the sequencer refused a party");
        }
        lastRegistered = (int) registered.wrapAndApplyHeader(event, 0, header).partyId();
    }

    private static UnsafeBuffer message() {
        return new UnsafeBuffer(new byte[Sequencer.MAX_MESSAGE_LENGTH]);
    }

    private UnsafeBuffer register(final int party) {
        final UnsafeBuffer message = message();
        final RegisterEncoder encoder = new RegisterEncoder();
        encoder.wrapAndApplyHeader(message, 0, headerEncoder)
                .correlationId(party)
                .kind(party == CLIENT ? PartyKind.CLIENT : PartyKind.WORKER)
                .window(WINDOW)
                .processId(1)
                .name("party " + party)
                .host("host")
                .device("cpu");
        return cut(message, encoder.limit());
    }

    private UnsafeBuffer taskType() {
        final UnsafeBuffer message = message();
        final RegisterTaskTypeEncoder encoder = new RegisterTaskTypeEncoder();
        encoder.wrapAndApplyHeader(message, 0, headerEncoder).name("benchmark");
        return cut(message, encoder.limit());
    }

    private UnsafeBuffer submit(final long type) {
        final UnsafeBuffer message = message();
        final SubmitTaskEncoder encoder = new SubmitTaskEncoder();
        encoder.wrapAndApplyHeader(message, 0, headerEncoder).typeId(type).priority((short) 3);
        encoder.stamps().submittedNs(1);
        encoder.dependenciesCount(0);
        encoder.inputsCount(0);
        encoder.putParameters(new byte[32], 0, 32);
        return cut(message, encoder.limit());
    }

    private UnsafeBuffer complete() {
        final UnsafeBuffer message = message();
        completeEncoder
                .wrapAndApplyHeader(message, 0, headerEncoder)
                .reason(Reason.NONE)
                .executionNs(1_000_000)
                .transferredNs(0);
        completeEncoder.stamps().receivedNs(1).startedNs(2).finishedNs(3);
        completeEncoder.outputsCount(0);
        completeEncoder.putInlineResult(new byte[8], 0, 8);
        completeEncoder.errorText("");
        return cut(message, completeEncoder.limit());
    }

    private UnsafeBuffer heartbeat() {
        final UnsafeBuffer message = message();
        final HeartbeatEncoder encoder = new HeartbeatEncoder();
        encoder.wrapAndApplyHeader(message, 0, headerEncoder).freeBytes(-1);
        return cut(message, encoder.limit());
    }

    private static UnsafeBuffer cut(final UnsafeBuffer message, final int length) {
        message.wrap(message.byteArray(), 0, length);
        return message;
    }
}
