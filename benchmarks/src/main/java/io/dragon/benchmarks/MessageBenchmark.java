package io.dragon.benchmarks;

import io.dragon.codecs.control.AssignTaskDecoder;
import io.dragon.codecs.control.AssignTaskEncoder;
import io.dragon.codecs.control.CompleteTaskDecoder;
import io.dragon.codecs.control.FramePublishedEncoder;
import io.dragon.codecs.control.FrameRefDecoder;
import io.dragon.codecs.control.FrameRefEncoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.SubmitTaskDecoder;
import io.dragon.codecs.control.TaskResultDecoder;
import io.dragon.codecs.control.TaskResultEncoder;
import io.dragon.codecs.control.TaskState;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * The messages of a task's way: every field that its reader uses, groups and variable parts with it. The baseline copies a message of
 * the length of an assignment.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MessageBenchmark {
    private static final int INPUTS = 2;
    private static final int PARAMETERS = 64;
    private static final int INLINE = 8;
    private static final int FRAME_LENGTH = 1 << 20;

    /** One message of each kind, and a buffer to encode into. */
    @State(Scope.Thread)
    public static class Messages {
        final LoadMessages load = new LoadMessages();
        final UnsafeBuffer scratch = LoadMessages.blank();
        final UnsafeBuffer parameters = new UnsafeBuffer(new byte[PARAMETERS]);
        final UnsafeBuffer view = new UnsafeBuffer(0, 0);
        final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
        final MessageHeaderDecoder header = new MessageHeaderDecoder();
        final AssignTaskEncoder assignEncoder = new AssignTaskEncoder();
        final FramePublishedEncoder publishedEncoder = new FramePublishedEncoder();
        final SubmitTaskDecoder submitDecoder = new SubmitTaskDecoder();
        final AssignTaskDecoder assignDecoder = new AssignTaskDecoder();
        final CompleteTaskDecoder completeDecoder = new CompleteTaskDecoder();
        final TaskResultDecoder resultDecoder = new TaskResultDecoder();
        final UnsafeBuffer submit = load.submit(1);
        final UnsafeBuffer complete = load.complete(1, 1, 1);
        final UnsafeBuffer assign = LoadMessages.blank();
        final UnsafeBuffer result = LoadMessages.blank();
        final int assignLength;
        long number;

        public Messages() {
            assignLength = encodeAssignTask(this, assign, 1);
            encodeTaskResult(this, result);
        }
    }

    private static void frame(final FrameRefEncoder frame, final long sequence) {
        frame.poolId(0x0123_4567_89AB_CDEFL).sequence(sequence).slot(1).length(FRAME_LENGTH);
    }

    private static long sum(final FrameRefDecoder frame) {
        return frame.poolId() + frame.sequence() + frame.slot() + frame.length();
    }

    private static int encodeAssignTask(final Messages messages, final UnsafeBuffer buffer, final long taskId) {
        final AssignTaskEncoder encoder = messages.assignEncoder;
        encoder.wrapAndApplyHeader(buffer, 0, messages.headerEncoder)
                .taskId(taskId)
                .typeId(1)
                .attempt(1)
                .priority((short) 3)
                .jobId(1)
                .step(taskId)
                .part(1)
                .parts(20)
                .cameraBits(0xFFFFF)
                .timeoutMs(100)
                .split(1);
        encoder.recipient().event(taskId);
        encoder.stamps()
                .capturedNs(1)
                .publishedNs(2)
                .submittedNs(3)
                .sequencedNs(4)
                .assignedNs(5);
        final AssignTaskEncoder.InputsEncoder inputs = encoder.inputsCount(INPUTS);
        for (int i = 0; i < INPUTS; i++) {
            frame(inputs.next().frame(), taskId - i);
            inputs.source(i).flags().clear();
        }
        encoder.putParameters(messages.parameters, 0, PARAMETERS);
        return encoder.limit();
    }

    private static void encodeTaskResult(final Messages messages, final UnsafeBuffer buffer) {
        final TaskResultEncoder encoder = new TaskResultEncoder();
        encoder.wrapAndApplyHeader(buffer, 0, messages.headerEncoder)
                .taskId(1)
                .state(TaskState.COMPLETED)
                .reason(Reason.NONE)
                .attempts(1)
                .workerId(3)
                .jobId(1)
                .step(1)
                .part(1)
                .parts(20)
                .cameraBits(0xFFFFF)
                .split(1)
                .kind((short) 1)
                .transferredNs(0);
        encoder.recipient().event(1);
        encoder.stamps()
                .capturedNs(1)
                .publishedNs(2)
                .submittedNs(3)
                .sequencedNs(4)
                .assignedNs(5);
        encoder.workerStamps().receivedNs(6).startedNs(7).finishedNs(8);
        frame(encoder.outputsCount(1).next().frame(), 1);
        encoder.putInlineResult(new byte[INLINE], 0, INLINE);
        encoder.errorText("");
    }

    /**
     * A task of 32 bytes of parameters, as a client submits it.
     *
     * @param messages where to
     * @return its length
     */
    @Benchmark
    public int encodeSubmitTask(final Messages messages) {
        final int length = messages.load.submit(messages.scratch, 1);
        messages.load.address(messages.scratch, 1, ++messages.number, messages.number);
        return length;
    }

    /**
     * A completion with an inline result, as a worker sends it.
     *
     * @param messages where to
     * @return its length
     */
    @Benchmark
    public int encodeCompleteTask(final Messages messages) {
        final int length = messages.load.complete(messages.scratch, ++messages.number, 1, 1);
        messages.load.address(messages.scratch, 1, messages.number, messages.number);
        return length;
    }

    /**
     * A frame, as a camera names it.
     *
     * @param messages where to
     * @return its length
     */
    @Benchmark
    public int encodeFramePublished(final Messages messages) {
        final FramePublishedEncoder encoder = messages.publishedEncoder;
        final long number = ++messages.number;
        encoder.wrapAndApplyHeader(messages.scratch, 0, messages.headerEncoder)
                .step(number)
                .captureEpochNs(number)
                .capturedNs(number)
                .publishedNs(number);
        frame(encoder.frame(), number);
        messages.load.address(messages.scratch, 1, number, number);
        return encoder.limit();
    }

    /**
     * An assignment of two inputs and 64 bytes of parameters, as the sequencer emits it.
     *
     * @param messages where to
     * @return its length
     */
    @Benchmark
    public int encodeAssignTask(final Messages messages) {
        return encodeAssignTask(messages, messages.scratch, ++messages.number);
    }

    /**
     * A submitted task, as the sequencer reads it.
     *
     * @param messages where from
     * @return a sum of its fields
     */
    @Benchmark
    public long decodeSubmitTask(final Messages messages) {
        final SubmitTaskDecoder task = messages.submitDecoder;
        task.wrapAndApplyHeader(messages.submit, 0, messages.header);
        long sum = task.sender().partyId() + task.sender().seq() + task.sender().lastEvent() + task.typeId();
        sum += task.priority() + task.maxAttempts() + task.deadlineMs() + task.memoryBytes();
        sum += task.stamps().capturedNs()
                + task.stamps().publishedNs()
                + task.stamps().submittedNs();
        sum += task.dependencies().count() + task.inputs().count();
        task.wrapParameters(messages.view);
        return sum + messages.view.capacity();
    }

    /**
     * An assignment, as a worker reads it.
     *
     * @param messages where from
     * @return a sum of its fields
     */
    @Benchmark
    public long decodeAssignTask(final Messages messages) {
        final AssignTaskDecoder task = messages.assignDecoder;
        task.wrapAndApplyHeader(messages.assign, 0, messages.header);
        long sum = task.recipient().event() + task.taskId() + task.attempt() + task.typeId() + task.jobId();
        sum += task.step() + task.part() + task.parts() + task.cameraBits() + task.split() + task.timeoutMs();
        final AssignTaskDecoder.InputsDecoder inputs = task.inputs();
        while (inputs.hasNext()) {
            inputs.next();
            sum += sum(inputs.frame()) + inputs.source() + (inputs.flags().absent() ? 1 : 0);
        }
        task.wrapParameters(messages.view);
        return sum + messages.view.capacity();
    }

    /**
     * A completion, as the sequencer reads it.
     *
     * @param messages where from
     * @return a sum of its fields
     */
    @Benchmark
    public long decodeCompleteTask(final Messages messages) {
        final CompleteTaskDecoder task = messages.completeDecoder;
        task.wrapAndApplyHeader(messages.complete, 0, messages.header);
        long sum = task.sender().partyId() + task.sender().seq() + task.sender().lastEvent() + task.taskId();
        sum += task.attempt() + task.reason().value() + task.executionNs() + task.transferredNs();
        sum += task.stamps().receivedNs()
                + task.stamps().startedNs()
                + task.stamps().finishedNs();
        sum += task.outputs().count();
        task.wrapInlineResult(messages.view);
        sum += messages.view.capacity();
        task.wrapErrorText(messages.view);
        return sum + messages.view.capacity();
    }

    /**
     * A result with an output and an inline part, as a client reads it.
     *
     * @param messages where from
     * @return a sum of its fields
     */
    @Benchmark
    public long decodeTaskResult(final Messages messages) {
        final TaskResultDecoder task = messages.resultDecoder;
        task.wrapAndApplyHeader(messages.result, 0, messages.header);
        long sum = task.recipient().event()
                + task.taskId()
                + task.state().value()
                + task.reason().value();
        sum += task.attempts() + task.workerId() + task.jobId() + task.step() + task.part() + task.parts();
        sum += task.stamps().capturedNs()
                + task.stamps().sequencedNs()
                + task.stamps().assignedNs();
        sum += task.workerStamps().startedNs() + task.workerStamps().finishedNs() + task.transferredNs();
        final TaskResultDecoder.OutputsDecoder outputs = task.outputs();
        while (outputs.hasNext()) {
            sum += sum(outputs.next().frame());
        }
        task.wrapInlineResult(messages.view);
        sum += messages.view.capacity();
        task.wrapErrorText(messages.view);
        return sum + messages.view.capacity();
    }

    /**
     * Nothing but the bytes.
     *
     * @param messages where from
     * @return how many
     */
    @Benchmark
    public int copy(final Messages messages) {
        messages.scratch.putBytes(0, messages.assign, 0, messages.assignLength);
        return messages.assignLength;
    }
}
