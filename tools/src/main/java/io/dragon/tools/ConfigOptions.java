package io.dragon.tools;

import io.dragon.engine.config.ConfigLoader;
import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonDirectory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** The options {@code --config}, {@code --dir} and {@code --set}. Add them to a command with {@code @Mixin}. */
final class ConfigOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "the configuration (default: $DRAGON_CONF, ./, ~/.config/dragon/)")
    Path file;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "the folder of frame pools, locks and the media driver (default: /dev/shm/dragon-$USER)")
    String directory;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "one key of docs/configuration.md, before every other source; may be repeated")
    Map<String, String> set = new LinkedHashMap<>();

    /** A loader with these flags in it, for commands that have flags of their own for keys. */
    ConfigLoader loader() {
        final ConfigLoader loader = DragonConfig.loader().file(file).flag("dragon.dir", directory);
        set.forEach(loader::flag);
        return loader;
    }

    /**
     * Reads the configuration, with the masters that run on this host where it names none: every fault in one
     * {@link io.dragon.engine.config.DragonException}.
     */
    DragonConfig load() {
        return RunningMasters.load(this::loader);
    }

    /**
     * Reads the configuration for a command that sends work to GPUs, from the client's file or, where it is named, the server's:
     * enabled remote GPUs are refused with their lines, and what is named but not there is said.
     *
     * @param say takes one sentence for the user.
     */
    DragonConfig loadForWork(final Consumer<String> say) {
        final DragonConfig config = loader().load();
        config.refuseRemoteGpus();
        config.remarks().forEach(say);
        config.missingGpus(Devices.gpus()).ifPresent(say);
        return config;
    }

    /** The Dragon directory of a configuration, not made yet. */
    static DragonDirectory directory(final DragonConfig config) {
        return DragonDirectory.of(config.dragonDir());
    }
}
