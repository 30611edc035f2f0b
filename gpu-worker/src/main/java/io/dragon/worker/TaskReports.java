package io.dragon.worker;

import io.dragon.codecs.control.CompleteTaskEncoder;
import io.dragon.codecs.control.FrameRefEncoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.Reason;
import io.dragon.engine.frame.FrameRef;
import java.nio.charset.StandardCharsets;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Writes how tasks ended for the control agent to send. Compute thread only. */
final class TaskReports {
    private static final int MAX_ERROR_TEXT = 256;
    private static final byte[] NO_TEXT = {};

    private final WorkerLink link;
    private final OutputFrames outputs;
    private final MutableDirectBuffer record = new UnsafeBuffer(new byte[WorkerLink.BODY_OFFSET + 1344]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final CompleteTaskEncoder complete = new CompleteTaskEncoder();
    private long lastFinishedNs;

    TaskReports(final WorkerLink link, final OutputFrames outputs) {
        this.link = link;
        this.outputs = outputs;
    }

    /** A task that nobody wants an answer for any more. */
    void dropped(final RunningTask task) {
        write(task, 0);
        lastFinishedNs = System.nanoTime();
    }

    /** A task that ended, with what it has published. What it took counts from the end of the one before, if that was later than its start. */
    void ended(final TaskRun run, final int published) {
        final long finishedNs = System.nanoTime();
        final boolean hasWaited = lastFinishedNs != 0 && lastFinishedNs - run.startedNs > 0;
        final long fromNs = hasWaited ? lastFinishedNs : run.startedNs;
        lastFinishedNs = finishedNs;
        complete.wrapAndApplyHeader(record, WorkerLink.BODY_OFFSET, header)
                .taskId(run.task.taskId())
                .attempt(run.task.attempt())
                .reason(run.reason)
                .executionNs(run.startedNs == 0 ? 0 : finishedNs - fromNs)
                .transferredNs(run.transferredNs);
        complete.stamps().receivedNs(run.receivedNs).startedNs(run.startedNs).finishedNs(finishedNs);
        final CompleteTaskEncoder.OutputsEncoder group = complete.outputsCount(published);
        for (int i = 0; i < published; i++) {
            final FrameRef ref = outputs.ref(i);
            final FrameRefEncoder frame = group.next().frame();
            frame.poolId(ref.poolId()).sequence(ref.sequence()).slot(ref.slot()).length(ref.length());
        }
        complete.putInlineResult(run.task.inlineResult(), 0, run.reason == Reason.NONE ? run.task.inlineLength() : 0);
        final byte[] text = utf8(run.errorText);
        complete.putErrorText(text, 0, text.length);
        write(run.task, MessageHeaderEncoder.ENCODED_LENGTH + complete.encodedLength());
    }

    private void write(final RunningTask task, final int bodyLength) {
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
}
