package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code dragon status}. */
@Command(name = "status", description = "Shows masters, nodes, workers, cameras and statistics.")
final class StatusCommand extends DragonCommand {
    @Mixin
    ConfigOptions options;

    @Mixin
    JsonOutput json;

    @Override
    protected int run() {
        options.load();
        throw new DragonException("dragon status is not built yet.");
    }
}
