package io.dragon.engine.cluster;

import static io.dragon.engine.config.Timeouts.Key.POOL_SWEEP;

import io.dragon.codecs.control.PartyKind;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.LivenessLock;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;

/**
 * A member of the masters as a party of its own sequencer: its name is {@code member-N}, its progress the position of the log that
 * it has committed. It holds a lock on its host, so that its death is proven as that of anybody else.
 */
final class MasterAgent implements Agent, PartyListener {
    private final MemberCounters counters;
    private final BooleanSupplier hasFailed;
    private final ErrorHandler errorHandler;
    private final Path lockFile;
    private final ClusterSession session;
    private final ClusterSession.Context sessionContext;
    private final Party party;
    private LivenessLock lock;
    private long triedNs;

    /**
     * An agent that connects in its duty cycle.
     *
     * @param memberId       of the member.
     * @param directory      of its host, with the locks.
     * @param sessionContext how it reaches the leader.
     * @param counters       of its consensus module.
     * @param hasFailed      whether the member has ended by itself: then it does not take its leave, and its end is on record as that of
     *                       anybody else.
     */
    MasterAgent(
            final int memberId,
            final DragonDirectory directory,
            final ClusterSession.Context sessionContext,
            final MemberCounters counters,
            final BooleanSupplier hasFailed) {
        this.hasFailed = hasFailed;
        this.counters = counters;
        this.sessionContext = sessionContext;
        errorHandler = sessionContext.errorHandler();
        lockFile = directory.create().partyLock(name(memberId));
        session = new ClusterSession(sessionContext);
        party = session.register(PartyKind.MASTER, name(memberId), new PartyOptions().lockFile(lockFile), this);
        triedNs = sessionContext.nanoClock().nanoTime()
                - sessionContext.timeouts().ns(POOL_SWEEP);
    }

    /** What a member is called as a party. */
    static String name(final int memberId) {
        return "member-" + memberId;
    }

    @Override
    public int doWork() {
        if (lock == null) {
            final long nowNs = sessionContext.nanoClock().nanoTime();
            return nowNs - triedNs >= sessionContext.timeouts().ns(POOL_SWEEP) ? takeLock(nowNs) : 0;
        }
        party.health(counters.commitPosition(), 0, 0, -1, 0);
        return session.doWork();
    }

    /** A card without its lock would tell of a death: no lock, no party. */
    private int takeLock(final long nowNs) {
        triedNs = nowNs;
        try {
            lock = LivenessLock.acquire(lockFile);
            return 1;
        } catch (final DragonException ex) {
            errorHandler.onError(ex);
            return 0;
        }
    }

    @Override
    public String roleName() {
        return "master-party";
    }

    @Override
    public void onClose() {
        if (!hasFailed.getAsBoolean()) {
            party.unregister();
        }
        CloseHelper.closeAll(errorHandler, session, lock);
    }

    @Override
    public void onRegistered(final Party party) {}

    @Override
    public void onFenced(final Party party) {}

    @Override
    public void onEvent(
            final Party party, final int templateId, final DirectBuffer buffer, final int offset, final int length) {}
}
