package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.tools.process.JvmFlags;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A Java program in a terminal of its own, by script(1), with the settings of that terminal before and after it. */
final class PseudoTerminal implements AutoCloseable {
    private static final Path SCRIPT = Path.of("/usr/bin/script");
    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(90);

    private final Path folder;
    private final Process process;
    private final OutputStream keyboard;

    /** Where this is false there is nothing to try it with. */
    static boolean isThere() {
        return Files.isExecutable(SCRIPT);
    }

    /** Starts a main class in a terminal of 20 lines of 100 characters. */
    PseudoTerminal(final Path folder, final Class<?> main, final String... args) throws IOException {
        this.folder = folder;
        final List<String> java = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC"));
        java.addAll(JvmFlags.ofChildren());
        java.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        java.addAll(List.of(args));
        final Path commands = Files.writeString(
                folder.resolve("commands"),
                "stty rows 20 cols 100; tty > tty; stty -a > before\n" + quoted(java)
                        + "; echo \"exit code $?\"; stty -a > after.new; mv after.new after\n");
        final ProcessBuilder builder = new ProcessBuilder(
                        SCRIPT.toString(),
                        "-q",
                        "-e",
                        "-f",
                        "-c",
                        "bash " + commands,
                        folder.resolve("shown").toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("script.log").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("DRAGON_"));
        builder.environment().put("TERM", "xterm");
        builder.environment().put("SHELL", "/bin/bash");
        process = builder.start();
        keyboard = process.getOutputStream();
    }

    private static String quoted(final List<String> words) {
        final StringBuilder line = new StringBuilder();
        words.forEach(
                word -> line.append('\'').append(word.replace("'", "'\\''")).append("' "));
        return line.toString();
    }

    private String read(final String file) {
        try {
            return Files.readString(folder.resolve(file), StandardCharsets.UTF_8);
        } catch (final IOException ex) {
            return "";
        }
    }

    /** Everything that was written to the terminal. */
    String shown() {
        return read("shown");
    }

    /** What is to be seen now, as far as this goes: what was drawn from the last return to the upper left corner on. */
    List<String> picture() {
        final String shown = shown();
        final int last = shown.lastIndexOf("\u001b[K");
        final int home = shown.lastIndexOf("\u001b[H", last);
        return home < 0
                ? List.of()
                : shown.substring(home + 3, last)
                        .replace("\r", "")
                        .replace("\u001b[K", "")
                        .lines()
                        .toList();
    }

    void press(final String keys) throws IOException {
        keyboard.write(keys.getBytes(StandardCharsets.US_ASCII));
        keyboard.flush();
    }

    void resize(final int rows, final int columns) throws IOException, InterruptedException {
        final Process stty =
                new ProcessBuilder("stty", "-F", read("tty").trim(), "rows", "" + rows, "cols", "" + columns).start();
        assertTrue(stty.waitFor(10, TimeUnit.SECONDS));
    }

    void signal(final String name) throws IOException, InterruptedException {
        final Optional<ProcessHandle> java = process.descendants()
                .filter(child -> child.info().command().orElse("").endsWith("/java"))
                .findFirst();
        final Process kill = new ProcessBuilder(
                        "kill", "-" + name, Long.toString(java.orElseThrow().pid()))
                .start();
        assertTrue(kill.waitFor(10, TimeUnit.SECONDS));
    }

    void await(final String what, final BooleanSupplier condition) {
        final long startNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - startNs < DEADLINE_NS, () -> what + " did not come: " + shown());
            LockSupport.parkNanos(20_000_000);
        }
    }

    /** The exit code of the program, once the terminal is as it was. */
    int awaitRestored() {
        // what the terminal was sent last reaches the file through script(1), which may be late
        await("the end", () -> !read("after").isEmpty() && shown().matches("(?s).*exit code \\d+\\R.*"));
        assertTrue(read("before").contains(" echo ") && read("before").contains(" icanon"), read("before"));
        assertTrue(read("after").contains("speed"), read("after"));
        final String shown = shown();
        final int entered = shown.lastIndexOf("\u001b[?1049h");
        final int left = shown.lastIndexOf("\u001b[?1049l");
        assertTrue(entered >= 0 && left > entered, shown);
        assertTrue(shown.lastIndexOf("\u001b[?25h") > shown.lastIndexOf("\u001b[?25l"), "the cursor: " + shown);
        assertTrue(shown.lastIndexOf("\u001b[?7h") > shown.lastIndexOf("\u001b[?7l"), "wrapping: " + shown);
        org.junit.jupiter.api.Assertions.assertEquals(
                withoutSize(read("before")), withoutSize(read("after")), "the settings of the terminal");
        final String said = shown.substring(left);
        final int code = said.indexOf("exit code ");
        return Integer.parseInt(
                said.substring(code + 10).lines().findFirst().orElseThrow().trim());
    }

    private static String withoutSize(final String settings) {
        return settings.replaceAll("rows \\d+; columns \\d+; ", "");
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
