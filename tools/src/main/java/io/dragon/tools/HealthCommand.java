package io.dragon.tools;

import io.dragon.engine.client.Health;
import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonException;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code dragon health}. */
@Command(
        name = "health",
        description = "Tells by its exit code whether the system works.",
        footer = {"", "Exit codes: 0 healthy, 1 critical, 3 degraded or overloaded, 4 no master answers in time."})
final class HealthCommand extends DragonCommand {
    @Mixin
    ConfigOptions options;

    @Mixin
    JsonOutput json;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "5s",
            description = "how long to wait for a master (default: 5s)")
    Duration timeout;

    @Override
    protected int run() {
        final DragonConfig config = options.load();
        Health health;
        int code;
        try (ClusterAccess access = ClusterAccess.connect(config, timeout)) {
            health = Looks.health(access.client());
            code = switch (health.state()) {
                case HEALTHY -> ExitCode.OK;
                case DEGRADED, OVERLOADED -> ExitCode.DEGRADED;
                case CRITICAL -> ExitCode.FAILED;
            };
        } catch (final DragonException ex) {
            health = new Health(Health.State.CRITICAL, List.of(ex.getMessage()));
            code = ex.exitCode();
        }
        if (!json.isStandardOutput()) {
            out.println(health.state().label());
            health.reasons().forEach(reason -> out.println("  " + reason));
        }
        final ObjectNode result =
                JsonOutput.object().put("health", health.state().label());
        final ArrayNode reasons = result.putArray("reasons");
        health.reasons().forEach(reasons::add);
        json.write(out, result);
        return code;
    }
}
