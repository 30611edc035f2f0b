package io.dragon.engine.transfer;

import io.aeron.exceptions.AeronException;
import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.transfer.TransferCounters.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.collections.LongHashSet;
import org.agrona.collections.Object2ObjectHashMap;

/** The frames that are on their way here, and those that wait for their turn. One thread. */
final class Fetches implements AutoCloseable {
    private static final int MOST_AT_A_TIME = 64;

    /** So that a node that stalls does not keep the frames of the others waiting. */
    private static final int MOST_OF_A_NODE = 48;

    private static final int LATE_IDS = 4096;
    private static final long LOOK_NS = 1_000_000;

    private final TransferCore core;
    private final Object2ObjectHashMap<FrameRef, Fetch> byFrame = new Object2ObjectHashMap<>();
    private final Long2ObjectHashMap<Fetch> byRequest = new Long2ObjectHashMap<>();
    private final ArrayList<Fetch> active = new ArrayList<>();
    private final ArrayDeque<Fetch> queued = new ArrayDeque<>();
    private final ArrayDeque<Fetch> idle = new ArrayDeque<>();
    private final ArrayList<Inlet> inlets = new ArrayList<>();
    private final long[] lateIds = new long[LATE_IDS];
    private final LongHashSet lateSet = new LongHashSet(2 * LATE_IDS, 0.6f);
    private final FrameRef local = new FrameRef();
    private final ChunkCodec codec;
    private int lateAt;
    private long routesVersion;
    private long lookedNs;
    private int chunkLength;

    Fetches(final TransferCore core) {
        this.core = core;
        codec = ChunkCodecs.of(core.ctx.integrity(), Compression.OFF);
        lookedNs = core.nowNs();
        chunkLength = core.ctx.chunkLength();
    }

    /** Chunks are made of whole pieces. */
    void longestPiece(final int piece) {
        final int wanted = core.ctx.chunkLength();
        chunkLength = piece >= wanted ? wanted : wanted / piece * piece;
    }

    int chunkLength() {
        return chunkLength;
    }

    ChunkCodec codec() {
        return codec;
    }

    /** A frame on its way; null when it is not. */
    Fetch of(final FrameRef ref) {
        return byFrame.get(ref);
    }

    /** The fetch that a message is about; null when it has ended, or never was. */
    Fetch of(final long requestId) {
        return byRequest.get(requestId);
    }

    /** Brings a frame here, or joins those who wait for it. */
    Fetch fetch(final FrameRef ref, final int originId, final FetchTarget target, final FetchWaiter waiter) {
        Fetch fetch = byFrame.get(ref);
        if (fetch == null) {
            fetch = idle.isEmpty() ? new Fetch(core) : idle.poll();
            fetch.begin(ref, originId, target, core.nowNs());
            byFrame.put(fetch.ref, fetch);
            // A mirror has one on its way, which would be gone by its turn.
            if (target != core.pools || active.size() < MOST_AT_A_TIME && hasTurn(fetch.origin())) {
                active.add(fetch);
            } else {
                queued.add(fetch);
            }
            lookedNs = core.nowNs() - LOOK_NS;
        }
        fetch.waiters.add(waiter);
        return fetch;
    }

    int doWork(final long nowNs) {
        if (active.isEmpty() || nowNs - lookedNs < LOOK_NS) {
            return 0;
        }
        lookedNs = nowNs;
        final boolean isRouted = core.routes.version() != routesVersion;
        routesVersion = core.routes.version();
        int workCount = 0;
        // Whoever asked first is served first.
        for (int i = 0; i < active.size(); i++) {
            final Fetch fetch = active.get(i);
            if (isRouted) {
                fetch.onRoutes(nowNs);
            }
            workCount += work(fetch, nowNs);
            if (fetch.state == Fetch.ENDED) {
                retire(i--);
            }
        }
        return workCount;
    }

    /** What goes wrong with one frame ends its fetch, and no other. */
    private int work(final Fetch fetch, final long nowNs) {
        try {
            return fetch.doWork(nowNs);
        } catch (final AeronException e) {
            throw e;
        } catch (final RuntimeException e) {
            core.ctx.errorHandler().onError(e);
            fetch.fail(FetchOutcome.UNREACHABLE, "Frame " + fetch.ref + " could not be brought: " + e + ".");
            return 1;
        }
    }

    /** Ends one, and lets another have its turn. */
    private void retire(final int index) {
        idle.add(active.remove(index));
        final Iterator<Fetch> waiting = queued.isEmpty() ? null : queued.iterator();
        while (waiting != null && waiting.hasNext()) {
            final Fetch next = waiting.next();
            if (hasTurn(next.origin())) {
                waiting.remove();
                next.onTurn(core.nowNs());
                active.add(next);
                return;
            }
        }
    }

    private boolean hasTurn(final int originId) {
        int count = 0;
        for (int i = 0; i < active.size(); i++) {
            count += active.get(i).originId == originId ? 1 : 0;
        }
        return count < MOST_OF_A_NODE;
    }

    void giveNewId(final Fetch fetch) {
        do {
            fetch.requestId = core.ids.next();
        } while (fetch.requestId == 0 || byRequest.containsKey(fetch.requestId));
        byRequest.put(fetch.requestId, fetch);
    }

    /** Ends a request, not the fetch: what still comes of it is late. */
    void leave(final Fetch fetch) {
        if (fetch.requestId == 0) {
            return;
        }
        byRequest.remove(fetch.requestId);
        rememberLate(fetch.requestId);
        for (int i = 0; i < inlets.size(); i++) {
            final Inlet inlet = inlets.get(i);
            ((ChunkArrival) inlet.attachment()).forget(fetch, inlet.target());
        }
        final Peer hop = core.knownPeer(fetch.hop);
        if (hop != null) {
            hop.send(core.wording.buffer(), core.wording.leave(fetch.requestId));
        }
        fetch.requestId = 0;
    }

    void rememberLate(final long requestId) {
        lateSet.remove(lateIds[lateAt]);
        lateIds[lateAt] = requestId;
        lateSet.add(requestId);
        lateAt = (lateAt + 1) % LATE_IDS;
    }

    /** Something came of a request that is not there: late, or nobody's. */
    void countStray(final long requestId) {
        core.counters.increment(lateSet.contains(requestId) ? Kind.LATE : Kind.INTRUDERS);
    }

    void complete(final Fetch fetch) {
        final boolean isWanted = fetch.target.publish(fetch.claim, fetch.ref, local, core.nowNs());
        fetch.bytes = null;
        if (!isWanted) {
            failed(fetch, FetchOutcome.ENDED, fetch.target.refusal(fetch.ref.length()));
            return;
        }
        byFrame.remove(fetch.ref);
        for (int i = 0; i < fetch.waiters.size(); i++) {
            fetch.waiters.get(i).onFetched(local);
        }
        fetch.waiters.clear();
    }

    void failed(final Fetch fetch, final FetchOutcome outcome, final String text) {
        byFrame.remove(fetch.ref);
        for (int i = 0; i < fetch.waiters.size(); i++) {
            fetch.waiters.get(i).onFailed(outcome, text);
        }
        fetch.waiters.clear();
    }

    /** The lane to a node is gone, and with it what was asked. */
    void onLaneLost(final int nodeId, final long nowNs) {
        for (int i = 0; i < active.size(); i++) {
            final Fetch fetch = active.get(i);
            if (fetch.hop == nodeId && (fetch.state == Fetch.ASKED || fetch.state == Fetch.COMING)) {
                fetch.askAnew(nowNs, 0);
            }
        }
    }

    void onOpened(final Inlet inlet) {
        inlet.attachment(new ChunkArrival(core));
        inlets.add(inlet);
    }

    /** What came by a stream comes no more: asks again for what is missing. */
    void onClosed(final Inlet inlet, final long nowNs) {
        inlets.remove(inlet);
        for (int i = 0; i < active.size(); i++) {
            final Fetch fetch = active.get(i);
            if (fetch.inlet == inlet && (fetch.state == Fetch.ASKED || fetch.state == Fetch.COMING)) {
                fetch.askAnew(nowNs, 0);
            }
        }
    }

    /** Nothing more is wanted by a waiter; the frame goes on coming when others wait, or when more than half of it is there. */
    void leave(final Fetch fetch, final FetchWaiter waiter) {
        fetch.waiters.remove(waiter);
        if (fetch.waiters.isEmpty() && !fetch.isMostlyHere()) {
            fetch.cancel();
        }
    }

    /** A target wants nothing any more; others who wait for the frame get it in the receive pools. */
    void abandon(final Fetch fetch, final Mirror target) {
        fetch.waiters.remove(target);
        if (fetch.waiters.isEmpty()) {
            fetch.cancel();
        } else if (fetch.target == target) {
            fetch.goInto(core.pools, core.nowNs());
        }
    }

    void forget(final Fetch fetch) {
        byFrame.remove(fetch.ref);
    }

    /** Frames that are on their way, or wait for their turn. */
    int count() {
        return byFrame.size();
    }

    @Override
    public void close() {
        for (final Fetch fetch : active) {
            fetch.fail(FetchOutcome.UNREACHABLE, "The node agent of this host ends.");
        }
        for (final Fetch fetch : queued) {
            fetch.fail(FetchOutcome.UNREACHABLE, "The node agent of this host ends.");
        }
        active.clear();
        queued.clear();
    }
}
