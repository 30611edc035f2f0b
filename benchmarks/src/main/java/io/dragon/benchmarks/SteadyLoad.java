package io.dragon.benchmarks;

import io.dragon.codecs.control.AssignTaskDecoder;
import io.dragon.codecs.control.CommandRefusedDecoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.RecipientDecoder;
import io.dragon.codecs.control.RegisteredDecoder;
import io.dragon.codecs.control.TaskResultDecoder;
import io.dragon.codecs.control.TaskTypeRegisteredDecoder;
import io.dragon.engine.sequencer.EventSink;
import io.dragon.engine.sequencer.Sequencer;
import io.dragon.engine.sequencer.SequencerConfig;
import io.dragon.engine.sequencer.Setting;
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
    private static final long EXECUTION_NS = 1_000_000;

    private final Sequencer sequencer;
    private final UnsafeBuffer event = new UnsafeBuffer(new byte[Sequencer.MAX_MESSAGE_LENGTH]);
    private final LoadMessages messages = new LoadMessages();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final RecipientDecoder recipient = new RecipientDecoder();
    private final AssignTaskDecoder assignment = new AssignTaskDecoder();
    private final RegisteredDecoder registered = new RegisteredDecoder();
    private final TaskTypeRegisteredDecoder typeRegistered = new TaskTypeRegisteredDecoder();
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
                        .set(Setting.TASK_CAPACITY, TASK_CAPACITY)
                        .set(Setting.MAX_OPEN_TASKS_PER_CLIENT, TASK_CAPACITY)
                        .defaultStrategy(strategy),
                this);
        for (int party = 0; party <= workers; party++) {
            command(messages.register(party, party == CLIENT ? PartyKind.CLIENT : PartyKind.WORKER, WINDOW, "host"));
            ids[party] = lastRegistered;
            send(party, messages.taskType());
        }
        submit = messages.submit(typeId);
        complete = messages.complete(0, 0, EXECUTION_NS);
        heartbeat = messages.heartbeat();
        for (int i = 0; i < waiting + WINDOW * workers; i++) {
            send(CLIENT, submit);
        }
    }

    /** One turn of the mix. */
    void turn() {
        for (int i = 0; i < SUBMITS; i++) {
            send(CLIENT, submit);
            final int slot = completed++ & (RING - 1);
            messages.completes(complete, assignedTask[slot], assignedAttempt[slot]);
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
        messages.address(message, ids[party], seq, events[party]);
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
}
