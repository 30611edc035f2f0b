package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.dragon.codecs.control.AssignTaskDecoder;
import io.dragon.codecs.control.CompleteTaskDecoder;
import io.dragon.codecs.control.FramePublishedDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.RegisteredDecoder;
import io.dragon.codecs.control.TaskResultDecoder;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Steps of a job in steady state: frames, masks, slabs, releases, acknowledgements. */
class JobLoadTest implements EventSink {
    private static final int CAMERAS = 4;
    private static final int WORKER = 1;
    private static final int CLIENT = 0;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[Sequencer.MAX_MESSAGE_LENGTH]);
    private final Sequencer sequencer = new Sequencer(new SequencerConfig(), this);
    private final int[] ids = new int[2 + CAMERAS];
    private final long[] seqs = new long[ids.length];
    private final long[] events = new long[64];
    private final long[] tasks = new long[256];
    private final int[] attempts = new int[256];
    private int head;
    private int tail;
    private int registered;
    private long results;
    private long outputs;
    private long nowMs = 1;

    private final UnsafeBuffer heartbeat = new UnsafeBuffer(Messages.heartbeat(0, 0));
    private final UnsafeBuffer complete =
            new UnsafeBuffer(Messages.complete(0, 1, Reason.NONE, "", new Messages.Frame(0xB1, 1, 1, 10)));
    private final UnsafeBuffer[] published = new UnsafeBuffer[CAMERAS];

    private void send(final int party, final UnsafeBuffer message, final boolean isSequenced) {
        message.putInt(8, ids[party], LE);
        message.putInt(12, 1, LE);
        message.putLong(16, isSequenced ? ++seqs[party] : 0, LE);
        message.putLong(24, events[ids[party]], LE);
        sequencer.onCommand(1, message, 0, message.capacity(), nowMs);
    }

    private void completeAll() {
        while (tail != head) {
            final int slot = tail++ & 255;
            complete.putLong(8 + CompleteTaskDecoder.taskIdEncodingOffset(), tasks[slot], LE);
            complete.putShort(8 + CompleteTaskDecoder.attemptEncodingOffset(), (short) attempts[slot], LE);
            complete.putLong(8 + CompleteTaskDecoder.BLOCK_LENGTH + 4 + 8, ++outputs, LE);
            send(WORKER, complete, true);
        }
    }

    private void run(final long first, final int steps) {
        for (long step = first; step < first + steps; step++) {
            nowMs += 20;
            for (int camera = 0; camera < CAMERAS; camera++) {
                final UnsafeBuffer frame = published[camera];
                frame.putLong(8 + FramePublishedDecoder.stepEncodingOffset(), step, LE);
                frame.putLong(8 + FramePublishedDecoder.frameEncodingOffset() + 8, step + 1, LE);
                send(2 + camera, frame, true);
            }
            completeAll();
            send(CLIENT, heartbeat, false);
            sequencer.onTick(nowMs);
        }
    }

    @Test
    void shouldAssembleStepsWithoutAllocating() {
        for (int i = 0; i < ids.length; i++) {
            final PartyKind kind = i == CLIENT ? PartyKind.CLIENT : i == WORKER ? PartyKind.WORKER : PartyKind.CAMERA;
            final byte[] register = Messages.register(i, kind, "p" + i, 100, 0);
            sequencer.onCommand(1, new UnsafeBuffer(register), 0, register.length, nowMs);
            ids[i] = registered;
            send(i, new UnsafeBuffer(Messages.pool(0xB0 + i)), true);
        }
        send(WORKER, new UnsafeBuffer(Messages.type("mask")), true);
        send(WORKER, new UnsafeBuffer(Messages.type("carve")), true);
        final int[] cameras = new int[CAMERAS];
        for (int i = 0; i < CAMERAS; i++) {
            cameras[i] = ids[2 + i];
            published[i] = new UnsafeBuffer(Messages.published(0, 0, new Messages.Frame(0xB2 + i, 1, 1, 10)));
        }
        send(CLIENT, new UnsafeBuffer(Messages.job().cameras(cameras).encode()), true);
        run(0, 20_000);
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long id = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 3; round++) {
            final long before = threads.getThreadAllocatedBytes(id);
            run(20_000 + round * 5_000L, 5_000);
            least = Math.min(least, threads.getThreadAllocatedBytes(id) - before);
        }
        assertEquals(70_000, results);
        assertTrue(least < 1_000, "allocated " + least + " bytes in 5,000 steps");
        Invariants.check(sequencer.core());
    }

    @Override
    public MutableDirectBuffer claim(final int maxLength) {
        return scratch;
    }

    @Override
    public void emit(final int partyId, final int length) {
        final long event = scratch.getLong(16, LE);
        if (event > 0) {
            events[partyId] = event;
        }
        final int template = scratch.getShort(2, LE);
        if (template == AssignTaskDecoder.TEMPLATE_ID) {
            tasks[head & 255] = scratch.getLong(8 + AssignTaskDecoder.taskIdEncodingOffset(), LE);
            attempts[head++ & 255] = scratch.getShort(8 + AssignTaskDecoder.attemptEncodingOffset(), LE);
        } else if (template == TaskResultDecoder.TEMPLATE_ID) {
            results++;
        }
    }

    @Override
    public void reply(final long sessionId, final int length) {
        registered = scratch.getInt(8 + RegisteredDecoder.partyIdEncodingOffset(), LE);
    }
}
