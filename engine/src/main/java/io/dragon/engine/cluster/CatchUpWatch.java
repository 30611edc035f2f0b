package io.dragon.engine.cluster;

import io.aeron.Aeron;
import io.dragon.engine.config.Timeouts;
import java.util.ArrayList;
import java.util.List;
import org.agrona.CloseHelper;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;

/**
 * Notices that a member of several can never catch up: the log that it needs next is not kept by another any more. Aeron tries that
 * again and again. What {@link Rejoin} asks before a start is asked here for as long as the member has no place, because a member may
 * start before the others, or be away without ending.
 */
final class CatchUpWatch implements Agent {
    /** A look costs everybody's archive an answer. */
    private static final long LOOK_NS = 1_000_000_000;

    private final MasterContext ctx;
    private final MasterMember member;
    private final NanoClock nanoClock;
    private final List<Peer> peers = new ArrayList<>();
    private Aeron aeron;
    private long lookedNs;
    private long lastEnd = -1;
    private boolean isBehind;

    CatchUpWatch(final MasterContext ctx, final MasterMember member, final NanoClock nanoClock) {
        this.ctx = ctx;
        this.member = member;
        this.nanoClock = nanoClock;
        lookedNs = nanoClock.nanoTime();
    }

    @Override
    public int doWork() {
        if (isBehind || !member.isRunning()) {
            return 0;
        }
        if (member.isReady()) {
            if (aeron != null) {
                forget();
            }
            return 0;
        }
        final long nowNs = nanoClock.nanoTime();
        try {
            if (!peers.isEmpty()) {
                return ask(nowNs);
            }
            if (nowNs - lookedNs >= LOOK_NS) {
                begin(nowNs);
                return 1;
            }
        } catch (final RuntimeException ex) {
            forget();
            ctx.errorHandler().onError(ex);
        }
        return 0;
    }

    private void begin(final long nowNs) {
        lookedNs = nowNs;
        if (aeron == null || aeron.isClosed()) {
            aeron = Aeron.connect(new Aeron.Context()
                    .aeronDirectoryName(member.aeronDirectoryName())
                    .errorHandler(ctx.errorHandler())
                    .subscriberErrorHandler(ctx.errorHandler()));
        }
        final MasterAddresses addresses = ctx.addresses();
        for (int id = 0; id < addresses.hosts().size(); id++) {
            peers.add(Peer.of(ctx, aeron, id)); // itself too: where its own log ends
        }
    }

    private int ask(final long nowNs) {
        int known = 0;
        for (final Peer peer : peers) {
            peer.poll();
            known += peer.isKnown() ? 1 : 0;
        }
        final boolean isOver = nowNs - lookedNs >= ctx.timeouts().ns(Timeouts.Key.CONNECT);
        if (known < peers.size() && !isOver && nowNs - lookedNs < LOOK_NS) {
            return 1;
        }
        final Peer own = peers.get(ctx.memberId());
        if (!own.isKnown() && !isOver) {
            return 1;
        }
        if (own.isKnown()) {
            judge(own);
        }
        CloseHelper.quietCloseAll(peers);
        peers.clear();
        lookedNs = nowNs;
        return 1;
    }

    private void judge(final Peer own) {
        final long ownEnd = own.hasLog() ? own.logEnd() : 0;
        // One that comes forward gets what it needs from somebody, whatever the others have purged.
        final boolean isStuck = ownEnd == lastEnd;
        lastEnd = ownEnd;
        if (own.logStart() > 0 && own.ofModule().isEmpty()) {
            onBehind("it was given a log that begins at " + own.logStart() + ", and has no snapshot of before");
            return;
        }
        for (final Peer peer : peers) {
            if (isStuck && peer.memberId() != ctx.memberId() && peer.isKnown() && peer.logStart() > ownEnd) {
                onBehind("its log ends at " + ownEnd + ", that of master " + peer.memberId() + " begins at "
                        + peer.logStart());
                return;
            }
        }
    }

    private void onBehind(final String why) {
        isBehind = true;
        ctx.narrator().accept("cannot catch up: " + why + ". It has to start again, to take a snapshot of another");
        member.onLeftBehind();
    }

    private void forget() {
        CloseHelper.quietCloseAll(peers);
        peers.clear();
        CloseHelper.quietClose(aeron);
        aeron = null;
        lastEnd = -1;
        lookedNs = nanoClock.nanoTime();
    }

    @Override
    public String roleName() {
        return "catch-up-watch";
    }

    @Override
    public void onClose() {
        forget();
    }
}
