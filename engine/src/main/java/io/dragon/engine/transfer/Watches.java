package io.dragon.engine.transfer;

import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.codecs.frame.WatchDecoder;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameHandler;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.FrameSubscriber;
import java.util.ArrayList;
import org.agrona.CloseHelper;

/**
 * The pools of this host that other nodes mirror: tells each of every new frame, and keeps the newest until the next one comes, so that whoever
 * was told can have it. One thread.
 */
final class Watches implements AutoCloseable {
    private static final int FRAMES_A_CYCLE = 16;
    private static final int MOST = 256;
    private static final long FORGET_NS = 5_000_000_000L;

    private final TransferCore core;
    private final ArrayList<Watched> pools = new ArrayList<>();
    private int count;
    private String refusal;

    Watches(final TransferCore core) {
        this.core = core;
    }

    /** Another node that mirrors a pool. */
    private static final class Watch {
        final long requestId;
        final Peer peer;
        long saidNs;

        Watch(final long requestId, final Peer peer) {
            this.requestId = requestId;
            this.peer = peer;
        }
    }

    /** A pool that is mirrored. */
    private final class Watched implements FrameHandler {
        final long poolId;
        final FrameSubscriber subscriber;
        final ArrayList<Watch> watches = new ArrayList<>();
        final FrameRef newest = new FrameRef();
        final FrameLease lease = new FrameLease();

        Watched(final long poolId, final FrameSubscriber subscriber) {
            this.poolId = poolId;
            this.subscriber = subscriber;
        }

        @Override
        public void onFrame(final FrameLease frame) {
            newest.set(frame.ref());
            lease.release();
            if (core.reader.acquire(newest, lease) == 0) {
                for (int i = 0; i < watches.size(); i++) {
                    tell(watches.get(i), newest);
                }
            }
        }

        void tell(final Watch watch, final FrameRef frame) {
            watch.peer.send(
                    core.wording.buffer(),
                    core.wording.news(
                            watch.requestId,
                            frame,
                            subscriber.missed(),
                            subscriber.slotLength(),
                            subscriber.metadataLength()));
        }

        void close() {
            lease.release();
            CloseHelper.close(core.ctx.errorHandler(), subscriber);
        }
    }

    /** Asked to tell of the frames of a pool; false when it makes no sense. */
    boolean onWatch(final WatchDecoder message, final long nowNs) {
        final int nodeId = (int) message.nodeId();
        if (!core.isKnown(nodeId) || message.poolId() == 0 || message.requestId() == 0) {
            return false;
        }
        final Peer peer = core.peer(nodeId);
        core.servings.onAgent(peer, message.agentId());
        final Watched pool = pool(message.poolId());
        if (pool == null) {
            refuse(peer, message.requestId(), refusal);
            return true;
        }
        Watch watch = null;
        for (int i = 0; i < pool.watches.size(); i++) {
            if (pool.watches.get(i).requestId == message.requestId()) {
                watch = pool.watches.get(i);
            }
        }
        if (watch == null) {
            if (count >= MOST) {
                refuse(peer, message.requestId(), "This host tells " + MOST + " others of its frames already.");
                return true;
            }
            watch = new Watch(message.requestId(), peer);
            pool.watches.add(watch);
            count++;
        }
        // Again and again: what was told before may have been lost on its way.
        pool.tell(watch, pool.newest);
        watch.saidNs = nowNs;
        return true;
    }

    private Watched pool(final long poolId) {
        for (int i = 0; i < pools.size(); i++) {
            if (pools.get(i).poolId == poolId) {
                return pools.get(i);
            }
        }
        try {
            final Watched added = new Watched(poolId, FrameSubscriber.attach(core.ctx.directory(), poolId, "transfer"));
            pools.add(added);
            return added;
        } catch (final DragonException e) {
            refusal = e.getMessage();
            return null;
        }
    }

    private void refuse(final Peer peer, final long requestId, final String text) {
        peer.send(core.wording.buffer(), core.wording.refused(requestId, FetchOutcome.ENDED, text));
    }

    int doWork(final long nowNs) {
        int workCount = 0;
        for (int i = pools.size() - 1; i >= 0; i--) {
            final Watched pool = pools.get(i);
            workCount += pool.subscriber.poll(pool, FRAMES_A_CYCLE);
            forget(pool, nowNs);
            if (pool.watches.isEmpty()) {
                pools.remove(i);
                pool.close();
            }
        }
        return workCount;
    }

    private void forget(final Watched pool, final long nowNs) {
        final boolean isSealed = pool.subscriber.isSealed();
        for (int i = pool.watches.size() - 1; i >= 0; i--) {
            final Watch watch = pool.watches.get(i);
            if (isSealed) {
                refuse(watch.peer, watch.requestId, "The camera's pool is sealed: its owner has ended.");
            }
            if (isSealed || nowNs - watch.saidNs >= FORGET_NS) {
                pool.watches.remove(i);
                count--;
            }
        }
    }

    /** Forgets what a node that is gone, or another start of its agent, wanted. */
    void forget(final Peer peer) {
        for (int i = 0; i < pools.size(); i++) {
            final ArrayList<Watch> watches = pools.get(i).watches;
            for (int k = watches.size() - 1; k >= 0; k--) {
                if (watches.get(k).peer == peer) {
                    watches.remove(k);
                    count--;
                }
            }
        }
    }

    @Override
    public void close() {
        pools.forEach(Watched::close);
        pools.clear();
    }
}
