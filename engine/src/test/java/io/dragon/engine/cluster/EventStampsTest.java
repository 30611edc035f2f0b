package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.dragon.codecs.control.AssignTaskDecoder;
import io.dragon.codecs.control.AssignTaskEncoder;
import io.dragon.codecs.control.CompleteTaskEncoder;
import io.dragon.codecs.control.FramePublishedEncoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.SubmitTaskEncoder;
import io.dragon.codecs.control.TaskResultDecoder;
import io.dragon.codecs.control.TaskResultEncoder;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class EventStampsTest {
    private final EventStamps stamps = new EventStamps();
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[Party.MAX_LENGTH]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final AssignTaskDecoder assign = new AssignTaskDecoder();

    @Test
    void shouldStampASubmittedTaskOnceAndItsAttemptsEach() {
        submit(5, 9, 100);
        submit(5, 9, 150); // sent again
        final long taskId = 5L << 40 | 9;
        assign(taskId, 1, 200);
        assertStamps(100, 200);
        assign(taskId, 1, 300); // emitted again
        assertStamps(100, 200);
        assign(taskId, 2, 400);
        assertStamps(100, 400);
        result(taskId);
        final TaskResultDecoder result = new TaskResultDecoder();
        result.wrapAndApplyHeader(buffer, 0, new MessageHeaderDecoder());
        assertEquals(100, result.stamps().sequencedNs());
        assertEquals(400, result.stamps().assignedNs());
    }

    @Test
    void shouldStampAnAssembledTaskWithTheLastOfItsInputs() {
        final FramePublishedEncoder published = new FramePublishedEncoder();
        published
                .wrapAndApplyHeader(buffer, 0, header)
                .frame()
                .poolId(77)
                .sequence(3)
                .slot(1)
                .length(8);
        stamps.onCommand(buffer, 0, ControlMessages.HEADER + published.encodedLength(), 1_000);
        final CompleteTaskEncoder complete = new CompleteTaskEncoder();
        complete.wrapAndApplyHeader(buffer, 0, header);
        complete.outputsCount(1).next().frame().poolId(78).sequence(4).slot(2).length(8);
        complete.putInlineResult(new byte[0], 0, 0).putErrorText(new byte[0], 0, 0);
        stamps.onCommand(buffer, 0, ControlMessages.HEADER + complete.encodedLength(), 2_000);

        assign(1L << 39, 1, 3_000, 77, 3, 1, 78, 4, 2, 79, 5, 3);
        assertStamps(2_000, 3_000);
        assign(1L << 39 | 1, 1, 3_000, 79, 5, 3);
        assertStamps(0, 3_000);
    }

    @Test
    void shouldSurviveWhatIsNotAMessage() {
        final Random random = new Random(3);
        final byte[] bytes = new byte[Party.MAX_LENGTH];
        final int[] templates = {20, 24, 51, 22, 25, 1};
        for (int i = 0; i < 100_000; i++) {
            random.nextBytes(bytes);
            final int length = ControlMessages.HEADER + random.nextInt(200);
            final UnsafeBuffer exact = new UnsafeBuffer(bytes, 0, length);
            exact.putShort(0, (short) random.nextInt(length));
            exact.putShort(2, (short) templates[random.nextInt(templates.length)]);
            exact.putShort(4, (short) 1);
            if (ControlMessages.isWellFormed(exact, 0, length)) {
                stamps.onCommand(exact, 0, length, i);
            }
        }
    }

    private void submit(final int partyId, final long seq, final long nowNs) {
        final SubmitTaskEncoder submit = new SubmitTaskEncoder();
        submit.wrapAndApplyHeader(buffer, 0, header);
        submit.dependenciesCount(0);
        submit.inputsCount(0);
        submit.putParameters(new byte[0], 0, 0);
        ControlMessages.sender(buffer, 0, partyId, 1, seq, 0);
        stamps.onCommand(buffer, 0, ControlMessages.HEADER + submit.encodedLength(), nowNs);
    }

    private void assign(final long taskId, final int attempt, final long nowNs, final int... frames) {
        final AssignTaskEncoder encoder = new AssignTaskEncoder();
        encoder.wrapAndApplyHeader(buffer, 0, header).taskId(taskId).attempt(attempt);
        final AssignTaskEncoder.InputsEncoder inputs = encoder.inputsCount(frames.length / 3);
        for (int i = 0; i < frames.length; i += 3) {
            inputs.next().frame().poolId(frames[i]).sequence(frames[i + 1]).slot(frames[i + 2]);
        }
        encoder.putParameters(new byte[0], 0, 0);
        stamps.onEvent(buffer, ControlMessages.HEADER + encoder.encodedLength(), nowNs);
    }

    private void result(final long taskId) {
        final TaskResultEncoder encoder = new TaskResultEncoder();
        encoder.wrapAndApplyHeader(buffer, 0, header).taskId(taskId);
        encoder.outputsCount(0);
        encoder.putInlineResult(new byte[0], 0, 0).putErrorText(new byte[0], 0, 0);
        stamps.onEvent(buffer, ControlMessages.HEADER + encoder.encodedLength(), 999);
    }

    private void assertStamps(final long sequencedNs, final long assignedNs) {
        assign.wrapAndApplyHeader(buffer, 0, new MessageHeaderDecoder());
        assertEquals(sequencedNs, assign.stamps().sequencedNs());
        assertEquals(assignedNs, assign.stamps().assignedNs());
    }
}
