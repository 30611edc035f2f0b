package io.dragon.engine.client;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.cluster.Party;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.transfer.FrameFetch;
import io.dragon.engine.transfer.FrameFetcher;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Results whose outputs lie on other hosts, while these are fetched. Their events are held back from being acknowledged, since with the
 * acknowledgement the host that has the outputs may give them up; other results pass them. The end of a job waits for the results of
 * that job. Agent thread only.
 */
final class RemoteResults implements AutoCloseable {
    private final FrameFetcher fetcher;
    private final long timeoutNs;
    private final List<Waiting> waiting = new ArrayList<>();
    private final List<JobEnd> jobEnds = new ArrayList<>();

    /** Delivered, and acknowledged when the commands that were on their way then are encoded: they may depend on them. */
    private final List<Waiting> remembered = new ArrayList<>();

    private final HeldBack heldBack = new HeldBack();
    private long finishedCount;

    RemoteResults(final FrameFetcher fetcher, final Timeouts timeouts) {
        this.fetcher = fetcher;
        timeoutNs = timeouts.ns(Timeouts.Key.FETCH);
    }

    boolean isElsewhere(final FrameRef frame) {
        return fetcher.isElsewhere(frame.poolId());
    }

    /** True for a result that is waited for already: it was emitted again, and its new event is the one to be held. */
    boolean holdAgain(final long taskId, final Party party) {
        return holdAgain(waiting, taskId, party) || holdAgain(remembered, taskId, party);
    }

    private static boolean holdAgain(final List<Waiting> among, final long taskId, final Party party) {
        for (final Waiting one : among) {
            if (one.taskId == taskId) {
                one.event = party.holdEvent();
                return true;
            }
        }
        return false;
    }

    /** Whether a task that is done was not acknowledged yet, so that the sequencer knows its outputs where they were made. */
    boolean isRemembered(final long taskId) {
        for (final Waiting one : remembered) {
            if (one.taskId == taskId) {
                return true;
            }
        }
        return false;
    }

    /** As {@link #holdAgain(long, Party)}, for the end of a job. */
    boolean holdAgain(final JobHandle job, final Party party) {
        for (final JobEnd end : jobEnds) {
            if (end.job == job) {
                end.event = party.holdEvent();
                return true;
            }
        }
        return false;
    }

    /** Whether results of a job are still on their way. */
    boolean hasAny(final long jobId) {
        for (final Waiting one : waiting) {
            if (one.jobId == jobId) {
                return true;
            }
        }
        return false;
    }

    /** A result; its outputs are added to it, in their order. */
    Waiting add(
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final long taskId,
            final long jobId,
            final Party party) {
        final Waiting one = new Waiting(taskId, jobId, new byte[length]);
        buffer.getBytes(offset, one.message.byteArray(), 0, length);
        one.event = party.holdEvent();
        waiting.add(one);
        return one;
    }

    /** One more of its outputs. */
    void fetch(final Waiting one, final FrameRef frame) {
        final FrameLease lease = new FrameLease();
        one.leases.add(lease);
        one.fetches.add(fetcher.fetch(frame, lease, timeoutNs));
    }

    void onJobEnd(final JobHandle job, final JobHandle.Report report, final Party party) {
        final JobEnd end = new JobEnd(job, report);
        end.event = party.holdEvent();
        jobEnds.add(end);
    }

    /** A task that is not of a job is done; before its submitter learns of it. */
    void onFinished(final long event, final Party party, final ClientState state) {
        state.heldBack = heldBack.onFinished(event, party.takenEvent());
    }

    /** Tasks that are done and not acknowledged, because another result is waited for. */
    int heldBack(final Party party) {
        return heldBack.count(party.takenEvent());
    }

    /** After the fetcher has worked: hands on what is complete. */
    int poll(final Party party, final ResultAdapter results, final ClientState state) {
        int work = remembered.isEmpty() ? 0 : forget(party, state);
        if (finishedCount == fetcher.finishedCount() || waiting.isEmpty()) {
            return work;
        }
        finishedCount = fetcher.finishedCount();
        for (int i = 0; i < waiting.size(); i++) {
            final Waiting one = waiting.get(i);
            if (one.isComplete()) {
                waiting.remove(i--);
                one.endFetches(fetcher);
                if (one.jobId == 0) {
                    onFinished(one.event, party, state);
                }
                results.onFetched(one);
                synchronized (state.lock) {
                    one.commandsBefore = state.ring.producerPosition();
                }
                remembered.add(one);
                work++;
            }
        }
        for (final Iterator<JobEnd> ends = jobEnds.iterator(); ends.hasNext(); ) {
            final JobEnd end = ends.next();
            if (!hasAny(end.job.jobId())) {
                ends.remove();
                party.takeEvent(end.event);
                end.job.onClosed(end.report);
                state.ended(end.job);
                work++;
            }
        }
        return work;
    }

    private int forget(final Party party, final ClientState state) {
        int work = 0;
        for (int i = 0; i < remembered.size(); i++) {
            if (state.ring.consumerPosition() >= remembered.get(i).commandsBefore) {
                party.takeEvent(remembered.remove(i--).event);
                work++;
            }
        }
        return work;
    }

    /** What was waited for is of no use any more: the client counts as gone, or closes. */
    void clear() {
        for (final Waiting one : waiting) {
            one.endFetches(fetcher);
            one.leases.forEach(FrameLease::release);
        }
        waiting.clear();
        remembered.clear();
        jobEnds.clear();
    }

    @Override
    public void close() {
        clear();
        fetcher.close();
    }

    private static final class JobEnd {
        final JobHandle job;
        final JobHandle.Report report;
        long event;

        JobEnd(final JobHandle job, final JobHandle.Report report) {
            this.job = job;
            this.report = report;
        }
    }

    /** One result. */
    static final class Waiting {
        final long taskId;
        final long jobId;
        final UnsafeBuffer message;

        /** Of its outputs, in their order. */
        final List<FrameLease> leases = new ArrayList<>(1);

        /** Why it cannot be had whole. */
        Reason reason = Reason.NONE;

        String text = "";
        private final List<FrameFetch> fetches = new ArrayList<>(1);
        private long event;
        private long commandsBefore;

        Waiting(final long taskId, final long jobId, final byte[] message) {
            this.taskId = taskId;
            this.jobId = jobId;
            this.message = new UnsafeBuffer(message);
        }

        void lose(final Reason why, final String words) {
            if (reason == Reason.NONE) {
                reason = why;
                text = words;
            }
        }

        private boolean isComplete() {
            boolean isComplete = true;
            for (final FrameFetch fetch : fetches) {
                isComplete &= fetch.isDone();
            }
            return isComplete;
        }

        private void endFetches(final FrameFetcher fetcher) {
            for (final FrameFetch fetch : fetches) {
                if (fetch.isDone() && !fetch.isHere()) {
                    lose(fetch.reason(), "its result did not come from its host: " + fetch.text());
                }
                fetcher.end(fetch);
            }
            fetches.clear();
        }
    }
}
