package io.dragon.tools;

import io.dragon.engine.cluster.MasterContext;
import io.dragon.engine.cluster.MasterNode;
import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.FileErrors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dragon master}. */
@Command(
        name = "master",
        description =
                "Runs a master: sequencer, log and snapshots. A single one uses the media driver of this host where it"
                        + " runs.",
        footer = {
            "",
            "It exits with code 1 when its media driver is lost; start it again then (systemd: Restart=on-failure)."
        })
final class MasterCommand extends DragonCommand {
    private static final long DRIVER_COMING_NS = 3_000_000_000L;
    private static final long DRIVER_LOOK_MS = 50;
    private static final long LOOK_MS = 200;

    /** What is waited for is said so often, and not when it is over sooner. */
    private static final long WAITING_NS = 3_000_000_000L;

    /** How long the parts of a master may take to end without a driver; nothing is lost by an end without them. */
    private static final long CLOSE_NS = 1_000_000_000L;

    @Mixin
    ConfigOptions options;

    @Mixin
    LogOptions logging;

    @Option(names = "--member", paramLabel = "N", description = "which of masters.members this is (default: 0)")
    int member;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "where its log and snapshots are (default: masters.directory: ~/.local/state/dragon, and a folder"
                            + " below it for a --dir of your own)")
    String data;

    @Option(
            names = "--host-driver",
            description = "a single master waits for the media driver of this host and never runs one of its own; of"
                    + " several, each runs its own")
    boolean waitsForDriver;

    @Option(
            names = "--with-gpu-server",
            description = "a gpu-server is started on this host next: it is left to be the host's node, for up to 30 s")
    boolean isGpuServerNext;

    @Override
    protected int run() throws InterruptedException {
        final DragonConfig config =
                logging.into(options.loader()).flag("masters.directory", data).load();
        config.remarks().forEach(this::say);
        final int members = config.masters().members().size();
        if (member < 0 || member >= members) {
            throw wrongUsage("dragon master: '--member " + member + "' is out of range, expected 0 to " + (members - 1)
                    + ", because masters.members has " + members + (members == 1 ? " entry" : " entries"));
        }
        final Logger log = LogOptions.start(config, "master", Integer.toString(member));
        final StopSignal stop = StopSignal.install();
        if (waitsForDriver && members == 1) {
            ClusterAccess.awaitDriver(config, stop, log);
            if (stop.isRequested()) {
                LeftOvers.remove(config);
                return ExitCode.OK;
            }
        }
        final AtomicBoolean lost = new AtomicBoolean();
        final Runnable onEnd = () -> {
            if (!lost.getAndSet(true)) { // here, because what is closed without a driver may not end in time to say it
                log.warn("lost its media driver or its place among the masters: it ends");
            }
            EndAtLast.within(CLOSE_NS);
            stop.request();
        };
        try {
            while (runsAgain(config, stop, log, onEnd)) {
                log.info("starting again, to take the state of another master");
            }
            log.info("stopping");
        } catch (final DragonException refused) {
            if (!stop.isRequested() || lost.get()) {
                throw refused;
            }
        } finally {
            if (!lost.get()) { // then it is started again, and so is the driver, whose folder this is
                LeftOvers.remove(config);
            }
        }
        if (lost.get()) {
            throw new DragonException(
                    "The master cannot go on: it lost its media driver or its place among the masters. Start it"
                            + " again.");
        }
        return ExitCode.OK;
    }

    private boolean runsAgain(final DragonConfig config, final StopSignal stop, final Logger log, final Runnable onEnd)
            throws InterruptedException {
        try (MasterNode master = launch(config, stop, log, onEnd)) {
            tell(config, log);
            log.info("running on {}, data in {}", master.aeronDirectoryName(), dataDirectory(config, member));
            return watch(master, stop, log, onEnd);
        }
    }

    private static void tell(final DragonConfig config, final Logger log) {
        try {
            RunningMasters.write(config);
        } catch (final IOException ex) {
            log.warn("other commands have to be told who the masters are: {}", FileErrors.inWords(ex));
        }
    }

    /** Tells what it waits for, and who leads when that changes, until the signal comes; true when it is to be launched again. */
    private static boolean watch(final MasterNode master, final StopSignal stop, final Logger log, final Runnable onEnd)
            throws InterruptedException {
        String told = "";
        long toldNs = System.nanoTime();
        while (!stop.await(LOOK_MS, TimeUnit.MILLISECONDS)) {
            if (master.isLeftBehind()) {
                return true;
            }
            if (master.hasEnded()) { // by an error of which its own threads could not tell
                onEnd.run();
                return false;
            }
            final String state = master.state();
            final long nowNs = System.nanoTime();
            final boolean isNews = master.isReady() && !state.equals(told);
            if (isNews || (!master.isReady() && nowNs - toldNs >= WAITING_NS)) {
                log.info("{}", state);
                told = state;
                toldNs = nowNs;
            }
        }
        return false;
    }

    /** On the host's media driver where one runs, otherwise with its own; a driver that is just starting is waited for. */
    private MasterNode launch(
            final DragonConfig config, final StopSignal stop, final Logger log, final Runnable onTermination)
            throws InterruptedException {
        ConfigOptions.directory(config).create();
        final Path aeron = ClusterAccess.aeronDirectory(config);
        final boolean mayShare = config.masters().members().size() == 1;
        final boolean shares = mayShare && (waitsForDriver || ClusterAccess.isDriverActive(aeron, config.timeouts()));
        try {
            return MasterNode.launch(context(config, shares ? aeron : null, stop, log, onTermination));
        } catch (final DragonException refused) {
            if (shares || !mayShare || !isDriverComing(aeron, config, stop)) {
                throw refused;
            }
            return MasterNode.launch(context(config, aeron, stop, log, onTermination));
        }
    }

    private static boolean isDriverComing(final Path aeron, final DragonConfig config, final StopSignal stop)
            throws InterruptedException {
        final long deadlineNs = System.nanoTime() + DRIVER_COMING_NS;
        while (!ClusterAccess.isDriverActive(aeron, config.timeouts())) {
            if (System.nanoTime() - deadlineNs >= 0 || stop.await(DRIVER_LOOK_MS, TimeUnit.MILLISECONDS)) {
                return false;
            }
        }
        return true;
    }

    private MasterContext context(
            final DragonConfig config,
            final Path aeron,
            final StopSignal stop,
            final Logger log,
            final Runnable onTermination) {
        return new MasterContext()
                .directory(dataDirectory(config, member))
                .dragonDirectory(config.dragonDir())
                .aeronDirectoryName(aeron == null ? null : aeron.toString())
                .mediaDriverDirectory(driverDirectory(config))
                .errorHandler(new LoggedErrors(log, "", isDebug()))
                .terminationHook(onTermination)
                .hostName(WorkerPlan.nodeName(config))
                .nodeAgentExpected(isGpuServerNext)
                .host(config.hostName())
                .network(NetworkSetup.network(config, log::info))
                .discovery(NetworkSetup.discovery(config, log::info))
                .narrator(log::warn)
                .stop(stop::isRequested)
                .memberId(member)
                .members(config.masters().members())
                .basePort(config.masters().basePort())
                .fileSyncLevel(config.masters().fileSyncLevel())
                .snapshotLogBytes(config.masters().snapshotLogLength())
                .scheduling(config.scheduling())
                .incidents(config.masters().incidents())
                .timeouts(config.timeouts())
                .runProfile(config.mediaDriver().profile());
    }

    /** Where its own media driver is: a single master's is the host's, because everything on this host uses it. */
    private Path driverDirectory(final DragonConfig config) {
        return config.masters().members().size() == 1
                ? ClusterAccess.aeronDirectory(config)
                : config.dragonDir().resolve("aeron-" + member);
    }

    /** The folder of one member. */
    static Path dataDirectory(final DragonConfig config, final int member) {
        return config.masters().directory().resolve("member-" + member);
    }
}
