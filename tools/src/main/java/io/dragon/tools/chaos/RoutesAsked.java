package io.dragon.tools.chaos;

import io.dragon.engine.config.DragonException;
import io.dragon.tools.process.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code dragon routes --optimize --json}, asked of the running system by a process of its own, as an operator would. One thread. */
final class RoutesAsked implements AutoCloseable {
    private static final JsonMapper MAPPER = new JsonMapper();

    private final Path answer;
    private final ChildProcess process;

    RoutesAsked(final HostCluster cluster) {
        answer = cluster.state().resolve("routes.json");
        try {
            Files.deleteIfExists(answer);
        } catch (final IOException ex) {
            throw new DragonException("Cannot write " + answer + ": " + ex.getMessage() + '.');
        }
        process = cluster.program(
                HostCluster.CAMERAS,
                "routes",
                List.of(
                        "routes",
                        "--optimize",
                        "--json=" + answer,
                        "--config=" + cluster.configuration(),
                        "--timeout=15s"));
    }

    /** Whether it has answered, or never will. */
    boolean isOver() {
        return !process.isAlive();
    }

    /** Ways by a third host that the answer tells, both made and in force; -1 when there is no answer. */
    long waysRelayed() {
        try {
            return waysRelayed(MAPPER.readTree(Files.readString(answer)));
        } catch (final IOException | JacksonException none) {
            return -1;
        }
    }

    static long waysRelayed(final JsonNode routes) {
        final JsonNode inForce = routes.path("relayed");
        final JsonNode made = routes.path("optimized").path("relayed");
        return inForce.isNumber() && made.isNumber() ? Math.min(inForce.asLong(), made.asLong()) : -1;
    }

    @Override
    public void close() {
        process.close();
    }
}
