package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dragon master}. */
@Command(name = "master", description = "Runs a master: sequencer, log and snapshots.")
final class MasterCommand extends DragonCommand {
    @Mixin
    ConfigOptions options;

    @Mixin
    LogOptions logging;

    @Option(
            names = "--member",
            paramLabel = "N",
            description = "which of masters.members this is (default: ${DEFAULT-VALUE})")
    int member;

    @Override
    protected int run() {
        logging.into(options.loader()).load();
        throw new DragonException("dragon master is not built yet.");
    }
}
