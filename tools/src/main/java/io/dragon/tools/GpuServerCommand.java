package io.dragon.tools;

import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code dragon gpu-server}. */
@Command(
        name = "gpu-server",
        description =
                "(not in this version) Offers the GPUs of this machine to others; now it only checks its configuration.")
final class GpuServerCommand extends DragonCommand {
    @Mixin
    ConfigOptions options;

    @Mixin
    LogOptions logging;

    @Override
    protected int run() {
        final DragonConfig config = logging.into(options.loader().kind(DragonConfig.FileKind.SERVER))
                .load();
        config.remarks().forEach(this::say);
        config.missingGpus(Devices.gpuCount()).ifPresent(this::say);
        throw new DragonException("The configuration "
                + config.file().map(file -> file + " ").orElse("") + "is valid, but serving GPUs over the network to "
                + config.server().bindAddress() + ":" + config.server().port()
                + " is not built yet: start 'dragon worker --device cpu|N' on this machine instead.");
    }
}
