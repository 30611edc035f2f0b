package io.dragon.engine.transfer;

import io.dragon.codecs.frame.AskDecoder;
import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;
import java.util.ArrayDeque;
import java.util.ArrayList;
import org.agrona.collections.Long2ObjectHashMap;

/** The frames that other nodes have asked for. A frame of a third node is fetched first, as if a program of this host had asked. One thread. */
final class Servings implements AutoCloseable {
    private static final long LOOK_NS = 100_000_000;
    private static final long SIGN_NS = 500_000_000;
    private static final int MOST = 1024;

    /** Twice what an agent asks for at a time, so that one that asks for more does not take the places of the others. */
    private static final int MOST_OF_A_PEER = 128;

    private final TransferCore core;
    private final Long2ObjectHashMap<Serving> byRequest = new Long2ObjectHashMap<>();
    private final ArrayList<Serving> active = new ArrayList<>();
    private final ArrayDeque<Serving> idle = new ArrayDeque<>();
    private final FrameRef wanted = new FrameRef();
    private final FrameRef cached = new FrameRef();
    private long lookedNs;

    Servings(final TransferCore core) {
        this.core = core;
        lookedNs = core.nowNs();
    }

    /** Asked for a frame; false when the message makes no sense. */
    boolean onAsk(final AskDecoder ask, final long nowNs) {
        final int nodeId = (int) ask.nodeId();
        final long chunkLength = ask.chunkLength();
        if (!core.isKnown(nodeId)
                || ask.requestId() == 0
                || ask.frame().poolId() == 0
                || ask.frame().length() > Integer.MAX_VALUE
                || chunkLength < TransferContext.SHORTEST_CHUNK
                || chunkLength > TransferContext.LONGEST_CHUNK
                || ask.hops() > Fetch.MOST_HOPS
                || isUnknown(ask)) {
            return false;
        }
        final Peer peer = core.peer(nodeId);
        onAgent(peer, ask.agentId());
        if (byRequest.containsKey(ask.requestId())) {
            return true;
        }
        if (active.size() >= MOST || peer.servingCount() >= MOST_OF_A_PEER) {
            refuse(
                    peer,
                    ask.requestId(),
                    FetchOutcome.UNREACHABLE,
                    "Node " + core.nodeId() + " serves " + active.size() + " frames already, " + peer.servingCount()
                            + " of them to you.");
            return true;
        }
        wanted.set(
                ask.frame().poolId(), ask.frame().sequence(), (int) ask.frame().slot(), (int)
                        ask.frame().length());
        final Serving serving = idle.isEmpty() ? new Serving(this) : idle.poll();
        serving.requestId = ask.requestId();
        serving.peer = peer;
        serving.ref.set(wanted);
        serving.isRelayed = false;
        serving.integrity = ask.integrity();
        serving.compresses = ask.compression() != 0 && core.ctx.compression() != Compression.OFF;
        serving.chunkLength = (int) chunkLength;
        serving.firstChunk = (int) Math.min(ask.firstChunk(), Integer.MAX_VALUE);
        serving.signNs = nowNs;
        serving.progressNs = nowNs;
        serving.state = Serving.FETCHING;
        byRequest.put(serving.requestId, serving);
        active.add(serving);
        peer.add(serving);
        begin(serving, ask, nowNs);
        return true;
    }

    private static boolean isUnknown(final AskDecoder ask) {
        final short integrity = ask.integrityRaw();
        return integrity < 0 || integrity > 2;
    }

    /** Another start of the agent over there: what the former asked for, nobody waits for. */
    void onAgent(final Peer peer, final long agentId) {
        if (peer.agentId != agentId) {
            if (peer.agentId != 0) {
                for (int i = active.size() - 1; i >= 0; i--) {
                    if (active.get(i).peer == peer) {
                        end(active.get(i));
                    }
                }
                core.watches.forget(peer);
                core.fetches.onLaneLost(peer.nodeId, core.nowNs());
                peer.onOtherAgent(agentId, core.nowNs());
            }
            peer.agentId = agentId;
        }
    }

    private void begin(final Serving serving, final AskDecoder ask, final long nowNs) {
        final int code = core.reader.acquire(serving.ref, serving.lease);
        if (code == 0) {
            send(serving, nowNs);
        } else if (code != FrameReader.NO_SUCH_POOL) {
            refuse(
                    serving,
                    code == FrameReader.READERS_FULL ? FetchOutcome.UNREACHABLE : FetchOutcome.GONE,
                    code == FrameReader.READERS_FULL
                            ? core.reader.refusal()
                            : "Frame " + serving.ref + " is not there any more.");
        } else if (core.pools.find(serving.ref, cached) && core.reader.acquire(cached, serving.lease) == 0) {
            serving.isRelayed = true;
            send(serving, nowNs);
        } else {
            relay(serving, ask);
        }
    }

    private void relay(final Serving serving, final AskDecoder ask) {
        final int origin = (int) ask.originId();
        final int own = core.nodeId();
        if (origin == own || origin == 0) {
            refuse(
                    serving,
                    FetchOutcome.GONE,
                    "Frame " + serving.ref + " is not there any more: node " + core.routes.name(own)
                            + " has no such pool.");
            return;
        }
        final int next = core.routes.nextHop(origin);
        final Fetch present = core.fetches.of(serving.ref);
        if (ask.hops() == 0
                || next == 0
                || next == serving.peer.nodeId
                || present != null && present.hop == serving.peer.nodeId
                || isAmong(ask, own)
                || isAmong(ask, next)) {
            refuse(
                    serving,
                    FetchOutcome.UNREACHABLE,
                    "Node " + core.routes.name(own) + " knows no way to node " + core.routes.name(origin)
                            + ", which has frame " + serving.ref + ".");
            return;
        }
        serving.isRelayed = true;
        final Fetch fetch = core.fetches.fetch(serving.ref, origin, core.pools, serving);
        if (fetch != present) {
            fetch.hops = ask.hops() - 1;
            fetch.via[0] = (int) ask.via1();
            fetch.via[1] = (int) ask.via2();
            fetch.via[2] = (int) ask.via3();
            fetch.via[3] = (int) ask.via4();
            for (int i = 0; i < fetch.via.length; i++) {
                if (fetch.via[i] == 0) {
                    fetch.via[i] = serving.peer.nodeId;
                    break;
                }
            }
        }
        serving.peer.send(core.wording.buffer(), core.wording.waiting(serving.requestId));
    }

    private static boolean isAmong(final AskDecoder ask, final int nodeId) {
        return ask.via1() == nodeId || ask.via2() == nodeId || ask.via3() == nodeId || ask.via4() == nodeId;
    }

    private void send(final Serving serving, final long nowNs) {
        serving.begin(nowNs);
        if (!serving.peer.send(core.wording.buffer(), core.wording.begin(serving, serving.lease))) {
            // Without its beginning the rest would be sent for nothing: it will be asked for again.
            end(serving);
        }
    }

    /** The frame of a third node is here. */
    void onFetched(final Serving serving, final FrameRef local) {
        if (serving.state != Serving.FETCHING) {
            return;
        }
        if (core.reader.acquire(local, serving.lease) == 0) {
            send(serving, core.nowNs());
        } else {
            refuse(serving, FetchOutcome.UNREACHABLE, "Frame " + serving.ref + " was overwritten on its way.");
        }
    }

    void onFailed(final Serving serving, final FetchOutcome outcome, final String text) {
        if (serving.state == Serving.FETCHING) {
            refuse(serving, outcome, text);
        }
    }

    private void refuse(final Serving serving, final FetchOutcome outcome, final String text) {
        final Peer peer = serving.peer;
        final long requestId = serving.requestId;
        end(serving);
        refuse(peer, requestId, outcome, text);
    }

    private void refuse(final Peer peer, final long requestId, final FetchOutcome outcome, final String text) {
        peer.send(core.wording.buffer(), core.wording.refused(requestId, outcome, text));
    }

    void onChunkAgain(final long requestId, final long chunk, final long nowNs) {
        final Serving serving = byRequest.get(requestId);
        if (serving != null && chunk < Integer.MAX_VALUE) {
            serving.progressNs = nowNs;
            serving.sendAgain((int) chunk);
        }
    }

    /** Nothing more is wanted. Of a request that is not known either, since it may have ended here already. */
    void onLeave(final long requestId) {
        final Serving serving = byRequest.get(requestId);
        if (serving != null) {
            end(serving);
        }
    }

    /** Ends a transfer and gives its lease back, now or as soon as the chunk is finished that is being sent. */
    void end(final Serving serving) {
        serving.state = Serving.LEFT;
        if (!serving.peer.remove(serving)) {
            return;
        }
        byRequest.remove(serving.requestId);
        active.remove(serving);
        serving.lease.release();
        serving.bytes = null;
        final Fetch fetch = core.fetches.of(serving.ref);
        if (fetch != null) {
            core.fetches.leave(fetch, serving);
        }
        idle.add(serving);
    }

    /** Whether frames of other hosts are kept here until they are sent on. */
    boolean isRelaying() {
        for (int i = 0; i < active.size(); i++) {
            final Serving serving = active.get(i);
            if (serving.isRelayed && serving.state != Serving.FETCHING) {
                return true;
            }
        }
        return false;
    }

    int doWork(final long nowNs) {
        if (active.isEmpty() || nowNs - lookedNs < LOOK_NS) {
            return 0;
        }
        lookedNs = nowNs;
        for (int i = active.size() - 1; i >= 0 && i < active.size(); i--) {
            look(active.get(i), nowNs);
        }
        return 1;
    }

    private void look(final Serving serving, final long nowNs) {
        if (serving.state != Serving.FETCHING && nowNs - serving.progressNs >= core.ctx.peerTimeoutNs()) {
            final Peer peer = serving.peer;
            end(serving);
            if (serving.state == Serving.LEFT && byRequest.containsKey(serving.requestId)) {
                // A lane has begun with a piece of it and takes no more: the whole lane is of no use.
                peer.giveUpLane(nowNs);
            }
        } else if (serving.state != Serving.SENT && nowNs - serving.signNs >= SIGN_NS) {
            serving.signNs = nowNs;
            serving.peer.send(core.wording.buffer(), core.wording.waiting(serving.requestId));
        }
    }

    @Override
    public void close() {
        for (int i = active.size() - 1; i >= 0; i--) {
            end(active.get(i));
        }
    }
}
