package io.dragon.tools;

import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonException;
import io.dragon.worker.WorkerContext;
import io.dragon.worker.WorkerNode;
import io.dragon.worker.device.CpuDevice;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.Device;
import io.dragon.worker.device.DeviceOptions;
import io.dragon.worker.device.GpuException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dragon worker}. */
@Command(name = "worker", description = "Runs a worker on one device.")
final class WorkerCommand extends DragonCommand {
    private static final int MAX_NAME = 48;
    private static final int WINDOW = 2;

    /** Three tasks on the device and one that waits. */
    private static final int GPU_WINDOW = 4;

    private static final long LOOK_MS = 200;
    private static final String CPU_INSTEAD = "The CPU does the work instead.";
    private static final int UUID_TAIL = 12;

    @Mixin
    ConfigOptions options;

    @Mixin
    LogOptions logging;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            required = true,
            description = "cpu, the number of a GPU, or its UUID")
    String device;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description =
                    "its name, unique among the workers (default: made from host and device, and the process for cpu)")
    String name;

    @Option(
            names = "--window",
            paramLabel = "N",
            description = "tasks it takes at a time: one of them runs, on a GPU three (default: 2, on a GPU 4)")
    Integer window;

    @Option(
            names = "--memory-limit",
            paramLabel = "PERCENT",
            defaultValue = "70",
            description = "how much of a GPU's memory it may take (default: 70)")
    int memoryLimit;

    @Option(names = "--or-cpu", description = "works on the CPU where the GPU cannot be used")
    boolean orCpu;

    @Option(
            names = "--handlers",
            paramLabel = "PATH",
            description = "a jar, a folder of jars or one of classes, with task handlers of your own; may be repeated"
                    + " (also DRAGON_HANDLERS=PATH:PATH)")
    List<String> handlers;

    @Override
    protected int run() throws InterruptedException {
        if (window != null && (window < 1 || window > 64)) {
            throw wrongUsage("dragon worker: '--window " + window + "' is out of range, expected 1 to 64");
        }
        if (memoryLimit < 1 || memoryLimit > 100) {
            throw wrongUsage("dragon worker: '--memory-limit " + memoryLimit + "' is out of range, expected 1 to 100");
        }
        final int nameLength = name == null ? 1 : name.getBytes(StandardCharsets.UTF_8).length;
        if (nameLength < 1 || nameLength > MAX_NAME) {
            throw wrongUsage(
                    "dragon worker: '--name " + name + "' has " + nameLength + " bytes, expected 1 to " + MAX_NAME);
        }
        final DragonConfig config = RunningMasters.load(() -> logging.into(options.loader()));
        config.remarks().forEach(this::say);
        try (HandlerPath path = HandlerPath.open(handlers, System.getenv(HandlerPath.VARIABLE))) {
            Thread.currentThread().setContextClassLoader(path.loader()); // inherited by the worker's threads
            return run(config, path);
        }
    }

    private int run(final DragonConfig config, final HandlerPath path) throws InterruptedException {
        final Device opened = open(config);
        final String own = name == null ? defaultName() : name;
        final Logger log = LogOptions.start(config, "worker", own);
        final StopSignal stop = StopSignal.install();
        ClusterAccess.awaitDriver(config, stop, log);
        if (stop.isRequested()) {
            opened.close();
            return ExitCode.OK;
        }
        try {
            run(config, path, own, opened, stop, log);
        } finally {
            LeftOvers.remove(config);
        }
        return ExitCode.OK;
    }

    private void run(
            final DragonConfig config,
            final HandlerPath path,
            final String own,
            final Device opened,
            final StopSignal stop,
            final Logger log)
            throws InterruptedException {
        final GpuWatch gpu = GpuWatch.begin(opened, config, log);
        final WorkerNode launched;
        try {
            launched = WorkerNode.launch(context(config, path, own, opened, log));
        } catch (final DragonException ex) {
            if (!orCpu || !(opened instanceof CudaDevice) || !(ex.getCause() instanceof GpuException)) {
                throw ex;
            }
            log.warn("{} {}", sentence(ex.getMessage()), CPU_INSTEAD);
            run(config, path, own, CpuDevice.insteadOfGpu(ex.getCause().getMessage()), stop, log);
            return;
        }
        try (WorkerNode worker = launched) {
            log.info("started on {}", opened.description());
            log.info("offers {}", HandlerPath.offered(worker.handlers()));
            watch(worker, gpu, stop, log);
            log.info("stopping: {} tasks done, {} failed", worker.tasksDone(), worker.tasksFailed());
        }
    }

    private WorkerContext context(
            final DragonConfig config,
            final HandlerPath path,
            final String own,
            final Device opened,
            final Logger log) {
        return new WorkerContext()
                .directory(ConfigOptions.directory(config))
                .aeronDirectoryName(ClusterAccess.aeronDirectory(config).toString())
                .ingressEndpoints(ClusterAccess.ingressEndpoints(config))
                .discovery(NetworkSetup.search(config, log::info))
                .host(config.hostName())
                .name(own)
                .device(opened)
                .window(window != null ? window : opened instanceof CudaDevice ? GPU_WINDOW : WINDOW)
                .classLoader(path.loader())
                .timeouts(config.timeouts())
                .runProfile(config.mediaDriver().profile())
                .errorHandler(new LoggedErrors(log, "; trying again", isDebug()));
    }

    /** Tells when masters come and go, and how the GPU is, until the signal comes. */
    private static void watch(final WorkerNode worker, final GpuWatch gpu, final StopSignal stop, final Logger log)
            throws InterruptedException {
        final ConnectionLine connection = new ConnectionLine(log);
        boolean wasReady = false;
        while (!stop.await(LOOK_MS, TimeUnit.MILLISECONDS)) {
            if (worker.mustEnd()) {
                throw new DragonException("worker '" + worker.name() + "' ends: " + worker.endReason());
            }
            final boolean ready = worker.isReady();
            connection.look(worker.state());
            gpu.look();
            if (ready != wasReady) {
                log.info("{}", ready ? "ready for tasks" : "not ready: " + worker.state());
                wasReady = ready;
            }
        }
    }

    private Device open(final DragonConfig config) {
        try {
            return Devices.open(
                    device,
                    new DeviceOptions(
                            memoryLimit, ConfigOptions.directory(config).path()));
        } catch (final DragonException ex) {
            if (!orCpu || !Devices.isGpuName(device)) {
                throw ex;
            }
            say(sentence(ex.getMessage()) + " " + CPU_INSTEAD);
            return CpuDevice.insteadOfGpu(ex.getMessage());
        }
    }

    private static String sentence(final String text) {
        return text.endsWith(".") ? text : text + ".";
    }

    private String defaultName() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (final UnknownHostException ex) {
            host = "localhost";
        }
        final String shortHost = host.length() > 24 ? host.substring(0, 24) : host;
        return shortHost
                + (device.equals("cpu")
                        ? "-cpu-" + ProcessHandle.current().pid()
                        : "-gpu-" + device.substring(Math.max(0, device.length() - UUID_TAIL)));
    }
}
