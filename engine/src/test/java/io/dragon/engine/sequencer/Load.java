package io.dragon.engine.sequencer;

import io.dragon.codecs.control.AssignTaskDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.RegisteredDecoder;
import io.dragon.codecs.control.TaskResultDecoder;
import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A steady load of 45 submits, 45 completions and 10 heartbeats in 100 commands, without allocation of its own. */
final class Load implements EventSink {
    private static final int SENDER = 8;
    private static final int RING = 1 << 16;

    private final Sequencer sequencer;
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[Sequencer.MAX_MESSAGE_LENGTH]);
    private final UnsafeBuffer submit;
    private final UnsafeBuffer complete;
    private final UnsafeBuffer heartbeat = new UnsafeBuffer(Messages.heartbeat(0, 0));
    private final int workers;
    private final int[] ids;
    private final long[] seqs;
    private final long[] events;
    private final long[] ringTask = new long[RING];
    private final int[] ringWorker = new int[RING];
    private final int[] ringAttempt = new int[RING];
    private int head;
    private int tail;
    private int registered;
    private long commands;
    private long nowMs = 1;
    private int beating;
    long results;

    Load(final SequencerConfig config, final int workers, final int waiting) {
        this.workers = workers;
        sequencer = new Sequencer(config, this);
        final int parties = workers + 1;
        ids = new int[parties];
        seqs = new long[parties];
        events = new long[parties + 1];
        submit = new UnsafeBuffer(Messages.task().parameters(new byte[32]).encode());
        complete = new UnsafeBuffer(Messages.complete(0, 1, Reason.NONE, "12345678"));
        for (int i = 0; i <= workers; i++) {
            command(new UnsafeBuffer(
                    Messages.register(i, i == 0 ? PartyKind.CLIENT : PartyKind.WORKER, "p" + i, 2, 0)));
            ids[i] = registered;
            send(i, new UnsafeBuffer(Messages.type("t")));
        }
        for (int i = 0; i < waiting + 2 * workers; i++) {
            send(0, submit);
        }
    }

    private void command(final UnsafeBuffer buffer) {
        if ((++commands & 0x3FF) == 0) {
            nowMs++;
            if (nowMs % 50 == 0) {
                sequencer.onTick(nowMs);
            }
        }
        sequencer.onCommand(0, buffer, 0, buffer.capacity(), nowMs);
    }

    private void send(final int party, final UnsafeBuffer buffer) {
        address(party, buffer, ++seqs[party]);
        command(buffer);
    }

    private void address(final int party, final UnsafeBuffer buffer, final long seq) {
        buffer.putInt(SENDER, ids[party], ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(SENDER + 4, 1, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(SENDER + 8, seq, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(SENDER + 16, events[ids[party]], ByteOrder.LITTLE_ENDIAN);
    }

    /** So many commands; the number of tasks that wait stays what it is. */
    void run(final int number) {
        for (int i = 0; i < number; i += 100) {
            for (int j = 0; j < 45; j++) {
                send(0, submit);
                final int slot = tail++ & (RING - 1);
                complete.putLong(8 + 24, ringTask[slot], ByteOrder.LITTLE_ENDIAN);
                complete.putShort(8 + 32, (short) ringAttempt[slot], ByteOrder.LITTLE_ENDIAN);
                send(ringWorker[slot] - ids[0], complete);
            }
            for (int j = 0; j < 10; j++) {
                beating = beating % workers + 1;
                address(beating, heartbeat, 0);
                command(heartbeat);
            }
        }
    }

    Core core() {
        return sequencer.core();
    }

    @Override
    public MutableDirectBuffer claim(final int maxLength) {
        return scratch;
    }

    @Override
    public void emit(final int partyId, final int length) {
        final long event = scratch.getLong(SENDER + 8, ByteOrder.LITTLE_ENDIAN);
        if (event > 0) {
            events[partyId] = event;
        }
        final int template = scratch.getShort(2, ByteOrder.LITTLE_ENDIAN);
        if (template == AssignTaskDecoder.TEMPLATE_ID) {
            final int slot = head++ & (RING - 1);
            ringTask[slot] = scratch.getLong(SENDER + 24, ByteOrder.LITTLE_ENDIAN);
            ringAttempt[slot] = scratch.getShort(SENDER + 36, ByteOrder.LITTLE_ENDIAN);
            ringWorker[slot] = partyId;
        } else if (template == TaskResultDecoder.TEMPLATE_ID) {
            results++;
        }
    }

    @Override
    public void reply(final long sessionId, final int length) {
        registered = scratch.getInt(8 + RegisteredDecoder.partyIdEncodingOffset(), ByteOrder.LITTLE_ENDIAN);
    }
}
