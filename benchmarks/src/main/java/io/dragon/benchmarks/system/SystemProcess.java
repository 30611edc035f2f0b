package io.dragon.benchmarks.system;

import io.aeron.archive.Archive;
import io.aeron.archive.ArchiveThreadingMode;
import io.aeron.archive.client.AeronArchive;
import io.aeron.cluster.ConsensusModule;
import io.aeron.cluster.client.AeronCluster;
import io.aeron.cluster.service.ClusteredServiceContainer;
import io.dragon.engine.cluster.MasterContext;
import io.dragon.engine.cluster.MasterNode;
import io.dragon.engine.cluster.MediaDriverNode;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.RunProfile;
import io.dragon.engine.config.Timeouts;
import io.dragon.worker.NoopHandler;
import io.dragon.worker.TaskHandler;
import io.dragon.worker.WorkerContext;
import io.dragon.worker.WorkerNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;

/** A process of a system under measurement. It ends with its standard input. */
public final class SystemProcess {
    static final String HOLD = "hold";
    static final RunProfile PROFILE = RunProfile.THROUGHPUT;
    static final String HOST = "bench";

    private static final String TERM = "term-length=256k";
    private static final String LOG_TERM = "aeron:udp?term-length=16m";
    private static final int SEGMENT_LENGTH = 16 << 20;
    private static final int PORTS = 5;
    private static final long KEEP_ALIVE_NS = 1_000_000_000;
    private static final Duration READY = Duration.ofSeconds(60);

    private SystemProcess() {}

    /**
     * The process.
     *
     * @param args a role, the system's folder, and what the role wants
     * @throws Exception when it cannot start
     */
    public static void main(final String[] args) throws Exception {
        final Path folder = Path.of(args[1]);
        switch (args[0]) {
            case "driver" -> driver(folder);
            case "master" -> master(folder);
            case "worker" -> worker(folder, args[2], Long.parseLong(args[3]));
            case "cluster" -> cluster(folder);
            case "answerer" -> answerer(folder);
            default -> throw new IllegalArgumentException("there is no role " + args[0]);
        }
    }

    static Path aeron(final Path folder) {
        return folder.resolve("aeron");
    }

    static Timeouts timeouts() {
        return Timeouts.throughput();
    }

    private static void untilInputEnds(final String ready) throws IOException {
        System.out.println(ready);
        while (System.in.read() >= 0) {
            continue;
        }
    }

    private static void driver(final Path folder) throws IOException {
        try (MediaDriverNode driver = MediaDriverNode.launch(new MediaDriverNode.Context()
                .directory(aeron(folder))
                .runProfile(PROFILE)
                .timeouts(timeouts()))) {
            untilInputEnds("ready " + driver.aeronDirectoryName());
        }
    }

    private static void master(final Path folder) throws IOException {
        try (MasterNode master = MasterNode.launch(new MasterContext()
                .directory(folder.resolve("member"))
                .dragonDirectory(folder)
                .aeronDirectoryName(aeron(folder).toString())
                .host(HOST)
                .basePort(FreePorts.block(PORTS))
                .timeouts(timeouts())
                .runProfile(PROFILE)
                .deleteOnStart(true))) {
            while (!master.isReady()) {
                LockSupport.parkNanos(1_000_000);
            }
            untilInputEnds("ready");
        }
    }

    /** Holds each task for so long without computing; with 0 it does nothing. */
    private static void worker(final Path folder, final String name, final long holdNs) throws IOException {
        final WorkerContext context = new WorkerContext()
                .directory(DragonDirectory.of(folder))
                .aeronDirectoryName(aeron(folder).toString())
                .host(HOST)
                .name(name)
                .loadHandlers(false)
                .timeouts(timeouts())
                .runProfile(holdNs == 0 ? PROFILE : RunProfile.DEV)
                .handler(
                        holdNs == 0
                                ? new NoopHandler()
                                : TaskHandler.of(HOLD, task -> {
                                    final long endNs = System.nanoTime() + holdNs;
                                    while (System.nanoTime() - endNs < 0) {
                                        LockSupport.parkNanos(endNs - System.nanoTime());
                                    }
                                }));
        try (WorkerNode worker = WorkerNode.launch(context)) {
            if (!worker.awaitReady(READY)) {
                throw new IllegalStateException("worker " + name + ": " + worker.state());
            }
            untilInputEnds("ready");
        }
    }

    private static void cluster(final Path folder) throws IOException {
        final int port = FreePorts.block(PORTS);
        final StringBuilder members = new StringBuilder("0");
        for (int i = 0; i < PORTS; i++) {
            members.append(",localhost:").append(port + i);
        }
        final AeronArchive.Context local =
                new AeronArchive.Context().controlRequestChannel("aeron:ipc").controlResponseChannel("aeron:ipc");
        try (Archive archive = Archive.launch(new Archive.Context()
                        .aeronDirectoryName(aeron(folder).toString())
                        .archiveDir(folder.resolve("archive").toFile())
                        .controlChannelEnabled(false)
                        .archiveClientContext(
                                new AeronArchive.Context().controlResponseChannel("aeron:udp?endpoint=localhost:0"))
                        .replicationChannel("aeron:udp?endpoint=localhost:0")
                        .recordingEventsEnabled(false)
                        .segmentFileLength(SEGMENT_LENGTH)
                        .threadingMode(ArchiveThreadingMode.SHARED)
                        .idleStrategySupplier(PROFILE::idleStrategy));
                ConsensusModule module = ConsensusModule.launch(new ConsensusModule.Context()
                        .aeronDirectoryName(aeron(folder).toString())
                        .clusterDir(folder.resolve("cluster").toFile())
                        .clusterMemberId(0)
                        .clusterMembers(members.toString())
                        .ingressChannel("aeron:udp?" + TERM)
                        .isIpcIngressAllowed(true)
                        .logChannel(LOG_TERM)
                        .replicationChannel("aeron:udp?endpoint=localhost:0")
                        .idleStrategySupplier(PROFILE::idleStrategy)
                        .archiveContext(local.clone()));
                ClusteredServiceContainer container =
                        ClusteredServiceContainer.launch(new ClusteredServiceContainer.Context()
                                .aeronDirectoryName(aeron(folder).toString())
                                .clusterDir(folder.resolve("cluster").toFile())
                                .clusteredService(new ForwardService())
                                .idleStrategySupplier(PROFILE::idleStrategy)
                                .archiveContext(local.clone()))) {
            untilInputEnds("ready " + archive.context().archiveId()
                    + module.context().clusterMemberId() + container.context().serviceId());
        }
    }

    /** Of a process of the bare cluster; its own stream of answers, as ours has. */
    static AeronCluster.Context session(final Path folder, final int egressStreamId) {
        return new AeronCluster.Context()
                .aeronDirectoryName(aeron(folder).toString())
                .ingressChannel("aeron:ipc?" + TERM)
                .egressChannel("aeron:ipc?" + TERM)
                .egressStreamId(egressStreamId)
                .idleStrategy(PROFILE.idleStrategy());
    }

    private static void answerer(final Path folder) throws Exception {
        final UnsafeBuffer message = new UnsafeBuffer(new byte[Payload.LENGTH]);
        final IdleStrategy idle = PROFILE.idleStrategy();
        final AeronCluster[] own = new AeronCluster[1];
        final Thread input = new Thread(() -> {
            try {
                untilInputEnds("ready");
            } catch (final IOException e) {
                return; // an end, too
            }
        });
        try (AeronCluster cluster = AeronCluster.connect(
                session(folder, 2_002).egressListener((sessionId, timestamp, buffer, offset, length, header) -> {
                    message.putBytes(0, buffer, offset, length);
                    message.putLong(Payload.RECEIVED, System.nanoTime());
                    message.putByte(0, (byte) Payload.ANSWER);
                    send(own[0], message, length, idle);
                }))) {
            own[0] = cluster;
            message.putByte(0, (byte) Payload.ANSWERER);
            send(cluster, message, Payload.LENGTH, idle);
            input.start();
            long keptNs = System.nanoTime();
            while (input.isAlive()) {
                idle.idle(cluster.pollEgress());
                if (System.nanoTime() - keptNs >= KEEP_ALIVE_NS) {
                    cluster.sendKeepAlive();
                    keptNs = System.nanoTime();
                }
            }
        }
    }

    static void send(
            final AeronCluster cluster, final UnsafeBuffer message, final int length, final IdleStrategy idle) {
        while (cluster.offer(message, 0, length) < 0) {
            idle.idle();
        }
    }
}
