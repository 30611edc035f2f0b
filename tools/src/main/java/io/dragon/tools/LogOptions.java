package io.dragon.tools;

import io.dragon.engine.config.ConfigLoader;
import io.dragon.engine.config.DragonConfig;
import org.slf4j.Logger;
import picocli.CommandLine.Option;

/** The options {@code --log-dir} and {@code --log-level} of processes that stay. Add them with {@code @Mixin}. */
final class LogOptions {
    @Option(
            names = "--log-dir",
            paramLabel = "DIR",
            description = "write a rotated log there instead of to standard error")
    String directory;

    @Option(names = "--log-level", paramLabel = "LEVEL", description = "error, warn, info, debug or trace")
    String level;

    /** Puts these flags in front of the keys {@code log.directory} and {@code log.level}. */
    ConfigLoader into(final ConfigLoader loader) {
        return loader.flag("log.directory", directory).flag("log.level", level);
    }

    /**
     * Starts the log of this process.
     *
     * @param config where it goes.
     * @param role   what this process is, {@code worker}.
     * @param id     which one, {@code gpu-0}.
     */
    static Logger start(final DragonConfig config, final String role, final String id) {
        return ProcessLog.start(
                role, id, config.log().directory().orElse(null), config.log().level());
    }
}
