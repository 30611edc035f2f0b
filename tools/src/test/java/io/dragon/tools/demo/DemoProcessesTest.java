package io.dragon.tools.demo;

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

/** What becomes of a demo's processes and folders when the demo itself is stopped or killed. */
final class DemoProcessesTest {
    private static final long DEADLINE_S = 60;

    @TempDir
    Path folder;

    private Process demo;
    private List<ProcessHandle> children = List.of();

    @AfterEach
    void endWhatIsLeft() throws InterruptedException {
        children.forEach(ProcessHandle::destroyForcibly);
        demo.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
    }

    /** The user's own folder in the environment is not the demo's: nothing of it may be touched. */
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
        command.addAll(List.of("demo", "--processes", "--cameras", "4", "--frame", "160x120", "--seconds", "300"));
        command.addAll(List.of("--workers", "1", "--voxels", "32"));
        final ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("DRAGON_"));
        builder.environment().put("DRAGON_DIR", shared().toString());
        demo = builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile())
                .start();
        await("the run", () -> said().contains("Running 4 cameras"));
        children = demo.descendants().toList();
        assertEquals(4, children.size(), said());
    }

    private Path shared() {
        return folder.resolve("shared");
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
                    .filter(name ->
                            name.startsWith("shared") || name.startsWith("dragon-demo-") && !name.endsWith(".png"))
                    .toList();
        } catch (final IOException ex) {
            return List.of(ex.toString());
        }
    }

    @Test
    void shouldEndAllItsProcessesWhenItIsKilledAndTheNextOneTakesAwayWhatItLeft() throws Exception {
        start();
        demo.destroyForcibly().waitFor();

        await("the end of all processes", () -> children.stream().noneMatch(ProcessHandle::isAlive));
        await("the end of what it left", () -> {
            DeadSystems.sweep(shared(), folder.resolve("tmp"));
            return leftOvers().isEmpty();
        });
    }

    @Test
    void shouldStopAtOnceWhenATerminalSendsCtrlCToAllOfThem() throws Exception {
        start();
        final List<String> command = new ArrayList<>(List.of("kill", "-INT"));
        children.forEach(child -> command.add(Long.toString(child.pid())));
        assertEquals(0, new ProcessBuilder(command).start().waitFor());
        demo.destroy(); // not INT, which a test that runs in the background of a shell inherits as ignored

        assertTrue(demo.waitFor(DEADLINE_S, TimeUnit.SECONDS), this::said);
        assertEquals(3, demo.exitValue(), said());
        assertTrue(said().contains("NOT GOOD stopped before the end"), said());
        assertFalse(said().contains("ended by itself"), said());
        assertTrue(children.stream().noneMatch(ProcessHandle::isAlive));
        assertEquals(List.of(), leftOvers());
    }
}
