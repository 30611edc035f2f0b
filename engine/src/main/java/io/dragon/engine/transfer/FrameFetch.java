package io.dragon.engine.transfer;

import io.dragon.codecs.control.Reason;
import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameRef;

/**
 * A frame of another host that was asked for, until {@link FrameFetcher#end}. The thread of its {@link FrameFetcher} only; it is used
 * again for another frame afterwards.
 */
public final class FrameFetch {
    final FrameRef here = new FrameRef();
    private final FrameRef wanted = new FrameRef();
    FrameLease lease;
    long correlationId;
    long begunNs;
    long deadlineNs;
    long askedNs;
    boolean isAsked;
    boolean isInUse;
    private FetchOutcome outcome;
    private String text;
    private long elapsedNs;

    FrameFetch() {}

    void begin(final FrameRef frame, final FrameLease into, final long nowNs, final long timeoutNs) {
        wanted.set(frame);
        lease = into;
        begunNs = nowNs;
        deadlineNs = nowNs + timeoutNs;
        isAsked = false;
        isInUse = true;
        outcome = null;
        text = "";
        elapsedNs = 0;
    }

    void finish(final FetchOutcome how, final String words, final long nowNs) {
        outcome = how;
        text = words;
        elapsedNs = nowNs - begunNs;
    }

    /**
     * Whether it is known what came of it.
     *
     * @return false while the frame is on its way.
     */
    public boolean isDone() {
        return outcome != null;
    }

    /**
     * Whether the frame is here, and leased.
     *
     * @return false while it is on its way, and when it does not come.
     */
    public boolean isHere() {
        return outcome == FetchOutcome.HERE;
    }

    /**
     * What came of it.
     *
     * @return null while the frame is on its way.
     */
    public FetchOutcome outcome() {
        return outcome;
    }

    /**
     * Why a task without this frame fails.
     *
     * @return {@link Reason#NONE} when the frame is here or on its way.
     */
    public Reason reason() {
        if (outcome == null) {
            return Reason.NONE;
        }
        return switch (outcome) {
            case HERE -> Reason.NONE;
            case CORRUPT -> Reason.INPUT_CORRUPT;
            case UNREACHABLE, NO_ROOM -> Reason.INPUT_UNREACHABLE;
            case GONE, ENDED, NULL_VAL -> Reason.INPUT_LOST;
        };
    }

    /**
     * Why it did not come, in words.
     *
     * @return empty when it did.
     */
    public String text() {
        return text;
    }

    /**
     * The frame as it was asked for, in the pool of its own host.
     *
     * @return valid until the fetch is ended.
     */
    public FrameRef wanted() {
        return wanted;
    }

    /**
     * Time from asking to the end.
     *
     * @return nanoseconds; 0 while it is on its way.
     */
    public long elapsedNs() {
        return elapsedNs;
    }

    @Override
    public String toString() {
        return "FrameFetch{" + wanted + ", " + (outcome == null ? "on its way" : outcome + " " + text) + '}';
    }
}
