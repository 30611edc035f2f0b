package io.dragon.engine.client;

import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.StampsDecoder;
import io.dragon.codecs.control.TaskResultDecoder;
import io.dragon.codecs.control.TaskState;
import io.dragon.codecs.control.WorkerStampsDecoder;
import io.dragon.engine.cluster.Party;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.ErrorHandler;

/**
 * Makes outcomes of TaskResult events: leases the outputs before the event counts as taken, and has those of other hosts fetched first.
 * Agent thread only.
 */
final class ResultAdapter {
    /** A result's kind: that of a job's per-frame task. */
    private static final int PER_FRAME = 1;

    private final ClientState state;
    private final FrameReader reader;
    private final RemoteResults remote;
    private final ErrorHandler errorHandler;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final TaskResultDecoder result = new TaskResultDecoder();
    private final FrameRef ref = new FrameRef();
    private final RecentIds recentJobTasks = new RecentIds(16_384);

    ResultAdapter(
            final ClientState state,
            final FrameReader reader,
            final RemoteResults remote,
            final ErrorHandler errorHandler) {
        this.remote = remote;
        this.errorHandler = errorHandler;
        this.state = state;
        this.reader = reader;
    }

    void onTaskResult(final DirectBuffer buffer, final int offset, final int length, final Party party) {
        result.wrapAndApplyHeader(buffer, offset, header);
        final long taskId = result.taskId();
        final long jobId = result.jobId();
        if (remote.holdAgain(taskId, party) || !isAwaited(taskId, jobId)) {
            return;
        }
        if (hasRemoteOutputs()) {
            fetch(remote.add(buffer, offset, length, taskId, jobId, party));
        } else {
            if (jobId == 0) {
                remote.onFinished(party.lastEvent(), party, state);
            }
            deliver(taskId, jobId, outcome());
        }
    }

    /** A result whose outputs were on other hosts. */
    void onFetched(final RemoteResults.Waiting one) {
        result.wrapAndApplyHeader(one.message, 0, header);
        for (final TaskResultDecoder.OutputsDecoder output : result.outputs()) {
            FrameFeed.read(output.frame(), ref);
        }
        deliver(one.taskId, one.jobId, outcome(one.leases, one.reason, one.text).fromAnotherHost());
    }

    /** Once for each task of a job. */
    private boolean isAwaited(final long taskId, final long jobId) {
        if (jobId == 0) {
            final TaskHandle task = state.tasks.get(taskId);
            return task != null && !task.isDone();
        }
        return state.jobs.containsKey(jobId) && recentJobTasks.add(taskId);
    }

    private void deliver(final long taskId, final long jobId, final TaskOutcome outcome) {
        if (jobId == 0) {
            final TaskHandle task = state.tasks.get(taskId);
            if (task != null && !task.isDone()) {
                state.finish(task, outcome);
                return;
            }
        } else {
            final JobHandle job = state.jobs.get(jobId);
            if (job != null) {
                job.onResult(outcome);
                return;
            }
        }
        outcome.close();
    }

    private boolean hasRemoteOutputs() {
        final int limit = result.limit();
        boolean isRemote = false;
        for (final TaskResultDecoder.OutputsDecoder output : result.outputs()) {
            isRemote |= remote.isElsewhere(FrameFeed.read(output.frame(), ref));
        }
        result.limit(limit);
        return isRemote;
    }

    private void fetch(final RemoteResults.Waiting one) {
        for (final TaskResultDecoder.OutputsDecoder output : result.outputs()) {
            FrameFeed.read(output.frame(), ref);
            if (remote.isElsewhere(ref)) {
                remote.fetch(one, ref);
            } else {
                final FrameLease lease = new FrameLease();
                final int code = acquire(ref, lease);
                if (code == 0) {
                    one.leases.add(lease);
                } else {
                    one.lose(Reason.INPUT_LOST, lossWords(code));
                }
            }
        }
    }

    private TaskOutcome outcome() {
        final TaskResultDecoder.OutputsDecoder outputs = result.outputs();
        final int outputCount = outputs.count();
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
        return outcome(leases, lost == 0 ? Reason.NONE : Reason.INPUT_LOST, lost == 0 ? "" : lossWords(lost));
    }

    /** The decoder stands behind the outputs. */
    private TaskOutcome outcome(final List<FrameLease> leases, final Reason lost, final String lossText) {
        final byte[] inline = new byte[result.inlineResultLength()];
        result.getInlineResult(inline, 0, inline.length);
        TaskState ended = result.state();
        Reason reason = result.reason();
        String text = result.errorText();
        if (lost != Reason.NONE && ended == TaskState.COMPLETED) {
            leases.forEach(FrameLease::release);
            leases.clear();
            ended = TaskState.FAILED;
            reason = lost;
            text = "the task completed, but " + lossText;
        }
        return new TaskOutcome(result.taskId(), ended, reason, text, passport())
                .results(inline, leases)
                .ran(result.attempts(), (int) result.workerId())
                .inPieces(result.split())
                .ofJob(result.kind() == PER_FRAME, result.jobId(), result.step(), result.part(), result.parts(), (int)
                        result.cameraBits());
    }

    private static String lossWords(final int code) {
        return code == FrameReader.READERS_FULL
                ? "its worker's pool has no room for one more reader"
                : "the memory that held its result is gone";
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
                result.transferredNs(),
                worker.startedNs(),
                worker.finishedNs(),
                System.nanoTime());
    }
}
