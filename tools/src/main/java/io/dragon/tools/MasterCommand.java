package io.dragon.tools;

import io.dragon.engine.cluster.MasterNode;
import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dragon master}. */
@Command(
        name = "master",
        description =
                "Runs a master: sequencer, log and snapshots. A single one uses the media driver of this host where it runs.",
        footer = {
            "",
            "It exits with code 1 when its media driver is lost; start it again then (systemd: Restart=on-failure)."
        })
final class MasterCommand extends DragonCommand {
    @Mixin
    ConfigOptions options;

    @Mixin
    LogOptions logging;

    @Option(names = "--member", paramLabel = "N", description = "which of masters.members this is (default: 0)")
    int member;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "where its log and snapshots are (default: ~/.local/state/dragon)")
    String data;

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
        final AtomicBoolean lost = new AtomicBoolean();
        try (MasterNode master = MasterNode.launch(
                context(config).errorHandler(new LoggedErrors(log)).terminationHook(() -> {
                    lost.set(true);
                    stop.request();
                }))) {
            log.info("running on {}, data in {}", master.aeronDirectoryName(), dataDirectory(config, member));
            stop.await();
            log.info("stopping");
        } finally {
            LeftOvers.remove(config);
        }
        if (lost.get()) {
            throw new DragonException(
                    "The master cannot go on: it lost its media driver or its place among the masters. Start it again.");
        }
        return ExitCode.OK;
    }

    private MasterNode.Context context(final DragonConfig config) {
        ConfigOptions.directory(config).create();
        final Path aeron = ClusterAccess.aeronDirectory(config);
        final boolean shares =
                config.masters().members().size() == 1 && ClusterAccess.isDriverActive(aeron, config.timeouts());
        return new MasterNode.Context()
                .directory(dataDirectory(config, member))
                .dragonDirectory(config.dragonDir())
                .aeronDirectoryName(shares ? aeron.toString() : null)
                .memberId(member)
                .members(config.masters().members())
                .basePort(config.masters().basePort())
                .fileSyncLevel(config.masters().fileSyncLevel())
                .snapshotLogBytes(config.masters().snapshotLogLength())
                .scheduling(config.strategies(), config.maximumRetries())
                .timeouts(config.timeouts())
                .runProfile(config.mediaDriver().profile());
    }

    /** The folder of one member. */
    static Path dataDirectory(final DragonConfig config, final int member) {
        return config.masters().directory().resolve("member-" + member);
    }
}
