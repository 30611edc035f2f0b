package io.dragon.engine.cluster;

import static io.dragon.engine.config.Timeouts.Key.CLIENT_LIVENESS;
import static io.dragon.engine.config.Timeouts.Key.CLUSTER_SESSION;
import static io.dragon.engine.config.Timeouts.Key.ELECTION_STATUS_INTERVAL;
import static io.dragon.engine.config.Timeouts.Key.ELECTION_TIMEOUT;
import static io.dragon.engine.config.Timeouts.Key.LEADER_HEARTBEAT_INTERVAL;
import static io.dragon.engine.config.Timeouts.Key.LEADER_HEARTBEAT_TIMEOUT;
import static io.dragon.engine.config.Timeouts.Key.PUBLICATION_UNBLOCK;
import static io.dragon.engine.config.Timeouts.Key.RESTART_RETRY;
import static io.dragon.engine.config.Timeouts.Key.STARTUP_CANVASS;
import static io.dragon.engine.config.Timeouts.Key.TERMINATION;

import io.aeron.archive.Archive;
import io.aeron.archive.ArchiveThreadingMode;
import io.aeron.archive.checksum.Checksums;
import io.aeron.archive.client.AeronArchive;
import io.aeron.cluster.ConsensusModule;
import io.aeron.cluster.codecs.AdminRequestDecoder;
import io.aeron.cluster.codecs.AdminRequestType;
import io.aeron.cluster.codecs.MessageHeaderDecoder;
import io.aeron.cluster.service.ClusteredServiceContainer;
import io.aeron.exceptions.ConfigurationException;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.RunProfile;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.sequencer.Sequencer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.agrona.CloseHelper;
import org.agrona.ErrorHandler;
import org.agrona.SemanticVersion;
import org.agrona.concurrent.SystemNanoClock;
import org.agrona.concurrent.status.AtomicCounter;

/** The parts of a master that are Aeron's, started and stopped in the order that loses nothing. */
final class MasterMember implements AutoCloseable {
    /** Ingress of one process: a window of commands of several parties. */
    private static final String INGRESS_CHANNEL = "aeron:udp?term-length=256k";

    /** How many processes may talk to the cluster at a time. */
    private static final int MAX_SESSIONS = 1_024;

    private static final long RETRY_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(250);

    /** What the last messages of a member need to reach the others while its driver still runs. */
    private static final long FAREWELL_NS = TimeUnit.SECONDS.toNanos(1);

    /** Nobody but one of several members uses its driver. They are stopped together and wake together: no silence proves a death. */
    private static final long OWN_LIVENESS_NS = TimeUnit.SECONDS.toNanos(60);

    private final MasterContext ctx;
    private final SequencerService service;
    private final AtomicBoolean isClosing = new AtomicBoolean();
    private final AtomicBoolean isTerminated = new AtomicBoolean();
    private volatile boolean isLeftBehind;
    private MediaDriverNode driver;
    private Archive archive;
    private ConsensusModule consensusModule;
    private ClusteredServiceContainer container;
    private MemberCounters counters;

    private MasterMember(final MasterContext ctx) {
        this.ctx = ctx;
        service = new SequencerService(ctx.sequencerConfig(), SystemNanoClock.INSTANCE);
    }

    /** Starts a member; what a killed one left in the host's media driver is waited for. */
    static MasterMember launch(final MasterContext ctx) {
        if (ctx.aeronDirectoryName() == null) {
            MasterPaths.checkPorts(
                    ctx.members().get(ctx.memberId()), ctx.port(MasterAddresses.INGRESS), MasterAddresses.PORTS);
        }
        final long startNs = System.nanoTime();
        final long deadlineNs = startNs + ctx.timeouts().ns(RESTART_RETRY);
        while (true) {
            final MasterMember member = new MasterMember(ctx);
            try {
                if (!ctx.deleteOnStart()) {
                    MasterPaths.clearMarks(ctx.directory());
                }
                member.start();
                return member;
            } catch (final DragonException ex) {
                member.abandon();
                throw ex;
            } catch (final RuntimeException ex) {
                member.abandon();
                if (ex instanceof ConfigurationException || System.nanoTime() - deadlineNs >= 0) {
                    throw new DragonException(
                            DragonException.FAILED,
                            "The master cannot start on " + ctx.directory() + " (tried for "
                                    + (System.nanoTime() - startNs) / 1_000_000_000 + " s): " + ex.getMessage(),
                            ex);
                }
                ctx.errorHandler().onError(ex);
                LockSupport.parkNanos(RETRY_INTERVAL_NS);
            }
        }
    }

    ConsensusModule consensusModule() {
        return consensusModule;
    }

    MemberCounters counters() {
        return counters;
    }

    boolean isRunning() {
        return !isClosing.get() && !isTerminated.get();
    }

    /** Whether it takes no part any more, in order or by an error. */
    boolean hasEnded() {
        return !isRunning() || counters.election() == null;
    }

    boolean isReady() {
        return isRunning() && counters.isElectionOver();
    }

    String aeronDirectoryName() {
        return driver == null ? ctx.aeronDirectoryName() : driver.aeronDirectoryName();
    }

    long stateHash() {
        return service.stateHash();
    }

    private void start() {
        if (ctx.aeronDirectoryName() == null) {
            driver = MediaDriverNode.launch(new MediaDriverNode.Context()
                    .directory(ctx.mediaDriverDirectory())
                    .runProfile(ctx.runProfile())
                    .timeouts(driverTimeouts())
                    .errorHandler(ctx.errorHandler()));
        }
        final StoredState stored =
                ctx.deleteOnStart() ? null : StoredState.of(ctx.directory(), ctx.segmentLength(), ctx.narrator());
        if (stored != null && stored.verdict() == StoredState.Verdict.LOST) {
            onLost(stored);
        }
        archive = Archive.launch(archiveContext());
        if (stored != null && ctx.members().size() > 1) {
            rejoin(stored);
        }
        consensusModule = ConsensusModule.launch(consensusModuleContext());
        container = ClusteredServiceContainer.launch(containerContext());
        counters = new MemberCounters(consensusModule);
        MasterPaths.takeRoom(ctx.directory());
    }

    private Timeouts driverTimeouts() {
        return ctx.members().size() == 1
                ? ctx.timeouts()
                : ctx.timeouts().with(CLIENT_LIVENESS, OWN_LIVENESS_NS).with(PUBLICATION_UNBLOCK, 2 * OWN_LIVENESS_NS);
    }

    private void onLost(final StoredState stored) {
        if (ctx.members().size() == 1) {
            throw new DragonException("What the master has in " + ctx.directory() + " is lost: " + stored.loss()
                    + ". There is no other master that has it: put back a copy of the folder, or remove it to begin"
                    + " anew.");
        }
        ctx.narrator()
                .accept("What this master has in " + ctx.directory() + " is lost: " + stored.loss()
                        + ". It takes what the others have.");
        StoredState.setAside(ctx.directory());
    }

    private void rejoin(final StoredState stored) {
        try (Rejoin rejoin = new Rejoin(ctx, aeronDirectoryName())) {
            final boolean mustFetch = rejoin.mustFetch(stored);
            if (mustFetch) {
                if (stored.verdict() == StoredState.Verdict.WHOLE) {
                    archive.close();
                    StoredState.wipe(ctx.directory());
                    archive = Archive.launch(archiveContext());
                }
                rejoin.fetch();
            }
            StoredState.forgetLost(ctx.directory());
        }
    }

    private Archive.Context archiveContext() {
        final boolean isShared = ctx.runProfile() != RunProfile.LOW_LATENCY;
        final String host = ctx.members().get(ctx.memberId());
        final Archive.Context archive = new Archive.Context();
        return archive.countedErrorHandler(
                        strangerErrors(error -> archive.errorHandler().onError(error), archive::errorCounter))
                .aeronDirectoryName(aeronDirectoryName())
                .archiveDir(ctx.directory().resolve(MasterPaths.ARCHIVE).toFile())
                .deleteArchiveOnStart(ctx.deleteOnStart())
                .controlChannelEnabled(ctx.members().size() > 1)
                .controlChannel("aeron:udp?endpoint=" + host + ":" + ctx.port(MasterAddresses.ARCHIVE))
                .archiveClientContext(
                        new AeronArchive.Context().controlResponseChannel("aeron:udp?endpoint=" + host + ":0"))
                .replicationChannel("aeron:udp?endpoint=" + host + ":0")
                .recordingEventsEnabled(false)
                .threadingMode(isShared ? ArchiveThreadingMode.SHARED : ArchiveThreadingMode.DEDICATED)
                .idleStrategySupplier(ctx.runProfile()::serverIdleStrategy)
                .segmentFileLength(ctx.segmentLength())
                .recordChecksum(Checksums.crc32c())
                .replayChecksum(Checksums.crc32c())
                .fileSyncLevel(ctx.fileSyncLevel())
                .catalogFileSyncLevel(ctx.fileSyncLevel())
                .errorHandler(ctx.errorHandler());
    }

    private ConsensusModule.Context consensusModuleContext() {
        final Timeouts timeouts = ctx.timeouts();
        final String host = ctx.members().get(ctx.memberId());
        final ConsensusModule.Context module = new ConsensusModule.Context();
        return module.countedErrorHandler(
                        strangerErrors(error -> module.errorHandler().onError(error), module::errorCounter))
                .aeronDirectoryName(aeronDirectoryName())
                .clusterDir(ctx.directory().resolve(MasterPaths.CLUSTER).toFile())
                .deleteDirOnStart(ctx.deleteOnStart())
                .clusterMemberId(ctx.memberId())
                .clusterMembers(ctx.addresses().clusterMembers())
                .appVersion(appVersion())
                .ingressChannel(INGRESS_CHANNEL + ctx.ingressEndpoint())
                .isIpcIngressAllowed(true)
                .logChannel("aeron:udp?term-length=" + ctx.logTermLength())
                .replicationChannel("aeron:udp?endpoint=" + host + ":0")
                .authorisationServiceSupplier(() -> MasterMember::isAllowed)
                .maxConcurrentSessions(MAX_SESSIONS)
                .fileSyncLevel(ctx.fileSyncLevel())
                .sessionTimeoutNs(timeouts.ns(CLUSTER_SESSION))
                .leaderHeartbeatTimeoutNs(timeouts.ns(LEADER_HEARTBEAT_TIMEOUT))
                .leaderHeartbeatIntervalNs(timeouts.ns(LEADER_HEARTBEAT_INTERVAL))
                .electionTimeoutNs(timeouts.ns(ELECTION_TIMEOUT))
                .electionStatusIntervalNs(timeouts.ns(ELECTION_STATUS_INTERVAL))
                .startupCanvassTimeoutNs(timeouts.ns(STARTUP_CANVASS))
                .terminationTimeoutNs(timeouts.ns(TERMINATION))
                .idleStrategySupplier(ctx.runProfile()::serverIdleStrategy)
                .archiveContext(localArchive())
                .terminationHook(this::onTermination)
                .errorHandler(ctx.errorHandler());
    }

    /** The handler and the counter of Aeron's own, which it makes when it starts. */
    private StrangerErrors strangerErrors(final ErrorHandler others, final Supplier<AtomicCounter> counter) {
        return new StrangerErrors(others, counter, ctx.errorHandler(), SystemNanoClock.INSTANCE);
    }

    private ClusteredServiceContainer.Context containerContext() {
        return new ClusteredServiceContainer.Context()
                .aeronDirectoryName(aeronDirectoryName())
                .clusterDir(ctx.directory().resolve(MasterPaths.CLUSTER).toFile())
                .clusteredService(ctx.service() == null ? service : ctx.service())
                .appVersion(appVersion())
                .idleStrategySupplier(ctx.runProfile()::serverIdleStrategy)
                .archiveContext(localArchive())
                .terminationHook(this::onTermination)
                .errorHandler(ctx.errorHandler());
    }

    /** Members of other versions are refused by Aeron, which compares the major number alone. */
    private static int appVersion() {
        return SemanticVersion.compose(Sequencer.APP_VERSION, 0, 0);
    }

    /** Of what Aeron lets a session ask beyond messages, a snapshot, and nothing else. */
    private static boolean isAllowed(
            final int protocolId, final int actionId, final Object type, final byte[] encodedPrincipal) {
        return protocolId == MessageHeaderDecoder.SCHEMA_ID
                && actionId == AdminRequestDecoder.TEMPLATE_ID
                && type == AdminRequestType.SNAPSHOT;
    }

    private static AeronArchive.Context localArchive() {
        return new AeronArchive.Context().controlRequestChannel("aeron:ipc").controlResponseChannel("aeron:ipc");
    }

    /** The host's media driver is gone, and with it every stream of this member: it ends as if Aeron had said so. */
    void onDriverLost() {
        onTermination();
    }

    /** It can only go on from another's state, which it takes when it starts. */
    void onLeftBehind() {
        isLeftBehind = true;
        isTerminated.set(true);
    }

    boolean isLeftBehind() {
        return isLeftBehind;
    }

    private void onTermination() {
        if (!isClosing.get() && isTerminated.compareAndSet(false, true)) {
            ctx.terminationHook().run();
        }
    }

    private void abandon() {
        isClosing.set(true);
        CloseHelper.quietCloseAll(consensusModule, container, archive, driver);
    }

    @Override
    public void close() {
        isClosing.set(true);
        CloseHelper.closeAll(ctx.errorHandler(), consensusModule, container);
        if (ctx.members().size() > 1) {
            LockSupport.parkNanos(FAREWELL_NS);
        }
        CloseHelper.closeAll(ctx.errorHandler(), archive, driver);
    }
}
