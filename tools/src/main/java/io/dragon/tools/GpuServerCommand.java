package io.dragon.tools;

import io.dragon.engine.cluster.ClusterSession;
import io.dragon.engine.cluster.HostAgent;
import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.node.AllowedAddresses;
import io.dragon.engine.node.RestartRule;
import io.dragon.engine.node.Supervisor;
import io.dragon.engine.transfer.ChunkFault;
import io.dragon.tools.chaos.FlippedBits;
import io.dragon.worker.device.DriverCall;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.slf4j.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dragon gpu-server}. */
@Command(
        name = "gpu-server",
        description =
                "Runs the workers of this host, one for each GPU or as many on the CPU as workers.cpu says, and starts"
                        + " them again when they end. One a host, with GPUs or without.",
        footer = {
            "",
            "It ends with Ctrl-C or SIGTERM, its workers first, which finish the task in hand. Killed with -9, its"
                    + " workers end with it, their tasks go elsewhere, and they come back when it is started again."
        })
final class GpuServerCommand extends DragonCommand {
    private static final long LOOK_MS = 3;
    private static final long CONNECTION_LOOK_MS = 200;
    private static final long STOP_LOOK_MS = 10;

    /** Beyond the time that a worker has to end, after which it is killed. */
    private static final long STOP_MARGIN_NS = 5_000_000_000L;

    @Mixin
    ConfigOptions options;

    @Mixin
    LogOptions logging;

    @Option(
            names = "--handlers",
            paramLabel = "PATH",
            description =
                    "a jar, a folder of jars or one of classes, with task handlers of your own, for every worker; may be repeated"
                            + " (also DRAGON_HANDLERS=PATH:PATH)")
    List<String> handlers;

    @Option(
            names = FlippedBits.OPTION,
            paramLabel = "FILE",
            hidden = true,
            description = "turns bits in what comes from other hosts while FILE is there; for a chaos run's own hosts")
    Path flips;

    @Override
    protected int run() throws InterruptedException {
        final DragonConfig config =
                RunningMasters.load(() -> logging.into(options.loader().kind(DragonConfig.FileKind.SERVER)));
        config.remarks().forEach(this::say);
        config.missingGpus(Devices.gpus()).ifPresent(this::say);
        Devices.gpuFaults().forEach(this::say);
        final boolean isDriverHung = DriverCall.isStuck();
        HandlerPath.open(handlers, System.getenv(HandlerPath.VARIABLE)).close(); // what no worker could use is told now
        final Map<String, String> plan = WorkerPlan.of(config, Devices.gpus());
        final String node = WorkerPlan.nodeName(config);
        final Logger log = LogOptions.start(config, "gpu-server", node);
        final StopSignal stop = StopSignal.install();
        try {
            serve(config, plan, node, isDriverHung, stop, log);
        } finally {
            LeftOvers.remove(config);
        }
        return ExitCode.OK;
    }

    private void serve(
            final DragonConfig config,
            final Map<String, String> plan,
            final String node,
            final boolean isDriverHung,
            final StopSignal stop,
            final Logger log)
            throws InterruptedException {
        final boolean wantsGpus =
                config.gpu().isAll() || !config.gpu().deviceIds().isEmpty();
        final Supervisor.Context supervision = supervision(config, plan, log);
        if (wantsGpus && isDriverHung) {
            supervision.missing(node + "-gpu", Devices.whyNoGpu());
        }
        if (flips != null) {
            log.warn("{}: frames of other hosts come damaged while {} is there", FlippedBits.OPTION, flips);
        }
        final ChunkFault fault = flips == null ? ChunkFault.NONE : new FlippedBits(flips);
        final HostAgent agent = new HostAgent(new HostAgent.Context()
                .dragonDirectory(config.dragonDir())
                .session(session(config, log))
                .name(node)
                .timeouts(config.timeouts())
                .supervision(supervision)
                .network(NetworkSetup.network(config, fault, log::info)
                        .discovery(NetworkSetup.discovery(config, log::info)))
                .log(log::info)
                .errorHandler(new LoggedErrors(log, "; trying again", isDebug())));
        final AgentRunner runner = new AgentRunner(
                new SleepingMillisIdleStrategy(LOOK_MS), new LoggedErrors(log, "", isDebug()), null, agent);
        final DragonConfig.Server server = config.server();
        try (runner;
                ServerPort port = ServerPort.open(
                        server.bindAddress(),
                        server.port(),
                        new AllowedAddresses(config.security().allowedIps()),
                        () -> health(config, node, agent.workersRunning(), plan.size()),
                        log::warn)) {
            AgentRunner.startOnThread(runner);
            if ((wantsGpus || plan.containsValue("cpu")) && !Devices.whyNoGpu().isEmpty()) {
                log.info("GPUs: {}", Devices.whyNoGpu());
            }
            log.info("workers: {}", plan.isEmpty() ? "none" : String.join(", ", plan.keySet()));
            log.info("Listening on {}", port.address(server.bindAddress()));
            final ConnectionLine connection = new ConnectionLine(log);
            while (!stop.await(CONNECTION_LOOK_MS, TimeUnit.MILLISECONDS)) {
                connection.look(agent.state());
            }
            log.info("stopping");
            agent.stopWorkers();
            final long deadlineNs = System.nanoTime() + supervision.stopTimeoutNs() + STOP_MARGIN_NS;
            while (!agent.isStopped() && System.nanoTime() - deadlineNs < 0) {
                TimeUnit.MILLISECONDS.sleep(STOP_LOOK_MS);
            }
        }
    }

    private Supervisor.Context supervision(
            final DragonConfig config, final Map<String, String> plan, final Logger log) {
        final DragonConfig.Workers workers = config.workers();
        final Supervisor.Context supervision = new Supervisor.Context()
                .directory(ConfigOptions.directory(config))
                .restartRule(new RestartRule(workers.restarts(), workers.shortLifeNs(), workers.pauseNs()))
                .timeouts(config.timeouts())
                .launcher(new WorkerProcesses(
                        plan, workerOptions(config), (name, line) -> passOn(config, log, name, line)))
                .log(log::info);
        plan.keySet().forEach(supervision::worker);
        return supervision;
    }

    /** A line of a worker's log names it already; anything else that a worker writes gets its name in front. */
    private void passOn(final DragonConfig config, final Logger log, final String name, final String line) {
        if (WorkerProcesses.isOfLog(line) && config.log().directory().isEmpty()) {
            say(line);
        } else {
            log.info("{}: {}", name, WorkerProcesses.plain(line));
        }
    }

    private static ClusterSession.Context session(final DragonConfig config, final Logger log) {
        return new ClusterSession.Context()
                .aeronDirectoryName(ClusterAccess.aeronDirectory(config).toString())
                .ingressEndpoints(ClusterAccess.ingressEndpoints(config))
                .discovery(NetworkSetup.search(config, log::info))
                .name("gpu-server")
                .host(config.hostName())
                .timeouts(config.timeouts())
                .runProfile(config.mediaDriver().profile())
                .errorHandler(new LoggedErrors(log, "; trying again", false));
    }

    /** What makes a worker use the same system as this process, wherever this one's configuration came from. */
    private List<String> workerOptions(final DragonConfig config) {
        final List<String> words = new ArrayList<>();
        // Without a file the worker is to find none either: it would look for another kind of file.
        words.add("--config");
        words.add(config.file().map(file -> file.toAbsolutePath().toString()).orElse("/dev/null"));
        words.add("--dir");
        words.add(config.dragonDir().toString());
        if (logging.directory != null) {
            words.add("--log-dir");
            words.add(logging.directory);
        }
        words.add("--memory-limit");
        words.add(Integer.toString(config.gpu().memoryLimitPercent()));
        if (config.gpu().fallbackToCpu()) {
            words.add("--or-cpu");
        }
        words.add("--log-level");
        words.add(config.log().level());
        options.set.forEach((key, value) -> {
            if (!DragonConfig.isOfServer(key)) {
                words.add("--set");
                words.add(key + "=" + value);
            }
        });
        if (handlers != null) {
            handlers.forEach(path -> {
                words.add("--handlers");
                words.add(path);
            });
        }
        return words;
    }

    private static String health(final DragonConfig config, final String node, final int running, final int size) {
        return config.security().requireAuth()
                ? "dragon gpu-server: this version cannot prove who you are, and security.require_auth asks for it"
                : "dragon gpu-server " + BuildInfo.version() + " node=" + node + " workers=" + running + "/" + size
                        + "; the protocol of this port is not built yet: tasks go by way of the masters";
    }
}
