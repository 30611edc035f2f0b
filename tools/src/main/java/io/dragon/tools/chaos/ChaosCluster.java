package io.dragon.tools.chaos;

import io.aeron.CommonContext;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.tools.process.PortClaim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.agrona.IoUtil;

/** The processes of a chaos run, in folders of their own: media driver, masters, workers, cameras. One thread. */
final class ChaosCluster extends LoadedParts {
    /** The name of this host among the nodes. */
    static final String NODE = "chaos";

    private static final int FIRST_PORT = 10_500;
    private static final int LAST_PORT = 11_500;
    private static final long DRIVER_ALIVE_MS = 10_000;
    private static final long START_SECONDS = 150;

    private final ChaosSettings settings;
    private final Path config;
    private final DragonDirectory shared;
    private final PortClaim ports;
    private final Ground ground;
    private final Part driver;
    private final Part gpuServer;
    private final List<Part> masters = new ArrayList<>();

    ChaosCluster(final ChaosSettings settings, final Collection<Fault.Kind> kinds, final SystemAccess access) {
        super(access);
        this.settings = settings;
        final long pid = ProcessHandle.current().pid();
        final Path memory = DragonDirectory.byDefault().path();
        shared = DragonDirectory.of(memory.resolveSibling(memory.getFileName() + "-chaos-" + pid));
        ports = PortClaim.claim(FIRST_PORT, LAST_PORT, settings.masters());
        final Map<String, String> environment;
        try {
            final Path state = parts.state();
            config = state.resolve("dragon.yaml");
            final List<Path> folders = new ArrayList<>();
            for (int i = 0; i < settings.masters(); i++) {
                folders.add(parts.masters().resolve("member-" + i));
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
                    Parts.WORKER_HEAP);
        } catch (final IOException ex) {
            throw unwritable(ex);
        }
        driver = parts.add(List.of(), "media-driver", environment, "128m", List.of("media-driver"));
        for (int i = 0; i < settings.masters(); i++) {
            masters.add(parts.add(
                    ground.prefix(i),
                    "master-" + i,
                    environment,
                    "256m",
                    List.of("master", "--member", Integer.toString(i))));
        }
        gpuServer = parts.add(
                List.of(),
                "gpu-server",
                environment,
                "128m",
                List.of(
                        "gpu-server",
                        "--config",
                        parts.state().resolve("gpu_server.yaml").toString()));
        parts.addCameras(List.of(), "publisher-", environment, settings, FrameLoad.FRAME_LENGTH);
    }

    private String configuration() {
        return "dragon:\n  dir: \"" + shared.path() + "\"\nmasters:\n  directory: \"" + parts.masters()
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
        parts.await("the media driver", () -> {
            parts.checkAlive();
            return isDriverActive();
        });
        connect(config, START_SECONDS);
    }

    @Override
    boolean isWhole() {
        for (final SystemAccess.Master master : access.masters(config)) {
            if (!master.isInPlace()) {
                return false;
            }
        }
        if (!parts.isRunning()) {
            return false;
        }
        try {
            int alive = 0;
            for (final ClusterStatus.Worker worker : client().status().workers()) {
                alive += isRunning(worker) ? 1 : 0;
            }
            return alive == settings.workers();
        } catch (final DragonException noAnswer) {
            return false;
        }
    }

    private boolean isDriverActive() {
        return CommonContext.isDriverActive(shared.aeron().toFile(), DRIVER_ALIVE_MS, text -> {});
    }

    List<Part> parts() {
        return parts.all();
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
        return parts.publishers();
    }

    /** Every master as its counters show it. */
    List<SystemAccess.Master> masters() {
        return access.masters(config);
    }

    @Override
    public void close() {
        parts.end(client());
        ground.close();
        IoUtil.delete(shared.path().toFile(), true);
        ports.close();
        parts.close();
    }
}
