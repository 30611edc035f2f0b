package io.dragon.engine.cluster;

import io.aeron.Aeron;
import io.aeron.archive.client.AeronArchive;
import io.aeron.archive.client.ArchiveException;
import io.aeron.archive.client.ReplicationParams;
import io.aeron.cluster.ConsensusModule;
import io.aeron.cluster.RecordingLog;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.Timeouts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.CloseHelper;
import org.agrona.concurrent.SystemEpochClock;

/**
 * Before one of several masters takes part: what it has is held against what the others have. Aeron lets a member catch up with the
 * log, but not begin behind its start, which snapshots move. Who has nothing, or too little, or what is damaged, takes a snapshot of
 * another.
 *
 * <p>A master whose state is lost has forgotten what it had promised to the others. It waits until so many of them have answered that
 * one of them must have whatever a majority had.
 */
final class Rejoin implements AutoCloseable {
    /** How long those that run are given to answer a master that can start without them. */
    private static final long PEER_WAIT_NS = TimeUnit.SECONDS.toNanos(1);

    /** The same for one that has nothing: the others may have been started together with it, and know better. */
    private static final long FIRST_PEER_WAIT_NS = TimeUnit.SECONDS.toNanos(5);

    /** Who refuses to start stays for so long, so that the others learn the same from it. */
    private static final long FAREWELL_NS = TimeUnit.SECONDS.toNanos(3);

    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long NARRATION_NS = TimeUnit.SECONDS.toNanos(5);

    private final MasterContext ctx;
    private final Aeron aeron;
    private final List<Peer> peers = new ArrayList<>();

    Rejoin(final MasterContext ctx, final String aeronDirectoryName) {
        this.ctx = ctx;
        aeron = Aeron.connect(new Aeron.Context()
                .aeronDirectoryName(aeronDirectoryName)
                .errorHandler(ctx.errorHandler())
                .subscriberErrorHandler(ctx.errorHandler()));
        for (int member = 0; member < ctx.members().size(); member++) {
            if (member != ctx.memberId()) {
                peers.add(Peer.of(ctx, aeron, member));
            }
        }
    }

    /**
     * Asks the others.
     *
     * @param stored what this master has.
     * @return true when a snapshot is to be taken from another; false when it can start from what it has, or from nothing.
     */
    boolean mustFetch(final StoredState stored) {
        final long startNs = System.nanoTime();
        final long waitNs = stored.verdict() == StoredState.Verdict.EMPTY ? FIRST_PEER_WAIT_NS : PEER_WAIT_NS;
        long toldNs = startNs;
        while (known() < enough(stored)) {
            peers.forEach(Peer::poll);
            final long nowNs = System.nanoTime();
            if (!hasForgotten(stored) && nowNs - startNs >= waitNs) {
                tellOfBeginning(stored);
                break;
            }
            if (nowNs - toldNs >= NARRATION_NS) {
                toldNs = nowNs;
                ctx.narrator()
                        .accept("waits for other masters, whose state it needs: " + known() + " of "
                                + peers.size() + " answered, " + enough(stored) + " are needed; they are "
                                + ctx.addresses().others(ctx.memberId()));
            }
            pause();
        }
        return decide(stored);
    }

    private int enough(final StoredState stored) {
        final int quorum = ctx.addresses().quorum();
        return Math.min(hasForgotten(stored) ? quorum : quorum - 1, peers.size());
    }

    /** Whether it may have promised something that it does not know any more: who has nothing where others have a log may, too. */
    private boolean hasForgotten(final StoredState stored) {
        return stored.verdict() == StoredState.Verdict.LOST
                || (stored.verdict() == StoredState.Verdict.EMPTY
                        && peers.stream().anyMatch(peer -> peer.isKnown() && peer.hasLog()));
    }

    private void tellOfBeginning(final StoredState stored) {
        if (stored.verdict() == StoredState.Verdict.EMPTY) {
            ctx.narrator()
                    .accept("has nothing in " + ctx.directory() + ", and " + known() + " of " + peers.size()
                            + " other masters answered: taken for their first start");
        }
    }

    private boolean decide(final StoredState stored) {
        boolean isBehind = false;
        boolean hasLog = false;
        for (final Peer peer : peers) {
            if (peer.isKnown() && peer.hasLog()) {
                hasLog = true;
                isBehind |= peer.logStart() > stored.logEnd();
            }
        }
        switch (stored.verdict()) {
            case LOST -> {
                if (!hasLog) {
                    LockSupport.parkNanos(FAREWELL_NS);
                    throw new DragonException(
                            "What this master has in " + ctx.directory() + " is lost: " + stored.loss()
                                    + ". No other master has anything either: put back a copy of the folder, or remove"
                                    + " it from every master to begin anew.");
                }
            }
            case EMPTY -> {
                if (hasLog) {
                    ctx.narrator().accept("has nothing in " + ctx.directory() + ", and takes what the others have");
                }
            }
            case WHOLE -> {
                if (isBehind) {
                    ctx.narrator()
                            .accept("was away for longer than the log of the others reaches back: its own ends at "
                                    + stored.logEnd() + ". It takes their snapshot");
                }
            }
        }
        return isBehind || (stored.verdict() == StoredState.Verdict.LOST && isAnyPurged());
    }

    private boolean isAnyPurged() {
        return peers.stream().anyMatch(peer -> peer.isKnown() && peer.logStart() > 0);
    }

    private int known() {
        int known = 0;
        for (final Peer peer : peers) {
            known += peer.isKnown() ? 1 : 0;
        }
        return known;
    }

    /** Takes the newest snapshot that another has whole. Only into an archive and a folder without anything of before. */
    void fetch() {
        final List<Peer> sources = new ArrayList<>(peers);
        sources.removeIf(peer -> !peer.isKnown() || !peer.hasLog());
        sources.sort(Comparator.comparingLong(Peer::logEnd).reversed());
        try (AeronArchive archive = AeronArchive.connect(new AeronArchive.Context()
                .aeron(aeron)
                .ownsAeronClient(false)
                .messageTimeoutNs(ctx.timeouts().ns(Timeouts.Key.SNAPSHOT))
                .controlRequestChannel("aeron:ipc")
                .controlRequestStreamId(AeronArchive.Configuration.localControlStreamId())
                .controlResponseChannel("aeron:ipc")
                .controlResponseStreamId(AeronArchive.Configuration.controlResponseStreamId())
                .errorHandler(ctx.errorHandler()))) {
            for (final Peer source : sources) {
                if (fetch(archive, source)) {
                    return;
                }
            }
        }
        throw new DragonException("No other master has a snapshot that this one could start from: take one"
                + " with 'dragon snapshot', then start this one again.");
    }

    private boolean fetch(final AeronArchive archive, final Peer source) {
        int module = 0;
        int service = 0;
        SnapshotFacts ofModule = null;
        SnapshotFacts ofService = null;
        long moduleId = -1;
        long serviceId = -1;
        while (module < source.ofModule().size() && service < source.ofService().size()) {
            if (ofModule == null) {
                moduleId = replicate(archive, source, source.ofModule().get(module), false);
                ofModule = facts(moduleId);
            }
            if (ofService == null) {
                serviceId = replicate(archive, source, source.ofService().get(service), false);
                ofService = facts(serviceId);
            }
            final boolean isModuleGood = ofModule != null && ofModule.fault() == null && ofModule.isOfConsensusModule();
            final boolean isServiceGood = ofService != null && ofService.fault() == null && ofService.isOfService();
            if (isModuleGood && isServiceGood && ofModule.logPosition() == ofService.logPosition()) {
                final long logId = replicate(
                        archive, source, new Peer.Part(source.logRecordingId(), ofModule.logPosition()), true);
                if (logId < 0) {
                    return false;
                }
                enter(logId, moduleId, serviceId, ofModule, ofService.termBaseLogPosition());
                ctx.narrator()
                        .accept("took the snapshot at position " + ofModule.logPosition() + " of the log from master "
                                + source.memberId());
                return true;
            }
            final boolean dropsModule =
                    !isModuleGood || (isServiceGood && ofModule.logPosition() > ofService.logPosition());
            if (dropsModule) {
                module++;
                ofModule = null;
            }
            if (!isServiceGood || (isModuleGood && !dropsModule)) {
                service++;
                ofService = null;
            }
        }
        return false;
    }

    /**
     * Copies a recording of another's archive; answers its number here, or -1 when that cannot be done. Of the log, which grows, what
     * lies before the snapshot.
     */
    private long replicate(
            final AeronArchive archive, final Peer source, final Peer.Part part, final boolean isBounded) {
        final List<Long> before = recordings(archive, -1);
        final long deadlineNs = System.nanoTime() + ctx.timeouts().ns(Timeouts.Key.SNAPSHOT);
        final ReplicationParams params = new ReplicationParams();
        if (isBounded) {
            params.stopPosition(part.length());
        }
        try {
            archive.replicate(part.recordingId(), source.controlStreamId(), source.controlChannel(), params);
            while (System.nanoTime() - deadlineNs < 0) {
                final String error = archive.pollForErrorResponse();
                if (error != null) {
                    return -1;
                }
                for (final long recordingId : recordings(archive, part.length())) {
                    if (!before.contains(recordingId)) {
                        return recordingId;
                    }
                }
                pause();
            }
        } catch (final ArchiveException ex) {
            ctx.errorHandler().onError(ex);
        }
        return -1;
    }

    /** The recordings here that ended at a position; all of them for -1. */
    private static List<Long> recordings(final AeronArchive archive, final long stoppedAt) {
        return RecordingEntry.all(archive).stream()
                .filter(each -> stoppedAt < 0 || each.stopPosition() == stoppedAt)
                .map(RecordingEntry::recordingId)
                .toList();
    }

    private SnapshotFacts facts(final long recordingId) {
        return recordingId < 0
                ? null
                : SnapshotFacts.of(ctx.directory().resolve(MasterPaths.ARCHIVE), ctx.segmentLength(), recordingId);
    }

    /** From here on the consensus module knows the snapshot as its own. */
    private void enter(
            final long logId,
            final long moduleId,
            final long serviceId,
            final SnapshotFacts facts,
            final long termBaseLogPosition) {
        final Path cluster = ctx.directory().resolve(MasterPaths.CLUSTER);
        MasterPaths.make(cluster);
        final long nowMs = SystemEpochClock.INSTANCE.time();
        try (RecordingLog log = new RecordingLog(cluster.toFile(), true)) {
            log.appendTerm(logId, facts.leadershipTermId(), termBaseLogPosition, nowMs);
            log.appendSnapshot(serviceId, facts.leadershipTermId(), termBaseLogPosition, facts.logPosition(), nowMs, 0);
            log.appendSnapshot(
                    moduleId,
                    facts.leadershipTermId(),
                    termBaseLogPosition,
                    facts.logPosition(),
                    nowMs,
                    ConsensusModule.Configuration.SERVICE_ID);
            log.force(2);
        }
    }

    private void pause() {
        if (ctx.stop().getAsBoolean()) {
            throw new DragonException("The master was stopped before it had taken its place.");
        }
        LockSupport.parkNanos(PAUSE_NS);
    }

    @Override
    public void close() {
        CloseHelper.quietCloseAll(peers);
        CloseHelper.quietClose(aeron);
    }
}
