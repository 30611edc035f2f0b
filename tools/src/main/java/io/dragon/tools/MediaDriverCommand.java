package io.dragon.tools;

import io.dragon.engine.cluster.MediaDriverNode;
import io.dragon.engine.config.DragonConfig;
import java.nio.file.Path;
import org.slf4j.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dragon media-driver}. */
@Command(name = "media-driver", description = "Runs the Aeron media driver that the processes of this host share.")
final class MediaDriverCommand extends DragonCommand {
    @Mixin
    ConfigOptions options;

    @Mixin
    LogOptions logging;

    @Option(
            names = "--profile",
            paramLabel = "PROFILE",
            description = "dev, throughput or low-latency (default: the configuration's)")
    String profile;

    @Override
    protected int run() throws InterruptedException {
        final DragonConfig config = logging.into(options.loader())
                .flag("media_driver.profile", profile)
                .load();
        config.remarks().forEach(this::say);
        final Logger log = LogOptions.start(
                config, "media-driver", Long.toString(ProcessHandle.current().pid()));
        final StopSignal stop = StopSignal.install();
        ConfigOptions.directory(config).create();
        final Path directory = ClusterAccess.aeronDirectory(config);
        try (MediaDriverNode driver = MediaDriverNode.launch(new MediaDriverNode.Context()
                .directory(directory)
                .runProfile(config.mediaDriver().profile())
                .timeouts(config.timeouts())
                .errorHandler(new LoggedErrors(log, "", isDebug())))) {
            log.info(
                    "running in {} with profile {}",
                    driver.aeronDirectoryName(),
                    config.mediaDriver().profile().label());
            stop.await();
            log.info("stopping");
        } finally {
            LeftOvers.remove(config);
        }
        return ExitCode.OK;
    }
}
