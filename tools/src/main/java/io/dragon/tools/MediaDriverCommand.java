package io.dragon.tools;

import io.dragon.engine.config.DragonException;
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
    protected int run() {
        logging.into(options.loader()).flag("media_driver.profile", profile).load();
        throw new DragonException("dragon media-driver is not built yet.");
    }
}
