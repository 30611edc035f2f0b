package io.dragon.tools.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.tools.DragonMain;
import io.dragon.tools.process.DeadSystems;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the processes, mounts and folders of a chaos run when the run itself is killed or stopped. */
final class ChaosProcessesTest {
    private static final long DEADLINE_S = 180;

    @TempDir
    Path folder;

    private Process chaos;
    private List<ProcessHandle> children = List.of();

    @AfterEach
    void endWhatIsLeft() throws InterruptedException {
        children.forEach(ProcessHandle::destroyForcibly);
        chaos.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
    }

    /** With a fault that needs namespaces, so that the run is a process inside another one where the machine allows it. */
    private void start() throws Exception {
        final Path temporary = Files.createDirectories(folder.resolve("tmp"));
        final List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-opens",
                "java.base/jdk.internal.misc=ALL-UNNAMED",
                "--add-opens",
                "java.base/java.util.zip=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                DragonMain.class.getName()));
        command.addAll(List.of("chaos", "--only", "memory-full,worker-kill", "--repeat", "100", "--workers", "2"));
        command.addAll(List.of("--publishers", "1"));
        final ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("DRAGON_"));
        builder.environment().put("DRAGON_DIR", folder.resolve("shared").toString());
        chaos = builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile())
                .start();
        await("the first fault", () -> said().contains("seen by"));
        children = chaos.descendants().toList();
        assertTrue(children.size() >= 8, this::said); // three masters, driver, gpu-server, two workers, cameras
    }

    private String said() {
        try {
            return Files.readString(folder.resolve("out"), StandardCharsets.UTF_8);
        } catch (final IOException ex) {
            return "";
        }
    }

    private void await(final String what, final BooleanSupplier condition) throws InterruptedException {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, () -> what + " did not come: " + said());
            Thread.sleep(50);
        }
    }

    private List<String> leftOvers() {
        try (Stream<Path> near = Files.list(folder);
                Stream<Path> temporary = Files.list(folder.resolve("tmp"))) {
            return Stream.concat(near, temporary)
                    .map(path -> path.getFileName().toString())
                    .filter(name -> name.startsWith("shared") || name.startsWith("dragon-chaos-"))
                    .toList();
        } catch (final IOException ex) {
            return List.of(ex.toString());
        }
    }

    @Test
    void shouldLeaveNothingBehindWhenItIsKilled() throws Exception {
        start();
        chaos.destroyForcibly().waitFor();

        await("the end of all processes", () -> children.stream().noneMatch(ProcessHandle::isAlive));
        assertFalse(Files.readString(Path.of("/proc/self/mounts")).contains(folder.toString()));
        await("the end of what it left", () -> {
            DeadSystems.sweep(folder.resolve("shared"), folder.resolve("tmp"));
            return leftOvers().isEmpty();
        });
    }

    @Test
    void shouldLeaveNothingBehindWhenItIsStopped() throws Exception {
        start();
        chaos.destroy();

        assertTrue(chaos.waitFor(DEADLINE_S, TimeUnit.SECONDS), this::said);
        assertEquals(1, chaos.exitValue(), said());
        assertTrue(said().contains("The run was stopped."), said());
        await("the end of all processes", () -> children.stream().noneMatch(ProcessHandle::isAlive));
        await("the end of what it left", () -> leftOvers().isEmpty());
    }
}
