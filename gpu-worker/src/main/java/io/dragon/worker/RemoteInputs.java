package io.dragon.worker;

import io.dragon.codecs.control.AssignTaskDecoder;
import io.dragon.codecs.control.CompleteTaskEncoder;
import io.dragon.codecs.control.FrameRefDecoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.Reason;
import io.dragon.engine.cluster.Party;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.transfer.FrameFetch;
import io.dragon.engine.transfer.FrameFetcher;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Assignments whose inputs lie on other hosts. Their frames are fetched as soon as an assignment is here, while the compute agent works
 * on another; with the last of them the assignment goes to it, together with the leases. Others pass it meanwhile. Whoever has the session's turn.
 *
 * <pre>
 *   take -&gt; FETCHING --- all here ---&gt; READY --- ring ---&gt; HANDED OVER --- compute has reported ---&gt; free
 *              |  \                                                                          ^
 *              |   '-- an input does not come ---&gt; FAILED --- CompleteTask sent -------------|
 *              '-- revoked, fenced ----------------------------------------------------------'
 * </pre>
 */
final class RemoteInputs implements AutoCloseable {
    private enum Stage {
        FREE,
        FETCHING,
        READY,
        HANDED_OVER,
        FAILED
    }

    private final WorkerLink link;
    private final FrameFetcher fetcher;
    private final long timeoutNs;
    private final Entry[] entries;
    private final FrameRef ref = new FrameRef();
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final CompleteTaskEncoder complete = new CompleteTaskEncoder();
    private int used;
    private int unfinished;
    private long finishedCount;
    private long failedCount;

    RemoteInputs(final WorkerLink link, final FrameFetcher fetcher, final Timeouts timeouts) {
        this.link = link;
        this.fetcher = fetcher;
        this.timeoutNs = timeouts.ns(Timeouts.Key.FETCH);
        this.entries = new Entry[link.remoteLeases.length];
    }

    /** Tasks that failed because an input did not come. */
    long failedCount() {
        return failedCount;
    }

    /** Whether any input has to be fetched; leaves the decoder where it may read the inputs again. */
    boolean isNeeded(final AssignTaskDecoder assign) {
        final int limit = assign.limit();
        boolean isNeeded = false;
        final AssignTaskDecoder.InputsDecoder inputs = assign.inputs();
        final int count = Math.min(inputs.count(), RunningTask.MAX_INPUTS);
        for (int i = 0; i < count; i++) {
            inputs.next();
            isNeeded |= isRemote(inputs);
        }
        assign.limit(limit);
        return isNeeded;
    }

    /** Takes an assignment that needs it, as a record for the compute agent; false when there are too many. */
    boolean take(final AssignTaskDecoder assign, final DirectBuffer record, final int length) {
        final int index = freeIndex();
        if (index < 0) {
            return false;
        }
        if (entries[index] == null) {
            entries[index] = new Entry();
            link.remoteLeases[index] = entries[index].leases;
        }
        final Entry entry = entries[index];
        entry.taskId = assign.taskId();
        entry.attempt = assign.attempt();
        entry.incarnation = record.getInt(WorkerLink.INCARNATION_OFFSET);
        entry.length = length;
        entry.record.putBytes(0, record, 0, length);
        entry.record.putInt(WorkerLink.SECOND_OFFSET, index + 1);
        entry.stage = Stage.FETCHING;
        used++;
        unfinished++;
        final AssignTaskDecoder.InputsDecoder inputs = assign.inputs();
        entry.inputs = Math.min(inputs.count(), RunningTask.MAX_INPUTS);
        for (int i = 0; i < entry.inputs; i++) {
            inputs.next();
            entry.leases[i] = null;
            if (isRemote(inputs)) {
                final FrameRefDecoder frame = inputs.frame();
                ref.set(frame.poolId(), frame.sequence(), (int) frame.slot(), (int) frame.length());
                entry.leases[i] = entry.lease(i);
                entry.fetches[i] = fetcher.fetch(ref, entry.leases[i], timeoutNs);
            }
        }
        return true;
    }

    /** After the fetcher has worked. */
    int poll(final Party party) {
        if (unfinished == 0) {
            return 0;
        }
        int work = 0;
        final boolean isNews = finishedCount != fetcher.finishedCount();
        finishedCount = fetcher.finishedCount();
        for (final Entry entry : entries) {
            if (entry != null) {
                if (isNews && entry.stage == Stage.FETCHING) {
                    settle(entry);
                }
                work += advance(entry, party);
            }
        }
        return work;
    }

    /** The task is out of the compute agent's hands. */
    void onLeft(final long taskId, final int attempt, final int incarnation) {
        if (used == 0) {
            return;
        }
        for (final Entry entry : entries) {
            if (entry != null
                    && entry.stage == Stage.HANDED_OVER
                    && entry.taskId == taskId
                    && entry.attempt == attempt
                    && entry.incarnation == incarnation) {
                free(entry);
                return;
            }
        }
    }

    void revoke(final long taskId, final int upToAttempt) {
        for (int i = 0; used > 0 && i < entries.length; i++) {
            final Entry entry = entries[i];
            if (entry != null && entry.isWaiting() && entry.taskId == taskId && entry.attempt <= upToAttempt) {
                drop(entry);
            }
        }
    }

    /** The incarnation is over: what was not handed over is dropped. */
    void clear() {
        for (final Entry entry : entries) {
            if (entry != null && entry.isWaiting()) {
                drop(entry);
            }
        }
    }

    /** What the compute agent has got keeps its frames: a device may read them still. */
    @Override
    public void close() {
        clear();
        fetcher.close();
    }

    /**
     * After {@link #close}, once no device reads them any more: gives back the frames of what the compute agent has got. One that was left behind
     * keeps those of the task that it computes.
     */
    void giveBack() {
        for (final Entry entry : entries) {
            if (entry != null && entry.stage == Stage.HANDED_OVER && entry.taskId != link.computingTaskId) {
                free(entry);
            }
        }
    }

    private boolean isRemote(final AssignTaskDecoder.InputsDecoder inputs) {
        return !inputs.flags().absent() && fetcher.isElsewhere(inputs.frame().poolId());
    }

    private int freeIndex() {
        for (int i = 0; i < entries.length; i++) {
            if (entries[i] == null || entries[i].stage == Stage.FREE) {
                return i;
            }
        }
        return -1;
    }

    private void settle(final Entry entry) {
        boolean isComplete = true;
        for (int i = 0; i < entry.inputs; i++) {
            final FrameFetch fetch = entry.fetches[i];
            if (fetch == null) {
                continue;
            }
            if (!fetch.isDone()) {
                isComplete = false;
            } else {
                if (!fetch.isHere() && entry.reason == Reason.NONE) {
                    entry.reason = fetch.reason();
                    entry.text = "input " + i + " did not come from its host: " + fetch.text();
                }
                fetcher.end(fetch);
                entry.fetches[i] = null;
            }
        }
        if (entry.reason != Reason.NONE) {
            entry.stage = Stage.FAILED;
            entry.giveBack(fetcher);
        } else if (isComplete) {
            entry.record.putLong(WorkerLink.TRANSFERRED_OFFSET, System.nanoTime());
            entry.stage = Stage.READY;
        }
    }

    private int advance(final Entry entry, final Party party) {
        if (entry.stage == Stage.READY) {
            if (link.assign(entry.record, entry.length)) {
                entry.stage = Stage.HANDED_OVER;
                unfinished--;
                return 1;
            }
        } else if (entry.stage == Stage.FAILED
                && party.isActive()
                && party.offer(encode(entry, party.scratch())) >= 0) {
            failedCount++;
            drop(entry);
            return 1;
        }
        return 0;
    }

    private int encode(final Entry entry, final MutableDirectBuffer scratch) {
        complete.wrapAndApplyHeader(scratch, 0, header)
                .taskId(entry.taskId)
                .attempt(entry.attempt)
                .reason(entry.reason)
                .executionNs(0)
                .transferredNs(0);
        complete.stamps()
                .receivedNs(entry.record.getLong(WorkerLink.FIRST_OFFSET))
                .startedNs(0)
                .finishedNs(System.nanoTime());
        complete.outputsCount(0);
        complete.putInlineResult(entry.record, 0, 0);
        final byte[] text = TaskReports.utf8(entry.text);
        complete.putErrorText(text, 0, text.length);
        return MessageHeaderEncoder.ENCODED_LENGTH + complete.encodedLength();
    }

    private void drop(final Entry entry) {
        unfinished--;
        free(entry);
    }

    private void free(final Entry entry) {
        entry.giveBack(fetcher);
        entry.reason = Reason.NONE;
        entry.text = "";
        entry.stage = Stage.FREE;
        used--;
    }

    /** One assignment. */
    private static final class Entry {
        final MutableDirectBuffer record = new UnsafeBuffer(new byte[WorkerLink.BODY_OFFSET + Party.MAX_LENGTH]);
        final FrameFetch[] fetches = new FrameFetch[RunningTask.MAX_INPUTS];

        /** By input, null for one of this host; the compute agent reads it while the task is in its hands. */
        final FrameLease[] leases = new FrameLease[RunningTask.MAX_INPUTS];

        private final FrameLease[] own = new FrameLease[RunningTask.MAX_INPUTS];
        Stage stage = Stage.FREE;
        Reason reason = Reason.NONE;
        String text = "";
        long taskId;
        int attempt;
        int incarnation;
        int length;
        int inputs;

        FrameLease lease(final int index) {
            if (own[index] == null) {
                own[index] = new FrameLease();
            }
            return own[index];
        }

        boolean isWaiting() {
            return stage != Stage.FREE && stage != Stage.HANDED_OVER;
        }

        void giveBack(final FrameFetcher fetcher) {
            for (int i = 0; i < inputs; i++) {
                if (fetches[i] != null) {
                    fetcher.end(fetches[i]);
                    fetches[i] = null;
                }
                if (leases[i] != null) {
                    leases[i].release();
                    leases[i] = null;
                }
            }
        }
    }
}
