package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dragon publish}. */
@Command(name = "publish", description = "Publishes frames of a file, a folder or standard input as a camera.")
final class PublishCommand extends DragonCommand {
    @Mixin
    ConfigOptions options;

    @Mixin
    LogOptions logging;

    @Option(names = "--camera", paramLabel = "ID", required = true, description = "the camera's name")
    String camera;

    @Option(names = "--source", paramLabel = "FILE|DIR|-", required = true, description = "where frames come from")
    String source;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "y4m or raw:WxH:(grey8|rgb8|rgb32f); a folder of images needs none")
    String format;

    @Option(names = "--fps", paramLabel = "N", description = "frames a second (default: as fast as they are taken)")
    double fps;

    @Option(names = "--loop", description = "begin again at the end")
    boolean loop;

    @Override
    protected int run() {
        logging.into(options.loader()).load();
        throw new DragonException("dragon publish is not built yet.");
    }
}
