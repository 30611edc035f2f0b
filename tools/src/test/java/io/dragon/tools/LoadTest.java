package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.Health;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** "Check load balance": one worker idle, one with a queue. */
final class LoadTest {
    private static ClusterStatus.Worker worker(final String name, final int assigned, final long completed) {
        return new ClusterStatus.Worker(
                1,
                1,
                name,
                "cpu",
                0,
                99,
                WorkerState.ALIVE,
                assigned,
                8,
                completed,
                0,
                1.5,
                -1,
                10,
                0,
                0,
                ClusterStatus.Gpu.NONE);
    }

    @Test
    void shouldShowWhichWorkerIsIdleAndWhichHasAQueue() {
        final ClusterStatus status = new ClusterStatus(
                new Health(Health.State.HEALTHY, List.of()),
                IncidentsTest.statistics(),
                new ClusterStatus.Leadership(0, 7),
                List.of(),
                List.of(worker("idle", 0, 3), worker("busy", 8, 4_711)),
                List.of(),
                List.of(),
                List.of(),
                List.of());
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new StatusReport(status, List.of()).print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        final String text = bytes.toString(StandardCharsets.UTF_8);
        assertTrue(text.lines().anyMatch(line -> line.matches("WORKER .* LOAD +TASKS .*")), text);
        assertTrue(text.lines().anyMatch(line -> line.matches("idle .* 0/8 +3 .*")), text);
        assertTrue(text.lines().anyMatch(line -> line.matches("busy .* 8/8 +4,?711 .*")), text);
    }
}
