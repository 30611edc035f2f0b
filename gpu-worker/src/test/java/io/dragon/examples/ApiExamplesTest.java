package io.dragon.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.TaskHandle;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.config.DragonException;
import io.dragon.worker.EmbeddedContext;
import io.dragon.worker.EmbeddedDragon;
import io.dragon.worker.voxel.CarveStep;
import io.dragon.worker.voxel.SyntheticScene;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What docs/api.md shows compiles and does what it says. */
final class ApiExamplesTest {
    private static final String FENCE = "```";
    private static final int WIDTH = 320;
    private static final int HEIGHT = 240;

    @Test
    void shouldDoWhatTheExamplesSay() {
        try (EmbeddedDragon dragon =
                        EmbeddedDragon.launch(new EmbeddedContext().workers(1).handler(Brightness::new));
                DragonClient client = TasksExample.connect(dragon.directory().path())) {
            final byte[] bytes = "bytes".getBytes(StandardCharsets.UTF_8);
            assertArrayEquals(bytes, TasksExample.tasks(client, bytes));
            final TaskHandle task = client.submit(TaskRequest.of("brightness").input(new byte[] {-1, 2}));
            try (TaskOutcome outcome = task.get(Duration.ofSeconds(20)).orThrow()) {
                assertEquals(
                        257,
                        ByteBuffer.wrap(outcome.inlineResult())
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .getLong());
            }
            final TaskHandle nobodys = client.submit(TaskRequest.of("nobody-runs-this"));
            final DragonException late = assertThrows(DragonException.class, () -> nobodys.get(Duration.ofMillis(1)));
            assertEquals(DragonException.TIMED_OUT, late.exitCode());
            nobodys.cancel();

            final SyntheticScene scene = new SyntheticScene(6, WIDTH, HEIGHT, 1);
            final List<CarveStep.WorldPeak> peaks = CamerasExample.peaks(client, scene, WIDTH, HEIGHT);
            final double[] truth = new double[3];
            scene.position(0, 1, truth);
            assertTrue(
                    Math.hypot(
                                    Math.hypot(
                                            peaks.get(0).x() - truth[0],
                                            peaks.get(0).y() - truth[1]),
                                    peaks.get(0).z() - truth[2])
                            < 2,
                    peaks + "");
        }
    }

    @Test
    void shouldBeWhatThePackageShows() throws IOException {
        final String page = Files.readString(Path.of(
                "..", "engine", "src", "main", "java", "io", "dragon", "engine", "client", "package-info.java"));
        final String shown = page.substring(page.indexOf("{@code") + "{@code".length(), page.indexOf("}</pre>"))
                .replaceAll("(?m)^ \\* ?", "")
                .replaceAll("\\s+", "");
        final String compiled = Files.readString(Path.of("src/test/java/io/dragon/examples/TasksExample.java"))
                .replaceAll("\\s+", "");
        assertTrue(compiled.contains(shown), shown);
    }

    @Test
    void shouldBeWhatTheDocumentationShows() throws IOException {
        final StringBuilder sources = new StringBuilder();
        for (final String name : List.of("TasksExample", "CamerasExample", "Brightness")) {
            sources.append(Files.readString(Path.of("src/test/java/io/dragon/examples", name + ".java")));
        }
        final String compiled = sources.toString().replaceAll("\\s+", "");
        final String[] parts = Files.readString(Path.of("..", "docs", "api.md")).split(FENCE);
        int shown = 0;
        for (int i = 1; i < parts.length; i += 2) {
            if (parts[i].startsWith("java")) {
                shown++;
                final String example = parts[i].substring("java".length());
                assertTrue(
                        compiled.contains(example.replaceAll("\\s+", "")),
                        "not what is compiled in gpu-worker/src/test/java/io/dragon/examples: " + example);
            }
        }
        assertEquals(4, shown, "examples in docs/api.md");
    }
}
