package io.dragon.engine.frame;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A {@link FrameChild} as its parent sees it. */
final class Child implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    Child(final String... args) {
        final List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-opens",
                "java.base/jdk.internal.misc=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                FrameChild.class.getName()));
        command.addAll(List.of(args));
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String readLine() {
        try {
            return output.readLine();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void writeLine(final String line) {
        try {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().flush();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void signal(final String signal) {
        try {
            new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Kills it with -9 and says when it was dead. */
    long kill() {
        // By its handle: Process would close the streams, and with them what the child said last.
        process.toHandle().destroyForcibly();
        try {
            process.waitFor();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return System.nanoTime();
    }

    /** What it still had to say after its death. */
    List<String> lastWords() {
        return output.lines().toList();
    }

    @Override
    public void close() {
        kill();
    }
}
