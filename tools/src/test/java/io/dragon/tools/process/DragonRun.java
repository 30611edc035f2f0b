package io.dragon.tools.process;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.tools.DragonMain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A {@code dragon} command as a process of its own, with all its folders in one of a test, and the processes that it starts. */
public final class DragonRun implements AutoCloseable {
    private final Path folder;
    private final long deadlineSeconds;
    private final Process process;
    private List<ProcessHandle> children = List.of();

    /** Starts it; the user's own folder in the environment is not the run's: nothing of it may be touched. */
    public DragonRun(final Path folder, final long deadlineSeconds, final String... args) throws IOException {
        this.folder = folder;
        this.deadlineSeconds = deadlineSeconds;
        final List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-opens",
                "java.base/jdk.internal.misc=ALL-UNNAMED",
                "--add-opens",
                "java.base/java.util.zip=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + Files.createDirectories(temporary()),
                "-cp",
                System.getProperty("java.class.path"),
                DragonMain.class.getName()));
        command.addAll(Arrays.asList(args));
        final ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("DRAGON_"));
        builder.environment().put("DRAGON_DIR", shared().toString());
        process = builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile())
                .start();
    }

    /** In shared memory, were it not a test. */
    public Path shared() {
        return folder.resolve("shared");
    }

    /** For temporary files. */
    public Path temporary() {
        return folder.resolve("tmp");
    }

    /** The command itself. */
    public Process process() {
        return process;
    }

    /** Waits until it has said something, and notes whom it has started by then. */
    public List<ProcessHandle> awaitChildren(final String words) throws InterruptedException {
        await(words, () -> said().contains(words));
        children = process.descendants().toList();
        return children;
    }

    /** Waits until nobody lives whom it had started. */
    public void awaitEndOfChildren() throws InterruptedException {
        await("the end of all processes", () -> children.stream().noneMatch(ProcessHandle::isAlive));
    }

    /** Its exit code. */
    public int awaitEnd() throws InterruptedException {
        assertTrue(process.waitFor(deadlineSeconds, TimeUnit.SECONDS), this::said);
        return process.exitValue();
    }

    /** What it wrote. */
    public String said() {
        try {
            return Files.readString(folder.resolve("out"), StandardCharsets.UTF_8);
        } catch (final IOException ex) {
            return "";
        }
    }

    public void await(final String what, final BooleanSupplier condition) throws InterruptedException {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(deadlineSeconds);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, () -> what + " did not come: " + said());
            Thread.sleep(50);
        }
    }

    /** Names in its folders of what is a system's, or is meant. */
    public List<String> leftOvers(final Predicate<String> isMeant) {
        try (Stream<Path> near = Files.list(folder);
                Stream<Path> temporary = Files.list(temporary())) {
            return Stream.concat(near, temporary)
                    .map(path -> path.getFileName().toString())
                    .filter(name -> name.startsWith("shared") || isMeant.test(name))
                    .toList();
        } catch (final IOException ex) {
            return List.of(ex.toString());
        }
    }

    /** Kills whatever of it is left. */
    @Override
    public void close() {
        children.forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
    }
}
