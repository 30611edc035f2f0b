package io.dragon.engine.cluster;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.node.HostDuties;
import java.nio.file.Path;
import org.agrona.CloseHelper;

/** A member of the masters: media driver (its own or the host's), archive, consensus module, sequencer, host agent. */
public final class MasterNode implements AutoCloseable {
    /** How long the parts of a master may wait for a media driver that is gone; Aeron's own patience is 10 s for each question. */
    private static final long CLOSE_NS = 5_000_000_000L;

    private static final long CLOSE_LOOK_MS = 50;

    private final MasterContext ctx;
    private final DirectoryLock lock;
    private final MasterMember member;
    private final Housekeeping housekeeping;

    /** Null where it runs its own. */
    private final DriverWatch hostDriver;

    private MasterNode(final MasterContext ctx, final DirectoryLock lock, final MasterMember member) {
        this.ctx = ctx;
        this.lock = lock;
        this.member = member;
        housekeeping = new Housekeeping(ctx, member);
        hostDriver = ctx.aeronDirectoryName() == null
                ? null
                : new DriverWatch(Path.of(ctx.aeronDirectoryName()), ctx.timeouts());
        if (hostDriver != null) {
            hostDriver.isThere(); // from here on it is this one
        }
    }

    /**
     * Starts a master. What a killed one left in its directory is taken up; a living one is not disturbed.
     *
     * @param ctx how.
     * @return the running master.
     * @throws DragonException in one sentence, when it cannot start.
     */
    public static MasterNode launch(final MasterContext ctx) {
        ctx.conclude();
        final boolean isMade = MasterPaths.make(ctx.directory());
        final DirectoryLock lock =
                DirectoryLock.acquire(ctx.directory().resolve(MasterPaths.LOCK_FILE), "master", ctx.directory());
        MasterMember member = null;
        try {
            if (ctx.dragonDirectory() != null && ctx.members().size() == 1 && MasterPaths.isNew(ctx)) {
                HostDuties.forgetTheDead(DragonDirectory.of(ctx.dragonDirectory()));
            }
            member = MasterMember.launch(ctx);
            final MasterNode node = new MasterNode(ctx, lock, member);
            node.housekeeping.start();
            return node;
        } catch (final RuntimeException ex) {
            CloseHelper.quietCloseAll(member, lock);
            if (isMade) {
                MasterPaths.removeIfEmpty(ctx.directory());
            }
            throw ex;
        }
    }

    /**
     * The directory of the media driver it runs on: clients on this driver reach a single master by IPC.
     *
     * @return the directory's path.
     */
    public String aeronDirectoryName() {
        return member.aeronDirectoryName();
    }

    /**
     * Where clients without that driver reach the masters.
     *
     * @return {@code 0=host:port,1=host:port}, as {@link ClusterSession.Context#ingressEndpoints(String)} takes it.
     */
    public String ingressEndpoints() {
        return ctx.addresses().ingressEndpoints();
    }

    /**
     * Whether this member leads.
     *
     * @return true for the leader.
     */
    public boolean isLeader() {
        return member.isRunning() && member.counters().isLeader();
    }

    /**
     * Whether this member takes part: its last election is over, and what it had recorded is replayed.
     *
     * @return true when it works.
     */
    public boolean isReady() {
        return member.isReady();
    }

    /**
     * What it does now, in words: who leads, or what it waits for.
     *
     * @return one line.
     */
    public String state() {
        return MemberWords.of(ctx, member);
    }

    /**
     * Whether it takes no part any more: its consensus module has ended, in order or by an error.
     *
     * @return true when it should be closed and started again.
     */
    public boolean hasEnded() {
        return member.hasEnded();
    }

    /**
     * Whether it has ended because none of the others keeps the log that it needs next: it started without them, or was away
     * for too long without ending. Closed and launched again, it takes the state of another.
     *
     * @return true when it should be launched again at once.
     */
    public boolean isLeftBehind() {
        return member.isLeftBehind();
    }

    /**
     * Asks for a snapshot of the sequencer; only the leader takes one.
     *
     * @return false when one cannot be taken now: this member does not lead, or another one is being taken.
     */
    public boolean requestSnapshot() {
        return member.isRunning() && member.counters().requestSnapshot();
    }

    /**
     * Snapshots taken since this member started.
     *
     * @return a count.
     */
    public long snapshotCount() {
        return member.counters().snapshotCount();
    }

    /**
     * Stops in order: consensus module, sequencer, archive, media driver. When the host's media driver has died, parts may wait for
     * answers that never come: after five seconds they are left to end by themselves, and the directory stays locked until then.
     */
    @Override
    public void close() {
        final Thread closing = new Thread(this::closeAll, "master-close");
        closing.setDaemon(true);
        closing.start();
        final long startNs = System.nanoTime();
        boolean isInterrupted = false;
        while (closing.isAlive()) {
            try {
                closing.join(CLOSE_LOOK_MS);
            } catch (final InterruptedException ex) {
                isInterrupted = true;
            }
            if (System.nanoTime() - startNs >= CLOSE_NS && hostDriver != null && hostDriver.loss() != null) {
                ctx.errorHandler()
                        .onError(new DragonException("The master in " + ctx.directory()
                                + " still waits for its media driver, which is gone: it is left to end by itself."));
                break;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeAll() {
        CloseHelper.closeAll(ctx.errorHandler(), housekeeping, member, lock);
    }

    long commitPosition() {
        return member.counters().commitPosition();
    }

    /** The hash of the sequencer's state; only after {@link #close()}. */
    long stateHash() {
        return member.stateHash();
    }

    SnapshotKeeper snapshotKeeper() {
        return housekeeping.snapshotKeeper();
    }
}
