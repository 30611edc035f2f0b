package io.dragon.tools.chaos;

import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.config.DragonException;
import io.dragon.tools.process.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The processes of a run over several hosts. The cameras and this run's own client are on host a, which has no workers; the masters are on the
 * last host, of two on a; every host but a has workers. Only the host of the masters is told where they are. One thread.
 */
final class HostCluster extends LoadedParts {
    /** The host of the cameras, in which this run is. */
    static final char CAMERAS = 'a';

    /** Bytes of a camera's frame: some hundred packets. */
    static final int FRAME_LENGTH = 1 << 17;

    private static final long CONNECT_SECONDS = 120;

    private final ChaosSettings settings;
    private final HostNetwork network;
    private final int networks;
    private final Map<Character, List<Part>> hosts = new TreeMap<>();
    private final String keys;

    /**
     * @param settings how large.
     * @param keys     more lines for every host's configuration.
     * @param network  that it stands on.
     * @param access   the commands around it.
     */
    HostCluster(final ChaosSettings settings, final String keys, final HostNetwork network, final SystemAccess access) {
        super(access);
        this.settings = settings;
        this.keys = keys;
        this.network = network;
        networks = network.count();
        try {
            Files.writeString(
                    secret(), Long.toHexString(new SecureRandom().nextLong()).repeat(4) + "\n");
            Files.setPosixFilePermissions(secret(), PosixFilePermissions.fromString("rw-------"));
            for (char host = CAMERAS; host <= last(); host++) {
                prepare(host);
            }
        } catch (final IOException ex) {
            throw unwritable(ex);
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
        return parts.state().resolve("secret");
    }

    /** While it is there, chunks of frames come damaged to the other hosts. */
    Path flips() {
        return parts.state().resolve("flip");
    }

    private int workers(final char host) {
        return host == CAMERAS ? 0 : settings.workers();
    }

    private void prepare(final char host) throws IOException {
        final Path folder = Files.createDirectories(parts.state().resolve(HostNetwork.name(host)));
        final Path config = folder.resolve("dragon.yaml");
        Files.writeString(config, configuration(host));
        Files.writeString(folder.resolve("gpu_server.yaml"), serverConfiguration(host));
        final Path handlers = ProbeHandler.writeProvider(folder.resolve("handlers"));
        final Map<String, String> environment = new HashMap<>(network.environment());
        environment.put("DRAGON_CONF", config.toString());
        environment.put("DRAGON_HANDLERS", handlers.toString());
        environment.put("DRAGON_HEAP_OPTS", Parts.WORKER_HEAP);
        final List<Part> own = new ArrayList<>();
        if (host != mastersOn() || settings.masters() > 1) { // a single master brings its own
            own.add(part(host, "media-driver", environment, "128m", List.of("media-driver")));
        }
        for (int i = 0; i < settings.masters() && host == mastersOn(); i++) {
            own.add(part(host, "master-" + i, environment, "256m", List.of("master", "--member", Integer.toString(i))));
        }
        own.add(part(
                host,
                "gpu-server",
                environment,
                "192m",
                List.of(
                        "gpu-server",
                        "--config",
                        folder.resolve("gpu_server.yaml").toString(),
                        FlippedBits.OPTION,
                        flips().toString())));
        if (host == CAMERAS) {
            parts.addCameras(network.prefix(host), host + "-publisher-", environment, settings, FRAME_LENGTH);
        }
        hosts.put(host, own);
    }

    private Part part(
            final char host,
            final String name,
            final Map<String, String> environment,
            final String heap,
            final List<String> arguments) {
        return parts.add(network.prefix(host), host + "-" + name, environment, heap, arguments);
    }

    private String configuration(final char host) {
        final String masters = host == mastersOn()
                ? "  base_port: 9900\n  members: ["
                        + IntStream.range(0, settings.masters())
                                .mapToObj(each -> networks > 1 ? "0.0.0.0" : HostNetwork.address(mastersOn()))
                                .collect(Collectors.joining(", "))
                        + "]\n"
                : "";
        return "masters:\n  directory: \"" + parts.masters() + "\"\n" + masters + "timeouts:\n  profile: "
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
        connect(configuration(), CONNECT_SECONDS);
    }

    void startHost(final char host) {
        hosts.get(host).forEach(Part::start);
    }

    /** Ends a host in order, if it runs; returns once its processes have ended: whether there were any. */
    boolean stopHost(final char host) {
        final List<Part> own = hosts.get(host);
        if (own.stream().noneMatch(Part::isRunning)) {
            return false;
        }
        for (int i = own.size() - 1; i >= 0; i--) {
            own.get(i).close();
        }
        return true;
    }

    /** Starts a program of this run's own in a host; what it says goes to a log of its own. */
    ChildProcess program(final char host, final String name, final List<String> arguments) {
        return ChildProcess.start(network.prefix(host), name, parts.state(), network.environment(), "192m", arguments);
    }

    /** Every process of a host is killed; none is started again by itself. */
    void killHost(final char host) {
        hosts.get(host).forEach(Part::abandon);
        network.kill(host);
    }

    @Override
    boolean isWhole() {
        if (!parts.isRunning()) {
            return false;
        }
        int workers = 0;
        int nodes = 0;
        for (final Map.Entry<Character, List<Part>> host : hosts.entrySet()) {
            if (host.getValue().get(0).startedNs() != 0) {
                workers += workers(host.getKey());
                nodes++;
            }
        }
        try {
            final ClusterStatus status = client().status();
            return status.workers().stream().filter(ChaosCluster::isRunning).count() == workers
                    && status.nodes().stream()
                                    .filter(each -> each.state() == WorkerState.ALIVE)
                                    .count()
                            == nodes;
        } catch (final DragonException noAnswer) {
            return false;
        }
    }

    /** The name of a host's node agent, and how the names of its workers begin. */
    static String node(final char host) {
        return HostNetwork.name(host);
    }

    /** What processes of the cameras' host are configured by. */
    Path configuration() {
        return parts.state().resolve(HostNetwork.name(CAMERAS)).resolve("dragon.yaml");
    }
}
