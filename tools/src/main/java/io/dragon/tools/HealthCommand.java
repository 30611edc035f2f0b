package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code dragon health}. */
@Command(
        name = "health",
        description =
                "Tells by its exit code whether the system works: 0 healthy, 3 degraded or overloaded, 1 critical, 4 no answer.")
final class HealthCommand extends DragonCommand {
    @Mixin
    ConfigOptions options;

    @Mixin
    JsonOutput json;

    @Override
    protected int run() {
        options.load();
        throw new DragonException("dragon health is not built yet.");
    }
}
