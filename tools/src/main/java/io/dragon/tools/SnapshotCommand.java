package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code dragon snapshot}. */
@Command(name = "snapshot", description = "Makes the masters write a snapshot now.")
final class SnapshotCommand extends DragonCommand {
    @Mixin
    ConfigOptions options;

    @Override
    protected int run() {
        options.load();
        throw new DragonException("dragon snapshot is not built yet.");
    }
}
