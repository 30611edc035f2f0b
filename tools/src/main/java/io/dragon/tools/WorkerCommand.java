package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dragon worker}. */
@Command(name = "worker", description = "Runs a worker on one device.")
final class WorkerCommand extends DragonCommand {
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

    @Option(names = "--name", paramLabel = "NAME", description = "its name (default: made from host and device)")
    String name;

    @Override
    protected int run() {
        logging.into(options.loader()).load();
        throw new DragonException("dragon worker is not built yet.");
    }
}
