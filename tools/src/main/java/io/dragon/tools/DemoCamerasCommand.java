package io.dragon.tools;

import io.dragon.engine.client.ClientContext;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.tools.demo.Demo;
import io.dragon.tools.demo.DemoSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** One group of the demo's cameras, as a process that the demo starts and tells what to do. */
@Command(
        name = "demo-cameras",
        hidden = true,
        description = "Some cameras of a running demo; started by the demo itself.")
final class DemoCamerasCommand extends DragonCommand {
    @Option(names = "--first", required = true)
    int first;

    @Option(names = "--count", required = true)
    int count;

    @Option(names = "--cameras", required = true)
    int cameras;

    @Option(names = "--frame", required = true)
    String frame;

    @Option(names = "--format", required = true)
    String format;

    @Option(names = "--fps", required = true)
    double fps;

    @Option(names = "--seconds", required = true)
    int seconds;

    @Option(names = "--dir", required = true)
    Path directory;

    @Option(names = "--masters", defaultValue = "")
    String masters;

    @Override
    protected int run() throws InterruptedException {
        final int[] size = FrameSize.parse(frame);
        if (size == null) {
            throw wrongUsage("--frame is '" + frame + "', expected WIDTHxHEIGHT.");
        }
        final DemoSettings settings = new DemoSettings(
                cameras,
                size[0],
                size[1],
                FrameFormat.valueOf(format.toUpperCase(Locale.ROOT)),
                fps,
                seconds,
                1,
                List.of(),
                64,
                true,
                "",
                Path.of("unused"));
        final DragonDirectory shared = DragonDirectory.of(directory);
        final StopSignal stop = StopSignal.install();
        try (DragonClient client = DragonClient.connect(new ClientContext()
                .directory(shared)
                .aeronDirectoryName(shared.aeron().toString())
                .ingressEndpoints(masters.isEmpty() ? null : masters)
                .name("cameras-" + first))) {
            Demo.runCameras(settings, client, first, count, stop::isRequested);
        }
        return ExitCode.OK;
    }
}
