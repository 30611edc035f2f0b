package io.dragon.engine.client;

import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.StampsDecoder;
import io.dragon.codecs.control.TaskResultDecoder;
import io.dragon.codecs.control.TaskState;
import io.dragon.codecs.control.WorkerStampsDecoder;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.ErrorHandler;

/** Makes outcomes of TaskResult events: leases the outputs before the event counts as taken. Agent thread only. */
final class ResultAdapter {
    /** A result's kind: that of a job's per-frame task. */
    private static final int PER_FRAME = 1;

    private final ClientState state;
    private final FrameReader reader;
    private final ErrorHandler errorHandler;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final TaskResultDecoder result = new TaskResultDecoder();
    private final FrameRef ref = new FrameRef();
    private final RecentIds recentJobTasks = new RecentIds(16_384);

    ResultAdapter(final ClientState state, final FrameReader reader, final ErrorHandler errorHandler) {
        this.errorHandler = errorHandler;
        this.state = state;
        this.reader = reader;
    }

    void onTaskResult(final DirectBuffer buffer, final int offset) {
        result.wrapAndApplyHeader(buffer, offset, header);
        final long taskId = result.taskId();
        if (result.jobId() == 0) {
            final TaskHandle task = state.tasks.get(taskId);
            if (task != null && !task.isDone()) {
                state.finish(task, outcome());
            }
        } else {
            final JobHandle job = state.jobs.get(result.jobId());
            if (job != null && recentJobTasks.add(taskId)) {
                job.onResult(outcome());
            }
        }
    }

    private TaskOutcome outcome() {
        TaskState ended = result.state();
        Reason reason = result.reason();
        final int attempts = result.attempts();
        final int workerId = (int) result.workerId();
        final int split = result.split();
        final int outputCount;
        final TaskResultDecoder.OutputsDecoder outputs = result.outputs();
        outputCount = outputs.count();
        final List<FrameLease> leases = outputCount == 0 ? List.of() : new ArrayList<>(outputCount);
        int lost = 0;
        while (outputs.hasNext()) {
            outputs.next();
            final FrameLease lease = new FrameLease();
            final int code = acquire(FrameFeed.read(outputs.frame(), ref), lease);
            if (code == 0) {
                leases.add(lease);
            } else {
                lost = code;
            }
        }
        final byte[] inline = new byte[result.inlineResultLength()];
        result.getInlineResult(inline, 0, inline.length);
        String text = result.errorText();
        if (lost != 0 && ended == TaskState.COMPLETED) {
            leases.forEach(FrameLease::release);
            leases.clear();
            ended = TaskState.FAILED;
            reason = Reason.INPUT_LOST;
            text = lost == FrameReader.READERS_FULL
                    ? "the task completed, but its worker's pool has no room for one more reader"
                    : "the task completed, but the memory that held its result is gone";
        }
        final TaskOutcome outcome = new TaskOutcome(result.taskId(), ended, reason, text, passport());
        return outcome.results(inline, leases)
                .ran(attempts, workerId)
                .inPieces(split)
                .ofJob(result.kind() == PER_FRAME, result.jobId(), result.step(), result.part(), result.parts(), (int)
                        result.cameraBits());
    }

    /** An event counts as taken whatever happens here, so its task has to end. */
    private int acquire(final FrameRef frame, final FrameLease lease) {
        try {
            return reader.acquire(frame, lease);
        } catch (final RuntimeException | Error ex) {
            errorHandler.onError(ex);
            return FrameReader.NO_SUCH_POOL;
        }
    }

    private Passport passport() {
        final StampsDecoder stamps = result.stamps();
        final WorkerStampsDecoder worker = result.workerStamps();
        return new Passport(
                stamps.capturedNs(),
                stamps.publishedNs(),
                stamps.submittedNs(),
                stamps.sequencedNs(),
                stamps.assignedNs(),
                worker.receivedNs(),
                worker.startedNs(),
                worker.finishedNs(),
                System.nanoTime());
    }
}
