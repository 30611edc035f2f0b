package io.dragon.engine.transfer;

import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.codecs.frame.NewsDecoder;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.FullPolicy;
import io.dragon.engine.transfer.TransferCounters.Kind;

/**
 * A pool of this host into which the frames of a pool of another host come as they are published there. One frame is on its way at a time; of those
 * published meanwhile the newest is next, and the others are skipped and counted. One thread.
 */
final class Mirror implements FetchTarget, FetchWaiter {
    private static final int SLOTS = 8;
    private static final long WATCH_NS = 1_000_000_000;

    final long origin;
    final long requestId;
    private final TransferCore core;
    private final FrameRef newest = new FrameRef();
    private final FrameRef coming = new FrameRef();
    private final FrameRef told = new FrameRef();
    private final FrameRef heard = new FrameRef();
    private final Making<FramePool> making = new Making<>(FramePool.class, FramePool::deleteNow);
    /** Requests of programs that look at it. */
    int users;

    private int nodeId;
    private FramePool pool;
    private boolean isMaking;
    private boolean isComing;
    private long toldNs;
    private long heardNs;
    private long skippedThere;
    private String end;

    Mirror(final TransferCore core, final long origin, final int nodeId, final long requestId, final long nowNs) {
        this.core = core;
        this.origin = origin;
        this.nodeId = nodeId;
        this.requestId = requestId;
        toldNs = nowNs - WATCH_NS;
        heardNs = nowNs;
    }

    /** The pool to subscribe to; 0 until there is one. */
    long poolId() {
        return pool == null ? 0 : pool.poolId();
    }

    /** Why it has ended; null while it goes on. */
    String end() {
        return end;
    }

    int doWork(final long nowNs) {
        if (end != null) {
            return 0;
        }
        final Object result = isMaking ? making.take() : null;
        if (result instanceof FramePool fresh) {
            isMaking = false;
            pool = fresh;
        } else if (result instanceof DragonException fault) {
            end(fault.getMessage());
            return 1;
        }
        if (nodeId == RouteView.UNKNOWN) {
            nodeId = core.routes.nodeOf(origin);
        }
        if (nodeId == RouteView.NOWHERE) {
            end("No host has the pool that should be mirrored.");
        } else if (nodeId != RouteView.UNKNOWN && nodeId == core.nodeId()) {
            end("The pool was of this host, and is not there any more.");
        } else if (nodeId != RouteView.UNKNOWN && core.routes.isDead(nodeId)) {
            end("Node " + core.routes.name(nodeId) + " is dead, and its cameras with it.");
        } else if (nowNs - heardNs >= core.ctx.unreachableTimeoutNs() && pool == null) {
            end("The host of the camera does not answer.");
        } else if (nodeId != RouteView.UNKNOWN && nowNs - toldNs >= WATCH_NS) {
            toldNs = nowNs;
            core.peer(nodeId)
                    .send(
                            core.wording.buffer(),
                            core.wording.watch(requestId, core.agentId, core.nodeId(), nodeId, origin));
        }
        return fetchNewest() + (result == null ? 0 : 1);
    }

    private int fetchNewest() {
        if (isComing || newest.isNull() || pool == null || end != null) {
            return 0;
        }
        coming.set(newest);
        newest.clear();
        if (core.fetches.of(coming) != null) {
            // A task has asked for it before: it goes into the receive pools, perhaps only when it has its turn.
            core.counters.increment(Kind.FRAMES_SKIPPED);
            return 1;
        }
        isComing = true;
        core.fetches.fetch(coming, nodeId, this, this);
        return 1;
    }

    void onNews(final NewsDecoder news, final long nowNs) {
        heardNs = nowNs;
        final long skipped = news.skipped();
        if (skipped > skippedThere) {
            core.counters.add(Kind.FRAMES_SKIPPED, skipped - skippedThere);
            skippedThere = skipped;
        }
        if (pool == null && !isMaking && end == null) {
            isMaking = true;
            final long slotLength = news.slotLength();
            final int metadataLength = (int) news.metadataLength();
            core.ctx.poolMaker().execute(() -> make(slotLength, metadataLength));
        }
        if (news.frame().poolId() != origin) {
            return;
        }
        told.set(
                news.frame().poolId(),
                news.frame().sequence(),
                (int) news.frame().slot(),
                (int) news.frame().length());
        if (told.equals(heard)) {
            return;
        }
        heard.set(told);
        if (!newest.isNull()) {
            core.counters.increment(Kind.FRAMES_SKIPPED);
        }
        newest.set(told);
        fetchNewest();
    }

    private void make(final long slotLength, final int metadataLength) {
        try {
            making.made(FramePool.create(new FramePool.Context()
                    .directory(core.ctx.directory())
                    .ownerName("mirror")
                    .copies(true)
                    .slotCount(SLOTS)
                    .slotLength(slotLength)
                    .metadataLength(metadataLength)
                    .fullPolicy(FullPolicy.OVERWRITE_OLDEST)));
        } catch (final DragonException e) {
            making.made(e);
        } catch (final RuntimeException e) {
            making.made(new DragonException(DragonException.FAILED, "A mirror could not be made: " + e + ".", e));
        }
    }

    void end(final String why) {
        if (end == null) {
            end = why;
            final Fetch fetch = isComing ? core.fetches.of(coming) : null;
            isComing = false;
            if (fetch != null) {
                core.fetches.abandon(fetch, this);
            }
            if (pool != null) {
                pool.seal();
            }
        }
    }

    @Override
    public int claim(
            final FrameClaim claim,
            final FrameRef frame,
            final int length,
            final int metadataLength,
            final long nowNs) {
        if (end != null) {
            return NEVER;
        }
        final int slot = pool.tryClaim(claim, length);
        return slot >= 0 ? slot : slot == FramePool.BACK_PRESSURED ? LATER : NEVER;
    }

    @Override
    public void abort(final FrameClaim claim) {
        claim.abort();
    }

    @Override
    public boolean publish(final FrameClaim claim, final FrameRef frame, final FrameRef local, final long nowNs) {
        if (end != null) {
            claim.abort();
            return false;
        }
        claim.publish(local, false);
        return true;
    }

    @Override
    public String refusal(final int length) {
        return end != null ? end : "The mirror has no room for a frame of " + length + " bytes.";
    }

    @Override
    public void onFetched(final FrameRef local) {
        isComing = false;
        if (local.poolId() != poolId()) {
            // A task had asked for it before: it is in the receive pools, and not here.
            core.counters.increment(Kind.FRAMES_SKIPPED);
        }
    }

    @Override
    public void onFailed(final FetchOutcome outcome, final String text) {
        isComing = false;
        core.counters.increment(Kind.FRAMES_SKIPPED);
    }

    /** Nobody looks at it any more. */
    void close() {
        end("Nobody looks at it any more.");
        if (pool != null) {
            pool.deleteNow();
        }
        making.close();
    }
}
