package io.dragon.worker;

import io.dragon.codecs.control.CompleteTaskEncoder;
import io.dragon.codecs.control.FrameRefEncoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.Reason;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;
import io.dragon.worker.device.Device;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.CloseHelper;
import org.agrona.ErrorHandler;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;

/** The duty cycle that runs handlers: one assignment at a time, from leasing its inputs to reporting how it ended. */
final class ComputeAgent implements Agent, MessageHandler {
    private static final int MAX_ERROR_TEXT = 256;
    private static final byte[] NO_TEXT = {};

    private final String workerName;
    private final DragonDirectory directory;
    private final Device device;
    private final List<TaskHandler> handlers;
    private final WorkerLink link;
    private final ErrorHandler errorHandler;
    private final FrameReader reader;
    private final OutputFrames outputs;
    private final RunningTask task;
    private final List<TaskHandler> opened = new ArrayList<>();
    private final MutableDirectBuffer record = new UnsafeBuffer(new byte[WorkerLink.BODY_OFFSET + 1344]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final CompleteTaskEncoder complete = new CompleteTaskEncoder();
    private Reason reason;
    private String errorText;

    ComputeAgent(
            final WorkerNode.Context ctx,
            final List<TaskHandler> handlers,
            final Device device,
            final WorkerLink link) {
        this.workerName = ctx.name();
        this.directory = ctx.directory();
        this.device = device;
        this.handlers = handlers;
        this.link = link;
        this.errorHandler = ctx.errorHandler();
        this.reader = new FrameReader(directory, workerName);
        this.outputs = new OutputFrames(ctx, link);
        this.task = new RunningTask(link, reader, outputs, device);
    }

    @Override
    public void onStart() {
        final HandlerContext context = new WorkerHandlerContext(workerName, device, directory);
        try {
            for (final TaskHandler handler : handlers) {
                handler.open(context);
                opened.add(handler);
            }
            link.started = true;
        } catch (final Throwable ex) {
            // launch tells the caller; an agent that throws here would only end
            link.startFailure = ex;
        }
    }

    @Override
    public int doWork() {
        final int present = link.incarnation;
        if (present != 0) {
            outputs.retire(present);
        }
        final int work = link.assignments.read(this, 1);
        if (work == 0) {
            reader.sweepIdlePools();
        }
        return work;
    }

    @Override
    public void onMessage(final int type, final MutableDirectBuffer buffer, final int index, final int length) {
        final long receivedNs = buffer.getLong(index + WorkerLink.FIRST_OFFSET);
        final int incarnation = buffer.getInt(index + WorkerLink.INCARNATION_OFFSET);
        final int remote = buffer.getInt(index + WorkerLink.SECOND_OFFSET);
        task.wrap(
                buffer,
                index + WorkerLink.BODY_OFFSET,
                incarnation,
                remote == 0 ? null : link.remoteLeases[remote - 1]);
        if (task.isRevoked()) {
            report(0);
            return;
        }
        link.computingTaskId = task.taskId();
        long startedNs = 0;
        int published = 0;
        boolean isInterrupted = false;
        reason = Reason.NONE;
        errorText = "";
        try {
            task.acquire();
            startedNs = System.nanoTime();
            final TaskHandler handler = link.handlers.get(task.typeId());
            if (handler == null) {
                throw new TaskFailedException(
                        Reason.UNKNOWN_TASK_TYPE,
                        "worker '" + workerName + "' has no handler for type " + task.typeId());
            }
            handler.execute(task);
            if (!task.holdsInputs()) {
                throw new TaskFailedException(
                        Reason.INPUT_LOST, "an input was taken away while the task ran: its worker counted as dead");
            }
            published = outputs.publish();
        } catch (final Throwable ex) {
            isInterrupted = ex instanceof InterruptedException;
            failed(ex);
        }
        // An interrupt that a handler left behind would end this thread, and with it a worker that goes on saying that
        // it lives.
        isInterrupted |= Thread.interrupted();
        if (reason != Reason.NONE) {
            outputs.abort();
        }
        task.release();
        // What was interrupted because the worker leaves has not failed: it goes elsewhere, and this does not count as
        // an attempt.
        final boolean isCutShort = reason != Reason.NONE && isInterrupted && link.closing;
        if (isCutShort || task.isRevoked()) {
            outputs.release(published);
            report(0);
        } else {
            if (reason != Reason.NONE) {
                link.errors++;
            }
            report(encode(receivedNs, startedNs, System.nanoTime(), published));
        }
        link.computingTaskId = 0;
        link.progress++;
    }

    @Override
    public String roleName() {
        return "dragon-compute-" + workerName;
    }

    @Override
    public void onClose() {
        CloseHelper.closeAll(errorHandler, opened);
        CloseHelper.closeAll(errorHandler, reader);
    }

    /** After both agents have ended. */
    void closeOutputs() {
        outputs.close();
    }

    private void failed(final Throwable ex) {
        if (ex instanceof TaskFailedException failure) {
            reason = failure.reason();
        } else {
            reason = ex instanceof OutOfMemoryError ? Reason.OUT_OF_MEMORY : Reason.HANDLER_FAILED;
            if (!link.closing) {
                errorHandler.onError(ex);
            }
        }
        errorText = words(ex);
    }

    private static String words(final Throwable ex) {
        try {
            final String message = ex.getMessage();
            return message == null || message.isBlank() ? ex.getClass().getSimpleName() : message;
        } catch (final Throwable another) {
            return ex.getClass().getSimpleName();
        }
    }

    /** Length of the message, encoded behind the head of the record. */
    private int encode(final long receivedNs, final long startedNs, final long finishedNs, final int published) {
        complete.wrapAndApplyHeader(record, WorkerLink.BODY_OFFSET, header)
                .taskId(task.taskId())
                .attempt(task.attempt())
                .reason(reason)
                .executionNs(startedNs == 0 ? 0 : finishedNs - startedNs);
        complete.stamps().receivedNs(receivedNs).startedNs(startedNs).finishedNs(finishedNs);
        final CompleteTaskEncoder.OutputsEncoder group = complete.outputsCount(published);
        for (int i = 0; i < published; i++) {
            final FrameRef ref = outputs.ref(i);
            final FrameRefEncoder frame = group.next().frame();
            frame.poolId(ref.poolId()).sequence(ref.sequence()).slot(ref.slot()).length(ref.length());
        }
        complete.putInlineResult(task.inlineResult(), 0, reason == Reason.NONE ? task.inlineLength() : 0);
        final byte[] text = utf8(errorText);
        complete.putErrorText(text, 0, text.length);
        return MessageHeaderEncoder.ENCODED_LENGTH + complete.encodedLength();
    }

    private void report(final int bodyLength) {
        record.putLong(WorkerLink.FIRST_OFFSET, task.taskId());
        record.putInt(WorkerLink.INCARNATION_OFFSET, task.incarnation());
        record.putInt(WorkerLink.SECOND_OFFSET, task.attempt());
        link.write(WorkerLink.COMPLETION, record, WorkerLink.BODY_OFFSET + bodyLength);
    }

    /** At most 256 bytes, cut between characters. */
    static byte[] utf8(final String text) {
        if (text.isEmpty()) {
            return NO_TEXT;
        }
        int end = Math.min(text.length(), MAX_ERROR_TEXT);
        byte[] bytes = text.substring(0, end).getBytes(StandardCharsets.UTF_8);
        while (bytes.length > MAX_ERROR_TEXT) {
            end--;
            bytes = text.substring(0, end).getBytes(StandardCharsets.UTF_8);
        }
        return bytes;
    }

    private record WorkerHandlerContext(String workerName, Device device, DragonDirectory directory)
            implements HandlerContext {}
}
