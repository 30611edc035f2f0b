package io.dragon.engine.transfer;

import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameRef;

/** What a program of this host asked for; answered, it keeps the frame until the program has its own lease. One thread. */
final class LocalRequest implements FetchWaiter {
    /** By what it is known. */
    record Id(long clientId, long correlationId) {}

    final LocalDesk desk;
    final Id id;
    final int replyStreamId;
    final long beganNs;
    final FrameRef frame = new FrameRef();
    final FrameLease lease = new FrameLease();
    Fetch fetch;
    /** Of a request for a mirror; null otherwise. */
    Mirror mirror;

    FetchOutcome outcome;
    String text = "";
    long askedNs;
    long answeredNs;

    LocalRequest(final LocalDesk desk, final Id id, final int replyStreamId, final long nowNs) {
        this.desk = desk;
        this.id = id;
        this.replyStreamId = replyStreamId;
        beganNs = nowNs;
        askedNs = nowNs;
    }

    boolean isAnswered() {
        return outcome != null;
    }

    @Override
    public void onFetched(final FrameRef local) {
        desk.onFetched(this, local);
    }

    @Override
    public void onFailed(final FetchOutcome why, final String words) {
        desk.onFailed(this, why, words);
    }
}
