package io.dragon.tools.chaos;

import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.tools.process.ChildProcess;
import io.dragon.tools.process.DeadSystems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.agrona.IoUtil;

/**
 * The processes of a run over several hosts. The cameras and this run's own client are on host a, which has no workers; the masters are on the
 * last host, of two on a; every host but a has workers. Only the host of the masters is told where they are. One thread.
 */
final class HostCluster implements Loaded, AutoCloseable {
    /** The host of the cameras, in which this run is. */
    static final char CAMERAS = 'a';

    /** Bytes of a camera's frame: some hundred packets. */
    static final int FRAME_LENGTH = 1 << 17;

    private static final String WORKER_HEAP = "-Xmx128m -XX:+UseSerialGC";
    private static final long START_SECONDS = 120;
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final ChaosSettings settings;
    private final SystemAccess access;
    private final HostNetwork network;
    private final int networks;
    private final Path state;
    private final LivenessLock stateLock;
    private final Map<Character, List<Part>> hosts = new TreeMap<>();
    private final String keys;
    private final List<Part> publishers = new ArrayList<>();
    private boolean keepsState;
    private DragonClient client;

    /**
     * @param settings how large.
     * @param keys     more lines for every host's configuration.
     * @param network  that it stands on.
     * @param access   the commands around it.
     */
    HostCluster(final ChaosSettings settings, final String keys, final HostNetwork network, final SystemAccess access) {
        this.settings = settings;
        this.keys = keys;
        this.network = network;
        networks = network.count();
        this.access = access;
        try {
            state = Files.createTempDirectory(
                    DeadSystems.CHAOS_PREFIX + ProcessHandle.current().pid() + '-');
            stateLock = LivenessLock.acquire(state.resolve(DeadSystems.LOCK));
            Files.writeString(
                    secret(), Long.toHexString(new SecureRandom().nextLong()).repeat(4) + "\n");
            Files.setPosixFilePermissions(secret(), PosixFilePermissions.fromString("rw-------"));
            for (char host = CAMERAS; host <= last(); host++) {
                prepare(host);
            }
        } catch (final IOException ex) {
            throw new DragonException("Cannot write to the folder for temporary files: " + ex.getMessage() + '.');
        }
    }

    /** The last host. */
    char last() {
        return (char) (CAMERAS + settings.hosts() - 1);
    }

    /** The host of the masters: of two, that of the cameras, so that assignments go from one to the other. */
    private char mastersOn() {
        return settings.hosts() == 2 ? CAMERAS : last();
    }

    private Path secret() {
        return state.resolve("secret");
    }

    /** While it is there, chunks of frames come damaged to the other hosts. */
    Path flips() {
        return state.resolve("flip");
    }

    private int workers(final char host) {
        return host == CAMERAS ? 0 : settings.workers();
    }

    private void prepare(final char host) throws IOException {
        final Path folder = Files.createDirectories(state.resolve(HostNetwork.name(host)));
        final Path config = folder.resolve("dragon.yaml");
        Files.writeString(config, configuration(host));
        Files.writeString(folder.resolve("gpu_server.yaml"), serverConfiguration(host));
        final Path handlers = ProbeHandler.writeProvider(folder.resolve("handlers"));
        final Map<String, String> environment = new HashMap<>(network.environment());
        environment.put("DRAGON_CONF", config.toString());
        environment.put("DRAGON_HANDLERS", handlers.toString());
        environment.put("DRAGON_HEAP_OPTS", WORKER_HEAP);
        environment.put(FlippedBits.VARIABLE, flips().toString());
        final List<Part> parts = new ArrayList<>();
        if (host != mastersOn() || settings.masters() > 1) { // a single master brings its own
            parts.add(part(host, "media-driver", environment, "128m", List.of("media-driver")));
        }
        for (int i = 0; i < settings.masters() && host == mastersOn(); i++) {
            parts.add(
                    part(host, "master-" + i, environment, "256m", List.of("master", "--member", Integer.toString(i))));
        }
        parts.add(part(
                host,
                "gpu-server",
                environment,
                "192m",
                List.of(
                        "gpu-server",
                        "--config",
                        folder.resolve("gpu_server.yaml").toString())));
        for (int i = 0; i < settings.publishers() && host == CAMERAS; i++) {
            publishers.add(part(
                    host,
                    "publisher-" + (i + 1),
                    environment,
                    "128m",
                    List.of(
                            "chaos-cameras",
                            "--first=" + i * ChaosSettings.CAMERAS_PER_PUBLISHER,
                            "--count=" + ChaosSettings.CAMERAS_PER_PUBLISHER,
                            "--fps=" + settings.fps(),
                            "--length=" + FRAME_LENGTH)));
        }
        hosts.put(host, parts);
    }

    private Part part(
            final char host,
            final String name,
            final Map<String, String> environment,
            final String heap,
            final List<String> arguments) {
        return new Part(network.prefix(host), host + "-" + name, state, environment, heap, arguments);
    }

    private String configuration(final char host) {
        final String masters = host == mastersOn()
                ? "  base_port: 9900\n  members: ["
                        + IntStream.range(0, settings.masters())
                                .mapToObj(each -> networks > 1 ? "0.0.0.0" : HostNetwork.address(mastersOn()))
                                .collect(Collectors.joining(", "))
                        + "]\n"
                : "";
        return "masters:\n  directory: \"" + state.resolve("masters") + "\"\n" + masters + "timeouts:\n  profile: "
                + settings.profile() + "\nsecurity:\n  secret_file: \"" + secret() + "\"\n"
                + (networks > 1 ? "node:\n  addresses: [10.77.2.0/24, 10.77.1.0/24]\n" : "") + keys;
    }

    private String serverConfiguration(final char host) {
        return configuration(host) + "server:\n  bind_address: 0.0.0.0\n" + "gpu:\n  device_ids: []\nworkers:\n  cpu: "
                + workers(host) + "\n  short_life: 0s\n";
    }

    /** Starts every host but some, without the cameras; returns once work can be done. */
    void start(final String without) {
        startHost(mastersOn());
        for (char host = CAMERAS; host <= last(); host++) {
            if (host != mastersOn() && without.indexOf(host) < 0) {
                startHost(host);
            }
        }
        client = DragonClient.connect(
                access.client(state.resolve(HostNetwork.name(CAMERAS)).resolve("dragon.yaml"))
                        .name("chaos")
                        .connectTimeout(Duration.ofSeconds(START_SECONDS)));
        await("masters and workers", () -> {
            parts().stream().filter(each -> each.startedNs() != 0).forEach(each -> each.process()
                    .checkAlive());
            return isWhole();
        });
    }

    void startHost(final char host) {
        hosts.get(host).forEach(Part::start);
    }

    /** Starts a program of this run's own in a host; what it says goes to a log of its own. */
    ChildProcess program(final char host, final String name, final List<String> arguments) {
        return ChildProcess.start(network.prefix(host), name, state, network.environment(), "192m", arguments);
    }

    /** Every process of a host is killed; none is started again by itself. */
    void killHost(final char host) {
        hosts.get(host).forEach(Part::abandon);
        network.kill(host);
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

    /** Whether every process that was started does its work, as the system itself says. */
    boolean isWhole() {
        int workers = 0;
        int nodes = 0;
        for (final Map.Entry<Character, List<Part>> host : hosts.entrySet()) {
            for (final Part part : host.getValue()) {
                if (part.startedNs() != 0 && !part.isRunning()) {
                    return false;
                }
            }
            if (host.getValue().get(0).startedNs() != 0) {
                workers += workers(host.getKey());
                nodes++;
            }
        }
        try {
            final ClusterStatus status = client.status();
            return status.workers().stream().filter(ChaosCluster::isRunning).count() == workers
                    && status.nodes().stream()
                                    .filter(each -> each.state() == WorkerState.ALIVE)
                                    .count()
                            == nodes;
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

    private List<Part> parts() {
        final List<Part> parts = new ArrayList<>();
        hosts.values().forEach(parts::addAll);
        parts.addAll(publishers);
        return parts;
    }

    /** The name of a host's node agent, and how the names of its workers begin. */
    static String node(final char host) {
        return HostNetwork.name(host);
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
        stateLock.close();
        IoUtil.delete((keepsState ? state.resolve("masters") : state).toFile(), true);
    }
}
