package io.dragon.tools.chaos;

import io.aeron.CommonContext;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.tools.process.ChildProcess;
import io.dragon.tools.process.DeadSystems;
import io.dragon.tools.process.PortClaim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.agrona.IoUtil;

/** The processes of a chaos run, in folders of their own: media driver, masters, workers, cameras. One thread. */
final class ChaosCluster implements Loaded, AutoCloseable {
    /** The name of this host among the nodes. */
    static final String NODE = "chaos";

    private static final String WORKER_HEAP = "-Xmx128m -XX:+UseSerialGC";
    private static final int FIRST_PORT = 10_500;
    private static final int LAST_PORT = 11_500;
    private static final long DRIVER_ALIVE_MS = 10_000;
    private static final long START_SECONDS = 150;
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final ChaosSettings settings;
    private final SystemAccess access;
    private final Path state;
    private final Path config;
    private final DragonDirectory shared;
    private final LivenessLock stateLock;
    private final PortClaim ports;
    private final Ground ground;
    private final Part driver;
    private final Part gpuServer;
    private final List<Part> masters = new ArrayList<>();
    private final List<Part> publishers = new ArrayList<>();
    private boolean keepsState;
    private DragonClient client;

    ChaosCluster(final ChaosSettings settings, final Collection<Fault.Kind> kinds, final SystemAccess access) {
        this.settings = settings;
        this.access = access;
        final long pid = ProcessHandle.current().pid();
        final Path memory = DragonDirectory.byDefault().path();
        shared = DragonDirectory.of(memory.resolveSibling(memory.getFileName() + "-chaos-" + pid));
        ports = PortClaim.claim(FIRST_PORT, LAST_PORT, settings.masters());
        final Map<String, String> environment;
        try {
            state = Files.createTempDirectory(DeadSystems.CHAOS_PREFIX + pid + '-');
            stateLock = LivenessLock.acquire(state.resolve(DeadSystems.LOCK));
            config = state.resolve("dragon.yaml");
            final List<Path> folders = new ArrayList<>();
            for (int i = 0; i < settings.masters(); i++) {
                folders.add(state.resolve("masters").resolve("member-" + i));
            }
            ground = Ground.prepare(kinds, shared.path(), folders);
            Files.writeString(config, configuration());
            Files.writeString(
                    state.resolve("gpu_server.yaml"),
                    configuration() + "server:\n  port: " + (ports.first() + 1)
                            + "\ngpu:\n  device_ids: []\nworkers:\n  cpu: " + settings.workers()
                            + "\n  short_life: 0s\n");
            final Path handlers = ProbeHandler.writeProvider(state.resolve("handlers"));
            environment = Map.of(
                    "DRAGON_CONF",
                    config.toString(),
                    "DRAGON_HANDLERS",
                    handlers.toString(),
                    "DRAGON_HEAP_OPTS",
                    WORKER_HEAP);
        } catch (final IOException ex) {
            throw new DragonException("Cannot write to the folder for temporary files: " + ex.getMessage() + '.');
        }
        driver = new Part(List.of(), "media-driver", state, environment, "128m", List.of("media-driver"));
        for (int i = 0; i < settings.masters(); i++) {
            masters.add(new Part(
                    ground.prefix(i),
                    "master-" + i,
                    state,
                    environment,
                    "256m",
                    List.of("master", "--member", Integer.toString(i))));
        }
        gpuServer = new Part(
                List.of(),
                "gpu-server",
                state,
                environment,
                "128m",
                List.of(
                        "gpu-server",
                        "--config",
                        state.resolve("gpu_server.yaml").toString()));
        for (int i = 0; i < settings.publishers(); i++) {
            publishers.add(new Part(
                    List.of(),
                    "publisher-" + (i + 1),
                    state,
                    environment,
                    "128m",
                    List.of(
                            "chaos-cameras",
                            "--first=" + i * ChaosSettings.CAMERAS_PER_PUBLISHER,
                            "--count=" + ChaosSettings.CAMERAS_PER_PUBLISHER,
                            "--fps=" + settings.fps(),
                            "--length=" + FrameLoad.FRAME_LENGTH)));
        }
    }

    private String configuration() {
        return "dragon:\n  dir: \"" + shared.path() + "\"\nmasters:\n  directory: \"" + state.resolve("masters")
                + "\"\n  base_port: " + ports.first() + "\n  members: ["
                + IntStream.range(0, settings.masters()).mapToObj(ground::host).collect(Collectors.joining(", "))
                + "]\nnode:\n  name: " + NODE + "\ntimeouts:\n  profile: " + settings.profile() + "\n";
    }

    /** Starts everything but the cameras; returns once work can be done. */
    void start() {
        shared.create();
        driver.start();
        masters.forEach(Part::start);
        gpuServer.start();
        await("the media driver", () -> {
            checkAlive();
            return isDriverActive();
        });
        client = DragonClient.connect(
                access.client(config).name("chaos").connectTimeout(Duration.ofSeconds(START_SECONDS)));
        await("masters and workers", () -> {
            checkAlive();
            return isWhole();
        });
    }

    @Override
    public int[] startCameras() {
        publishers.forEach(Part::start);
        final List<Integer> ids = new ArrayList<>();
        for (final Part publisher : publishers) {
            for (final String id : publisher
                    .process()
                    .awaitLine("cameras", START_SECONDS, TimeUnit.SECONDS)
                    .split(" ")) {
                ids.add(Integer.parseInt(id));
            }
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public void runCameras(final long startMs) {
        publishers.stream().map(Part::process).forEach(each -> each.tell("run " + startMs));
    }

    @Override
    public void pauseCameras() {
        for (final Part publisher : publishers) {
            final ChildProcess process = publisher.process();
            process.tell("pause");
            process.awaitLine("paused", START_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Whether every process does its work, as the system itself says. */
    boolean isWhole() {
        for (final SystemAccess.Master master : access.masters(config)) {
            if (!master.isInPlace()) {
                return false;
            }
        }
        for (final Part part : parts()) {
            if (part.startedNs() != 0 && !part.isRunning()) {
                return false;
            }
        }
        try {
            int alive = 0;
            for (final ClusterStatus.Worker worker : client.status().workers()) {
                alive += isRunning(worker) ? 1 : 0;
            }
            return alive == settings.workers();
        } catch (final DragonException noAnswer) {
            return false;
        }
    }

    @Override
    public String mend() {
        for (final Part part : parts()) {
            if (part.mend()) {
                return part.name();
            }
        }
        return null;
    }

    /** Waits until the system is whole. */
    void awaitWhole() {
        await("every process in its place", () -> {
            mend();
            return isWhole();
        });
    }

    private void await(final String what, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!condition.getAsBoolean()) {
            if (access.isStopRequested()) {
                throw new DragonException("The run was stopped.");
            }
            if (System.nanoTime() - deadlineNs > 0) {
                throw new DragonException(
                        DragonException.FAILED, "Not there within " + START_SECONDS + " s: " + what + '.');
            }
            LockSupport.parkNanos(LOOK_NS);
        }
    }

    /** A part that ends while the cluster starts is no fault of ours, and ends the run with its last words. */
    private void checkAlive() {
        parts().stream().map(Part::process).filter(Objects::nonNull).forEach(ChildProcess::checkAlive);
    }

    private boolean isDriverActive() {
        return CommonContext.isDriverActive(shared.aeron().toFile(), DRIVER_ALIVE_MS, text -> {});
    }

    List<Part> parts() {
        final List<Part> parts = new ArrayList<>();
        parts.add(driver);
        parts.addAll(masters);
        parts.add(gpuServer);
        parts.addAll(publishers);
        return parts;
    }

    /** Whether a worker is alive, and not only not yet missed. */
    static boolean isRunning(final ClusterStatus.Worker worker) {
        return worker.state() == WorkerState.ALIVE
                && ProcessHandle.of(worker.processId()).isPresent();
    }

    Part gpuServer() {
        return gpuServer;
    }

    Ground ground() {
        return ground;
    }

    Part driver() {
        return driver;
    }

    Part master(final int member) {
        return masters.get(member);
    }

    List<Part> publishers() {
        return publishers;
    }

    /** Every master as its counters show it. */
    List<SystemAccess.Master> masters() {
        return access.masters(config);
    }

    @Override
    public DragonClient client() {
        return client;
    }

    Path state() {
        return state;
    }

    /** Leaves the logs where they are. */
    void keepState() {
        keepsState = true;
    }

    @Override
    public void close() {
        final List<Part> parts = parts();
        publishers.forEach(Part::terminate);
        if (client != null) {
            client.close();
        }
        parts.forEach(Part::terminate);
        for (int i = parts.size() - 1; i >= 0; i--) {
            parts.get(i).close();
        }
        ground.close();
        IoUtil.delete(shared.path().toFile(), true);
        ports.close();
        stateLock.close();
        IoUtil.delete((keepsState ? state.resolve("masters") : state).toFile(), true);
    }
}
