package io.dragon.engine.transfer;

import io.dragon.codecs.frame.BeginDecoder;
import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.transfer.TransferCounters.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayList;

/**
 * A frame of another host on its way here: once, however many wait for it. Drives itself: it knows what is missing, and asks for it.
 *
 * <pre>
 *   ROOM ----------&gt; PLACE -----------&gt; WAY -------------&gt; ASKED -----------&gt; COMING -----------&gt; ENDED
 *    a slot is       which node has     a next hop is      Begin is           chunks are
 *    waited for      its pool?          waited for         waited for         waited for
 *                                        ^                  |                  |
 *                                        '---- stalled, lane lost, way changed, damaged
 * </pre>
 */
final class Fetch {
    static final int ROOM = 1;
    static final int PLACE = 2;
    static final int WAY = 3;
    static final int ASKED = 4;
    static final int COMING = 5;
    static final int ENDED = 6;

    static final int MOST_HOPS = 4;

    private static final int CHUNK_TRIES = 3;
    private static final int FRAME_TRIES = 2;
    private static final int LENGTH_TRIES = 3;
    private static final int MOST_SINGLE = 16;

    /** Times the timeout of whoever cannot be reached: for a node that brings frame after frame first, and for one that has failed before. */
    private static final int MOST_PATIENCE = 16;

    private static final int LESS_PATIENCE = 4;

    /** Times the timeout of what stalls, for what comes behind others over a link of which the rate is not known. */
    private static final int MOST_BEHIND = 3;

    private static final long ASK_AGAIN_NS = 100_000_000;

    final FrameRef ref = new FrameRef();
    final ChunkTable chunks = new ChunkTable();
    final FrameClaim claim = new FrameClaim();
    final int[] via = new int[MOST_HOPS];
    final ArrayList<FetchWaiter> waiters = new ArrayList<>();
    private final TransferCore core;
    private final FrameDigest digest = new FrameDigest();
    int state = ENDED;
    int originId;
    int hops;
    int hop;
    long requestId;
    Inlet inlet;
    ByteBuffer bytes;
    /** Where its frame goes when not into the receive pools. */
    FetchTarget target;

    private boolean isBegun;
    private int frameTries;
    private int lengthTries;
    private boolean isEndKnown;
    private long endLow;
    private long endHigh;
    private long beganNs;
    private long turnNs;
    private long signNs;
    private long progressNs;
    private long askAgainNs;
    private String trouble;

    Fetch(final TransferCore core) {
        this.core = core;
    }

    void begin(final FrameRef wanted, final int origin, final FetchTarget into, final long nowNs) {
        ref.set(wanted);
        originId = origin;
        target = into;
        hops = MOST_HOPS;
        via[0] = 0;
        via[1] = 0;
        via[2] = 0;
        via[3] = 0;
        hop = 0;
        requestId = 0;
        inlet = null;
        isBegun = false;
        frameTries = 0;
        lengthTries = 0;
        isEndKnown = false;
        beganNs = nowNs;
        turnNs = nowNs;
        progressNs = nowNs;
        signNs = nowNs;
        askAgainNs = nowNs;
        trouble = null;
        state = ROOM;
        chunks.reset(core.fetches.chunkLength(), wanted.length(), 0);
    }

    /** The node that has the frame, as far as that is known by now. */
    int origin() {
        if (originId == RouteView.UNKNOWN) {
            originId = core.routes.nodeOf(ref.poolId());
        }
        return originId;
    }

    /** The wait for its turn counts as nothing. */
    void onTurn(final long nowNs) {
        turnNs = nowNs;
        progressNs = nowNs;
        signNs = nowNs;
        askAgainNs = nowNs;
    }

    int doWork(final long nowNs) {
        return switch (state) {
            case ROOM -> findRoom(nowNs);
            case PLACE -> findPlace(nowNs);
            case WAY -> findWay(nowNs);
            case ASKED, COMING -> watch(nowNs);
            default -> 0;
        };
    }

    private int findRoom(final long nowNs) {
        final int length = chunks.grid().length();
        final int result = target.claim(claim, ref, length, chunks.grid().metadataLength(), nowNs);
        if (result >= 0) {
            bytes = claim.byteBuffer();
            state = PLACE;
            return 1 + findPlace(nowNs);
        }
        if (result == FetchTarget.SOON || result == FetchTarget.LATER && core.servings.isRelaying()) {
            // What is on its way to here, or through here, makes room.
            progressNs = nowNs;
        } else if (result == FetchTarget.NEVER || nowNs - progressNs >= core.ctx.roomTimeoutNs()) {
            fail(FetchOutcome.NO_ROOM, target.refusal(length));
        }
        return 0;
    }

    private int findPlace(final long nowNs) {
        if (origin() == RouteView.NOWHERE) {
            fail(FetchOutcome.GONE, "No host has the pool of frame " + ref + ".");
        } else if (originId == core.nodeId() && originId != 0) {
            fail(FetchOutcome.GONE, "Frame " + ref + " was of this host, and is not there any more.");
        } else if (originId == RouteView.UNKNOWN || core.nodeId() == 0) {
            if (nowNs - progressNs >= core.ctx.unreachableTimeoutNs()) {
                fail(FetchOutcome.UNREACHABLE, "Nobody said which host has frame " + ref + ".");
            }
        } else {
            state = WAY;
            return 1 + findWay(nowNs);
        }
        return 0;
    }

    private int findWay(final long nowNs) {
        if (core.routes.isDead(originId)) {
            fail(
                    FetchOutcome.UNREACHABLE,
                    "Node " + core.routes.name(originId) + ", which has frame " + ref + ", is dead.");
            return 1;
        }
        if (nowNs - progressNs >= core.ctx.unreachableTimeoutNs()) {
            fail(FetchOutcome.UNREACHABLE, unreachable());
            return 1;
        }
        if (nowNs - askAgainNs < 0) {
            return 0;
        }
        hop = core.routes.nextHop(originId);
        if (hop == 0 || core.routes.address(hop) == null) {
            askAgainNs = nowNs + ASK_AGAIN_NS;
            return 0;
        }
        core.fetches.giveNewId(this);
        final int length = core.wording.ask(
                this, core.agentId, core.nodeId(), core.ctx.integrity(), core.ctx.compression() != Compression.OFF);
        core.peer(hop).ask(core.wording.buffer(), length);
        signNs = nowNs;
        state = ASKED;
        return 1;
    }

    private String unreachable() {
        return trouble != null
                ? trouble
                : "No way to node " + core.routes.name(originId) + ", which has frame " + ref + ", for "
                        + core.ctx.unreachableTimeoutNs() / 1_000_000 + " ms.";
    }

    private int watch(final long nowNs) {
        final boolean isDead = core.routes.isDead(originId);
        final Peer from = core.knownPeer(hop);
        final boolean sends = !isDead && from != null && nowNs - from.heardNs < core.ctx.stallTimeoutNs();
        if (sends) { // also while it comes: behind others it may wait for longer than one who cannot be reached is
            // waited for
            noteWork(nowNs);
        }
        if (isDead
                || nowNs - signNs >= core.ctx.stallTimeoutNs() + (sends ? mostBehindNs(from) : 0)
                || nowNs - progressNs >= core.ctx.unreachableTimeoutNs()) {
            askAnew(nowNs, 0);
            return 1;
        }
        return 0;
    }

    /**
     * A word of this frame, too, comes behind all that its node had sent before: twice what a lane may hold, at the rate at which it comes,
     * which on a slow link is more than the time after which something counts as stalled. Asked for again it would come behind still more.
     */
    private long mostBehindNs(final Peer from) {
        final long mostNs = MOST_BEHIND * core.ctx.stallTimeoutNs();
        final long rate = from.received.bytesPerSecond();
        return rate == 0 ? mostNs : (long) Math.min(mostNs, 2e9 * core.ctx.window() / rate);
    }

    /** Whoever is asked works on it: that is as good as bytes, but not for ever, should nodes wait for each other. Programs mostly give up before. */
    private void noteWork(final long nowNs) {
        final int patience = trouble == null ? MOST_PATIENCE : LESS_PATIENCE;
        if (nowNs - turnNs < patience * core.ctx.unreachableTimeoutNs()) {
            progressNs = nowNs;
        }
    }

    /** The routes changed. */
    void onRoutes(final long nowNs) {
        if (state == ASKED || state == COMING) {
            final int now = core.routes.nextHop(originId);
            if (now != hop && now != 0) {
                askAnew(nowNs, 0);
            }
        } else if (state == WAY) {
            askAgainNs = nowNs;
        }
    }

    /** Asks for what is missing, whoever is the next hop now. */
    void askAnew(final long nowNs, final long delayNs) {
        core.fetches.leave(this);
        inlet = null;
        askAgainNs = nowNs + delayNs;
        state = WAY;
    }

    void onSign(final Inlet from, final long nowNs) {
        inlet = from;
        signNs = nowNs;
        if (state == ASKED) {
            noteWork(nowNs);
        }
    }

    void onRefused(final FetchOutcome outcome, final String text, final long nowNs) {
        if (outcome == FetchOutcome.UNREACHABLE) {
            trouble = text;
            askAnew(nowNs, ASK_AGAIN_NS);
        } else {
            fail(outcome, text);
        }
    }

    /** What comes; false when it makes no sense. */
    boolean onBegin(final Inlet from, final BeginDecoder begin, final long nowNs) {
        final long length = begin.length();
        final long metadataLength = begin.metadataLength();
        if (length < 0
                || length > Integer.MAX_VALUE - ChunkGrid.LONGEST_METADATA
                || metadataLength > ChunkGrid.LONGEST_METADATA
                || begin.chunkLength() != chunks.chunkLength()) {
            return false;
        }
        onSign(from, nowNs);
        if (state != ASKED) {
            return true;
        }
        final boolean isSame =
                isBegun && chunks.grid().length() == length && chunks.grid().metadataLength() == metadataLength;
        if (!isSame) {
            chunks.reset(chunks.chunkLength(), (int) length, (int) metadataLength);
            isBegun = true;
            if (claim.buffer().capacity() != length || claim.metadata().capacity() < metadataLength) {
                claimAnew(nowNs);
                return true;
            }
        }
        if (begin.chunkCount() != chunks.count()) {
            return false;
        }
        final FrameFormat format = FrameFormat.of((int) begin.format());
        claim.format(format == null ? FrameFormat.RAW : format)
                .width((int) begin.width())
                .height((int) begin.height())
                .camera((int) begin.camera())
                .step(begin.step())
                .captureEpochNs(begin.captureEpochNs())
                .metadataLength((int) metadataLength);
        progressNs = nowNs;
        state = COMING;
        return true;
    }

    /** The reference, or the usual length of metadata, was wrong: another slot, and everything from its beginning. */
    private void claimAnew(final long nowNs) {
        if (++lengthTries > LENGTH_TRIES) {
            fail(
                    FetchOutcome.CORRUPT,
                    "Node " + core.routes.name(hop) + " says something else of the length of frame " + ref
                            + " every time.");
            return;
        }
        core.fetches.leave(this);
        abort();
        progressNs = nowNs;
        askAgainNs = nowNs;
        state = ROOM;
    }

    /** A chunk that lies in its slot unharmed. */
    void onChunk(final int chunk, final long low, final long high, final long nowNs) {
        chunks.put(chunk, low, high);
        progressNs = nowNs;
        signNs = nowNs;
        frameIfComplete(nowNs);
    }

    void onDamaged(final int chunk, final long nowNs) {
        signNs = nowNs;
        if (chunks.tryAgain(chunk) <= CHUNK_TRIES) {
            core.counters.increment(Kind.CHUNKS_REPEATED);
            core.peer(hop).send(core.wording.buffer(), core.wording.chunkAgain(requestId, chunk));
        } else {
            frameAgain(nowNs, "chunk " + chunk);
        }
    }

    void onEnd(final long low, final long high, final long nowNs) {
        signNs = nowNs;
        if (state != COMING) {
            return;
        }
        isEndKnown = true;
        endLow = low;
        endHigh = high;
        if (chunks.missing() > MOST_SINGLE) {
            askAnew(nowNs, 0);
            return;
        }
        for (int i = chunks.missingFrom(0); i < chunks.count(); i = chunks.missingFrom(i + 1)) {
            if (!chunks.wasTried(i)) {
                chunks.tryAgain(i);
                core.peer(hop).send(core.wording.buffer(), core.wording.chunkAgain(requestId, i));
            }
        }
        frameIfComplete(nowNs);
    }

    private void frameIfComplete(final long nowNs) {
        if (!isEndKnown || !chunks.isComplete() || state != COMING) {
            return;
        }
        digest.of(core.fetches.codec(), chunks);
        if (digest.low() != endLow || digest.high() != endHigh) {
            frameAgain(nowNs, "the whole");
            return;
        }
        core.fetches.leave(this);
        state = ENDED;
        final int length = chunks.grid().length();
        core.counters.increment(Kind.FRAMES_FETCHED);
        core.counters.add(Kind.BYTES_FETCHED, length);
        core.counters.add(Kind.FETCH_NS, nowNs - beganNs);
        core.fetches.complete(this);
    }

    private void frameAgain(final long nowNs, final String what) {
        if (++frameTries > FRAME_TRIES) {
            core.counters.increment(Kind.FRAMES_CORRUPT);
            fail(
                    FetchOutcome.CORRUPT,
                    "Frame " + ref + " came damaged from node " + core.routes.name(hop) + ", again and again (" + what
                            + ").");
            return;
        }
        core.counters.increment(Kind.FRAMES_REPEATED);
        chunks.reset(chunks.chunkLength(), chunks.grid().length(), chunks.grid().metadataLength());
        isEndKnown = false;
        askAnew(nowNs, 0);
    }

    /** Whether its node is sending it, and has not come to its end. */
    boolean isMoreComing() {
        return state == COMING && !isEndKnown && !chunks.isComplete();
    }

    boolean isMostlyHere() {
        return state == COMING && 2L * chunks.missing() <= chunks.count();
    }

    /** Nobody waits for it any more. */
    void cancel() {
        if (state != ENDED) {
            core.fetches.leave(this);
            state = ENDED;
            abort();
            core.fetches.forget(this);
        }
    }

    /** Where it was to go it is not wanted any more: from its beginning, to another place. */
    void goInto(final FetchTarget other, final long nowNs) {
        core.fetches.leave(this);
        abort();
        target = other;
        chunks.reset(chunks.chunkLength(), chunks.grid().length(), chunks.grid().metadataLength());
        isBegun = false;
        isEndKnown = false;
        inlet = null;
        state = ROOM;
        onTurn(nowNs);
    }

    private void abort() {
        if (bytes != null) {
            bytes = null;
            target.abort(claim);
        }
    }

    void fail(final FetchOutcome outcome, final String text) {
        if (state == ENDED) {
            return;
        }
        core.fetches.leave(this);
        state = ENDED;
        abort();
        core.counters.increment(Kind.FETCHES_FAILED);
        core.fetches.failed(this, outcome, text);
    }
}
