package io.dragon.tools.demo;

import io.aeron.CommonContext;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClientContext;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.cluster.ClusterSession;
import io.dragon.engine.cluster.CommandPulse;
import io.dragon.engine.cluster.MasterAddresses;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.tools.process.ChildProcess;
import io.dragon.tools.process.DeadSystems;
import io.dragon.tools.process.MemberView;
import io.dragon.tools.process.PortClaim;
import io.dragon.tools.process.WorkerDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.IoUtil;

/** A process each for the media driver, the master, every worker and every group of cameras. */
final class ProcessHost implements DemoHost {
    private static final int CAMERAS_PER_GROUP = 10;
    private static final int FIRST_PORT = 9900;
    private static final int LAST_PORT = 10_400;
    private static final long DRIVER_ALIVE_MS = 10_000;
    private static final String PROFILE = "ha";
    private static final int COMMANDS_PER_SECOND = 100;
    private static final String LOGS = "The logs of its processes are in ";

    private final DemoSettings settings;
    private final Path state;
    private final DragonDirectory shared;
    private final Map<String, String> environment;
    private final BooleanSupplier stop;
    private final LivenessLock stateLock;
    private final PortClaim ports;
    private final MasterAddresses masters;
    private final List<ChildProcess> members = new ArrayList<>();
    private boolean keepsLogs;
    private final List<ChildProcess> servers = new ArrayList<>();
    private final List<ChildProcess> workers = new ArrayList<>();
    private final List<ChildProcess> groups = new ArrayList<>();
    private int groupsDone;
    private DragonClient client;

    ProcessHost(final DemoSettings settings, final BooleanSupplier stop) {
        this.settings = settings;
        this.stop = stop;
        ports = PortClaim.claim(FIRST_PORT, LAST_PORT, settings.masters());
        masters = new MasterAddresses(Collections.nCopies(settings.masters(), "localhost"), ports.first());
        final long pid = ProcessHandle.current().pid();
        final Path memory = DragonDirectory.byDefault().path();
        shared = DragonDirectory.of(memory.resolveSibling(memory.getFileName() + "-demo-" + pid));
        try {
            state = Files.createTempDirectory(DeadSystems.DEMO_PREFIX + pid + "-");
            stateLock = LivenessLock.acquire(state.resolve(DeadSystems.LOCK));
            final Path config = state.resolve("dragon.yaml");
            Files.writeString(
                    config,
                    "dragon:\n  dir: \"" + shared.path() + "\"\nmasters:\n  directory: \"" + state.resolve("masters")
                            + "\"\n  base_port: " + ports.first() + "\n  members: ["
                            + String.join(", ", masters.hosts()) + "]\n"
                            + (settings.masters() == 1 ? "" : "timeouts:\n  profile: " + PROFILE + "\n"));
            environment = Map.of("DRAGON_CONF", config.toString());
        } catch (final IOException ex) {
            throw new DragonException("Cannot write to the folder for temporary files: " + ex.getMessage() + '.');
        }
        boolean started = false;
        try {
            start();
            started = true;
        } catch (final DragonException ex) {
            if (stop.getAsBoolean()) {
                throw ex;
            }
            throw new DragonException(ex.exitCode(), sentence(ex.getMessage()) + ' ' + keepLogs());
        } finally {
            if (!started) {
                close();
            }
        }
    }

    private void start() {
        shared.create();
        servers.add(start("media-driver", "128m", "media-driver"));
        for (int i = 1; i <= settings.workers(); i++) {
            workers.add(startWorker("worker-" + i, settings.device(i - 1)));
        }
        await(
                "the media driver",
                () -> CommonContext.isDriverActive(shared.aeron().toFile(), DRIVER_ALIVE_MS, text -> {}));
        for (int i = 0; i < settings.masters(); i++) {
            members.add(start(
                    settings.masters() == 1 ? "master" : "master-" + i,
                    "256m",
                    "master",
                    "--member",
                    Integer.toString(i)));
        }
        servers.addAll(members);
        client = connect("demo");
        await("the workers", () -> aliveWorkers() == settings.workers());
    }

    private int aliveWorkers() {
        int alive = 0;
        try {
            for (final ClusterStatus.Worker worker : client.status().workers()) {
                alive += worker.state() == WorkerState.ALIVE ? 1 : 0;
            }
        } catch (final DragonException noAnswer) { // a leader is still elected
            alive = 0;
        }
        return alive;
    }

    private void await(final String what, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!condition.getAsBoolean()) {
            if (stop.getAsBoolean()) {
                throw new DragonException("The demo was stopped before its cameras ran.");
            }
            servers.forEach(ChildProcess::checkAlive);
            workers.forEach(ChildProcess::checkAlive);
            if (System.nanoTime() - deadlineNs > 0) {
                throw new DragonException(
                        DragonException.TIMED_OUT, "Not ready within " + START_SECONDS + " s: " + what + '.');
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private DragonClient connect(final String name) {
        return DragonClient.connect(new ClientContext()
                .directory(shared)
                .aeronDirectoryName(shared.aeron().toString())
                .name(name)
                .ingressEndpoints(ingress())
                .timeouts(timeouts())
                .connectTimeout(Duration.ofSeconds(START_SECONDS)));
    }

    private Timeouts timeouts() {
        return settings.masters() == 1 ? Timeouts.dev() : Timeouts.profile(PROFILE);
    }

    private String ingress() {
        return settings.masters() == 1 ? null : masters.ingressEndpoints();
    }

    private ChildProcess startWorker(final String name, final WorkerDevice device) {
        final Map<String, String> all = new HashMap<>(environment);
        all.putAll(device.environment());
        return ChildProcess.start(
                name, state, all, "512m", List.of("worker", "--device", device.name(), "--name", name));
    }

    private ChildProcess start(final String name, final String heap, final String... arguments) {
        return ChildProcess.start(name, state, environment, heap, List.of(arguments));
    }

    @Override
    public DragonClient client() {
        return client;
    }

    @Override
    public int[] startCameras() {
        for (int first = 0; first < settings.cameras(); first += CAMERAS_PER_GROUP) {
            final int count = Math.min(CAMERAS_PER_GROUP, settings.cameras() - first);
            groups.add(start(
                    "cameras-" + (groups.size() + 1),
                    "256m",
                    "demo-cameras",
                    "--first=" + first,
                    "--count=" + count,
                    "--cameras=" + settings.cameras(),
                    "--frame=" + settings.width() + "x" + settings.height(),
                    "--format=" + settings.format().name().toLowerCase(java.util.Locale.ROOT),
                    "--fps=" + settings.fps(),
                    "--seconds=" + settings.seconds(),
                    "--dir=" + shared.path(),
                    "--masters=" + (ingress() == null ? "" : ingress())));
        }
        final int[] ids = new int[settings.cameras()];
        int next = 0;
        for (final ChildProcess group : groups) {
            for (final String id :
                    group.awaitLine("cameras", START_SECONDS, TimeUnit.SECONDS).split(" ")) {
                ids[next++] = Integer.parseInt(id);
            }
        }
        return ids;
    }

    @Override
    public void run(final long startNs) {
        groups.forEach(group -> group.tell("run " + startNs));
    }

    @Override
    public boolean isRunning() {
        servers.forEach(ChildProcess::checkAlive);
        workers.forEach(ChildProcess::checkAlive);
        groups.forEach(ChildProcess::checkAlive);
        while (groupsDone < groups.size() && groups.get(groupsDone).pollLine("done") != null) {
            groupsDone++;
        }
        return groupsDone < groups.size();
    }

    @Override
    public void stopCameras() {
        groups.forEach(group -> group.tell("stop"));
        for (; groupsDone < groups.size(); groupsDone++) {
            groups.get(groupsDone).awaitLine("done", START_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Ends in a full stop, for another sentence follows. */
    static String sentence(final String text) {
        return text.endsWith(".") || text.endsWith("?") || text.endsWith("!") ? text : text + '.';
    }

    @Override
    public String keepLogs() {
        keepsLogs = true;
        return LOGS + state + '.';
    }

    @Override
    public List<CameraGroup.Counts> counts() {
        final List<CameraGroup.Counts> all = new ArrayList<>();
        for (final ChildProcess group : groups) {
            group.tell("counts");
            all.add(CameraGroup.Counts.parse(group.awaitLine("counts", START_SECONDS, TimeUnit.SECONDS)));
        }
        return all;
    }

    @Override
    public long killWorker(final long processId) {
        for (final ChildProcess worker : workers) {
            if (worker.pid() == processId) {
                final long nowNs = System.nanoTime();
                worker.kill();
                return nowNs;
            }
        }
        throw new DragonException("No worker of this demo has the process id " + processId + '.');
    }

    @Override
    public int leader() {
        for (int member = 0; member < members.size(); member++) {
            if (members.get(member).isAlive() && view(member).isLeader()) {
                return member;
            }
        }
        return -1;
    }

    @Override
    public boolean isElecting(final int without) {
        for (int member = 0; member < members.size(); member++) {
            if (member != without && (!view(member).isInPlace() || view(member).isLeader())) {
                return true;
            }
        }
        return false;
    }

    private MemberView view(final int member) {
        return MemberView.of(shared.path().resolve("aeron-" + member));
    }

    @Override
    public long killMaster(final int member) {
        final long nowNs = System.nanoTime();
        members.get(member).kill();
        return nowNs;
    }

    @Override
    public CommandPulse pulse() {
        return new CommandPulse(
                new ClusterSession.Context()
                        .aeronDirectoryName(shared.aeron().toString())
                        .ingressEndpoints(ingress())
                        .timeouts(timeouts()),
                "demo-pulse",
                COMMANDS_PER_SECOND);
    }

    @Override
    public List<String> parts() {
        final List<String> parts = new ArrayList<>();
        for (final List<ChildProcess> kind : List.of(servers, workers, groups)) {
            kind.forEach(process -> parts.add(process.name() + " (process " + process.pid() + ")"));
        }
        return parts;
    }

    @Override
    public void close() {
        groups.forEach(ChildProcess::terminate);
        groups.forEach(ChildProcess::close);
        if (client != null) {
            client.close();
        }
        workers.forEach(ChildProcess::terminate);
        workers.forEach(ChildProcess::close);
        for (int i = servers.size() - 1; i >= 0; i--) {
            servers.get(i).close();
        }
        IoUtil.delete(shared.path().toFile(), true);
        ports.close();
        stateLock.close();
        IoUtil.delete((keepsLogs ? state.resolve("masters") : state).toFile(), true);
    }
}
