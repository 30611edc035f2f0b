package io.dragon.tools;

import io.dragon.engine.client.DragonClient;
import io.dragon.engine.config.DragonConfig;
import io.dragon.tools.chaos.ChaosCameras;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The cameras of one process of a chaos run. */
@Command(name = "chaos-cameras", hidden = true, description = "Some cameras of a chaos run; started by the run itself.")
final class ChaosCamerasCommand extends DragonCommand {
    @Mixin
    ConfigOptions options;

    @Option(names = "--first", required = true)
    int first;

    @Option(names = "--count", required = true)
    int count;

    @Option(names = "--fps", required = true)
    int fps;

    @Option(names = "--length", required = true)
    int length;

    @Override
    protected int run() throws InterruptedException {
        final DragonConfig config = options.load();
        final StopSignal stop = StopSignal.install();
        try (DragonClient client = DragonClient.connect(
                        ClusterAccess.context(config).name("cameras-" + first).connectTimeout(Duration.ofMinutes(1)));
                ChaosCameras cameras = new ChaosCameras(client, first, count, fps, length)) {
            cameras.serve(out, stop::isRequested);
        }
        return ExitCode.OK;
    }
}
