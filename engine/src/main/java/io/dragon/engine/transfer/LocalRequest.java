package io.dragon.engine.transfer;

import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameRef;

/**
 * What a program of this host asked for; answered, it keeps the frame until the program has its own lease. One thread; used again for other
 * requests.
 */
final class LocalRequest implements FetchWaiter {
    /** By what it is known. */
    static final class Id {
        private long clientId;
        private long correlationId;

        Id set(final long client, final long correlation) {
            clientId = client;
            correlationId = correlation;
            return this;
        }

        long clientId() {
            return clientId;
        }

        long correlationId() {
            return correlationId;
        }

        @Override
        public boolean equals(final Object other) {
            return other instanceof Id id && clientId == id.clientId && correlationId == id.correlationId;
        }

        @Override
        public int hashCode() {
            return 31 * Long.hashCode(clientId) + Long.hashCode(correlationId);
        }
    }

    final LocalDesk desk;
    final Id id = new Id();
    final FrameRef frame = new FrameRef();
    final FrameLease lease = new FrameLease();
    int replyStreamId;
    long beganNs;
    Fetch fetch;
    /** Of a request for a mirror; null otherwise. */
    Mirror mirror;

    FetchOutcome outcome;
    String text;
    long askedNs;
    long answeredNs;

    LocalRequest(final LocalDesk desk) {
        this.desk = desk;
    }

    LocalRequest begin(final Id wanted, final int streamId, final long nowNs) {
        id.set(wanted.clientId, wanted.correlationId);
        replyStreamId = streamId;
        beganNs = nowNs;
        askedNs = nowNs;
        answeredNs = 0;
        fetch = null;
        mirror = null;
        outcome = null;
        text = "";
        return this;
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
