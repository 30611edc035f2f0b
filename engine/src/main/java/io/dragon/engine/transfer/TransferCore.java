package io.dragon.engine.transfer;

import io.aeron.exceptions.AeronException;
import io.dragon.engine.frame.FrameReader;
import java.util.ArrayList;
import java.util.concurrent.ConcurrentHashMap;
import org.agrona.CloseHelper;
import org.agrona.collections.Int2ObjectHashMap;

/** What the parts of a transfer agent share. One thread. */
final class TransferCore implements AutoCloseable {
    final TransferContext ctx;
    final TransferCounters counters;
    final RouteView routes;
    final Wording wording = new Wording();
    final RandomIds ids = new RandomIds();
    final long agentId = ids.next();
    final FrameReader reader;
    final PoolPlaces places;
    final PoolChannels channels;
    final ReceivePools pools;
    final Fetches fetches;
    final Servings servings;
    final Watches watches;
    final Mirrors mirrors;
    final ArrayList<Peer> peerList = new ArrayList<>();
    Transport transport;

    private final Int2ObjectHashMap<Peer> peers = new Int2ObjectHashMap<>();
    private final ConcurrentHashMap<Integer, LinkRate> rates;
    private long nowNs;

    TransferCore(
            final TransferContext ctx,
            final TransferCounters counters,
            final ConcurrentHashMap<Integer, LinkRate> rates) {
        this.rates = rates;
        this.ctx = ctx;
        this.counters = counters;
        routes = ctx.routes();
        nowNs = ctx.nanoClock().nanoTime();
        reader = new FrameReader(ctx.directory(), "transfer");
        places = new PoolPlaces(ctx.directory());
        channels = new PoolChannels(ctx.directory(), ctx.errorHandler());
        pools = new ReceivePools(ctx);
        fetches = new Fetches(this);
        servings = new Servings(this);
        watches = new Watches(this);
        mirrors = new Mirrors(this);
    }

    long nowNs() {
        return nowNs;
    }

    void nowNs(final long newNowNs) {
        nowNs = newNowNs;
    }

    int nodeId() {
        return ctx.nodeId().getAsInt();
    }

    /** The other node; its lane is opened when there is something to send. */
    Peer peer(final int nodeId) {
        Peer peer = peers.get(nodeId);
        if (peer == null) {
            peer = new Peer(this, nodeId);
            peers.put(nodeId, peer);
            rates.put(nodeId, peer.received);
            peerList.add(peer);
        }
        return peer;
    }

    /** The other node, if anything was ever sent to it. */
    Peer knownPeer(final int nodeId) {
        return peers.get(nodeId);
    }

    int workPeers() {
        int workCount = 0;
        for (int i = 0; i < peerList.size(); i++) {
            workCount += work(peerList.get(i));
        }
        return workCount;
    }

    /** What goes wrong with one node ends what goes to it, and nothing else. */
    private int work(final Peer peer) {
        try {
            return peer.doWork(nowNs);
        } catch (final AeronException e) {
            throw e;
        } catch (final RuntimeException e) {
            ctx.errorHandler().onError(e);
            peer.giveUpLane(nowNs);
            return 1;
        }
    }

    /** Whether the routes tell of a node: no other can be answered, and none is kept in memory for it. */
    boolean isKnown(final int nodeId) {
        return nodeId != 0 && nodeId != nodeId() && routes.address(nodeId) != null;
    }

    /** The media driver is gone, and every lane with it. */
    void dropPeers() {
        for (final Peer peer : peerList) {
            peer.giveUpLane(nowNs);
        }
    }

    @Override
    public void close() {
        for (final Peer peer : peerList) {
            peer.giveUpLane(nowNs);
        }
        CloseHelper.closeAll(ctx.errorHandler(), servings, watches, fetches, mirrors, channels, reader, pools);
    }
}
