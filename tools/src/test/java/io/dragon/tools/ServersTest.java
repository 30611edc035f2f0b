package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A system of real processes: started, looked at, hit with SIGKILL, and stopped without a trace. */
final class ServersTest {
    private static final long DEADLINE_S = 40;

    @TempDir
    Path folder;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void endWhatIsLeft() throws InterruptedException {
        for (final Process process : processes) {
            process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
        }
    }

    private Process start(final String log, final String... args) throws IOException {
        final List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-opens",
                "java.base/jdk.internal.misc=ALL-UNNAMED",
                "--add-opens",
                "java.base/java.util.zip=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                DragonMain.class.getName()));
        command.addAll(List.of(args));
        command.addAll(List.of("--dir", dir().toString()));
        final ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("DRAGON_"));
        final Process process = builder.redirectOutput(
                        folder.resolve(log + ".out").toFile())
                .redirectError(folder.resolve(log + ".err").toFile())
                .start();
        processes.add(process);
        return process;
    }

    private Path dir() {
        return folder.resolve("shared");
    }

    private String said(final String log) {
        try {
            return Files.readString(folder.resolve(log + ".err"), StandardCharsets.UTF_8);
        } catch (final IOException ex) {
            return "";
        }
    }

    private void await(final String what, final BooleanSupplier condition) throws InterruptedException {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.getAsBoolean()) {
            assertTrue(
                    System.nanoTime() - deadlineNs < 0,
                    () -> what + " did not come: " + said("master") + said("worker"));
            Thread.sleep(50);
        }
    }

    private JsonNode status() {
        final CommandRun run = CommandRun.of("status", "--json", "--dir", dir().toString(), "--timeout", "20s");
        assertEquals(0, run.code(), run.err());
        return JsonOutput.parse(run.out());
    }

    @Test
    void shouldStartLookSurviveAKillAndStopWithoutATrace() throws Exception {
        final String data = folder.resolve("data").toString();
        final Process master = start("master", "master", "--data", data);
        final Process worker = start("worker", "worker", "--device", "cpu", "--name", "w");
        await("the worker", () -> said("worker").contains("ready for tasks"));

        final JsonNode status = status();
        assertEquals("healthy", status.get("health").asString());
        assertEquals(0, status.get("reasons").size());
        for (final String key : List.of("health", "reasons", "masters", "nodes", "workers", "cameras", "statistics")) {
            assertTrue(status.has(key), key);
        }
        assertEquals("leader", status.get("masters").get(0).get("role").asString());
        assertEquals("w", status.get("workers").get(0).get("name").asString());
        for (final String key : List.of(
                "tasksCompleted",
                "successRate",
                "avgExecutionTimeMillis",
                "busyWorkers",
                "totalWorkers",
                "avgLatencyMillis",
                "queueDepth",
                "errors")) {
            assertTrue(status.get("statistics").get(key).isNumber(), key);
        }
        for (final String key :
                List.of("framesProcessed", "bytesTransferred", "zeroCopyRatio", "avgTransferTimeMillis")) {
            assertTrue(status.get("statistics").get("pipeline").get(key).isNumber(), key);
        }
        final CommandRun health = CommandRun.of("health", "--dir", dir().toString());
        assertEquals(0, health.code(), health.out() + health.err());

        final Path frames = Files.write(folder.resolve("frames.raw"), new byte[10 * 64]);
        final Process camera = start(
                "camera",
                "publish",
                "--camera",
                "c",
                "--source",
                frames.toString(),
                "--format",
                "raw:8x8:grey8",
                "--json");
        assertTrue(camera.waitFor(DEADLINE_S, TimeUnit.SECONDS));
        assertEquals(3, camera.exitValue(), said("camera"));
        assertTrue(said("camera").contains("the masters refuse frames (no job names this camera)"), said("camera"));
        final JsonNode published = JsonOutput.parse(Files.readString(folder.resolve("camera.out")));
        assertEquals(10, published.get("published").asInt());
        assertEquals(0, published.get("dropped").asInt());
        assertEquals(10, published.get("refusedWithoutJob").asInt());
        assertEquals("c", status().get("cameras").get(0).get("name").asString());
        assertEquals(0, CommandRun.of("snapshot", "--dir", dir().toString()).code());

        final Process waiting =
                start("waiting", "publish", "--camera", "d", "--source", "-", "--format", "raw:8x8:grey8");
        await("the camera that waits for its input", () -> said("waiting").contains("publishing"));
        waiting.destroy();
        assertTrue(waiting.waitFor(DEADLINE_S, TimeUnit.SECONDS), "a read that never ends must not keep it");
        assertEquals(0, waiting.exitValue(), said("waiting"));

        worker.destroyForcibly().waitFor();
        await(
                "the death of the worker",
                () -> !status().get("workers").get(0).get("state").asString().equals("alive"));
        assertEquals(1, CommandRun.of("health", "--dir", dir().toString()).code(), "no worker is critical");

        master.destroy();
        assertTrue(master.waitFor(DEADLINE_S, TimeUnit.SECONDS));
        assertEquals(0, master.exitValue(), said("master"));
        assertFalse(Files.exists(dir()), "the last process takes the shared folder away");
    }
}
