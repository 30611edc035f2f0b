package io.dragon.tools.demo;

import io.dragon.engine.config.DragonException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One {@code dragon} process that the demo starts: the same Java, class path and flags as this process has. It ends with
 * this process whatever happens: {@code DRAGON_PARENT_PID} tells it whom to follow. Its messages go to a log file, its
 * standard output is read line by line. One thread.
 */
final class ChildProcess implements AutoCloseable {
    /** Names the process that a {@code dragon} command follows into its end. */
    static final String PARENT_PID = "DRAGON_PARENT_PID";

    private static final long TERMINATE_SECONDS = 10;

    private final String name;
    private final Process process;
    private final Path log;
    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final BufferedWriter input;
    private final Thread reader;
    private boolean killed;

    private ChildProcess(final String name, final Process process, final Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.input = process.outputWriter(StandardCharsets.UTF_8);
        this.reader = new Thread(this::readLines, "output-of-" + name);
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts a command.
     *
     * @param name        for messages and for the log file.
     * @param directory   where its log file is written.
     * @param environment variables beside those of this process, of which those of Dragon are not handed on.
     * @param heap        its largest heap, as {@code -Xmx} takes it.
     * @param arguments   of {@code dragon}.
     * @return the running process.
     */
    static ChildProcess start(
            final String name,
            final Path directory,
            final Map<String, String> environment,
            final String heap,
            final List<String> arguments) {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx" + heap);
        command.add("-XX:+UseSerialGC");
        for (final String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (flag.startsWith("--add-")) {
                command.add(flag);
            }
        }
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add("io.dragon.tools.DragonMain");
        command.addAll(arguments);

        final Path log = directory.resolve(name + ".log");
        final ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment()
                .keySet()
                .removeIf(variable -> variable.startsWith("DRAGON_")); // the user's own system is another one
        builder.environment().putAll(environment);
        builder.environment()
                .put(PARENT_PID, Long.toString(ProcessHandle.current().pid()));
        builder.redirectError(log.toFile());
        try {
            return new ChildProcess(name, builder.start(), log);
        } catch (final IOException ex) {
            throw new DragonException("Cannot start the process " + name + ": " + ex.getMessage() + '.');
        }
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Sends it a line; a process that is gone is found out by {@link #awaitLine}. */
    void tell(final String line) {
        try {
            input.write(line);
            input.newLine();
            input.flush();
        } catch (final IOException ex) {
            if (process.isAlive()) {
                throw new UncheckedIOException(ex);
            }
        }
    }

    /**
     * The rest of the next line of its output that begins with a word.
     *
     * @throws DragonException when it ends, or the time is over, before it says so.
     */
    String awaitLine(final String word, final long timeout, final TimeUnit unit) {
        final long deadlineNs = System.nanoTime() + unit.toNanos(timeout);
        try {
            while (true) {
                final String line = lines.poll(20, TimeUnit.MILLISECONDS);
                if (line != null && line.startsWith(word)) {
                    return line.substring(word.length()).trim();
                }
                if (line == null && !process.isAlive() && !reader.isAlive() && lines.isEmpty()) {
                    throw new DragonException("The process " + name + " ended with exit code " + process.exitValue()
                            + " before it said '" + word + "': " + lastWords());
                }
                if (System.nanoTime() - deadlineNs > 0) {
                    throw new DragonException("The process " + name + " did not say '" + word + "' within "
                            + unit.toSeconds(timeout) + " s: " + lastWords());
                }
            }
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            throw new DragonException("Interrupted while waiting for the process " + name + '.');
        }
    }

    /** The rest of the next line of its output that begins with a word, if it has come; lines before it are dropped. */
    String pollLine(final String word) {
        for (String line = lines.poll(); line != null; line = lines.poll()) {
            if (line.startsWith(word)) {
                return line.substring(word.length()).trim();
            }
        }
        return null;
    }

    /** kill -9; returns once the process is gone. */
    void kill() {
        killed = true;
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
    }

    /** Throws when it ended without having been asked to. */
    void checkAlive() {
        if (!killed && !process.isAlive()) {
            throw new DragonException("The process " + name + " ended by itself with exit code " + process.exitValue()
                    + ": " + lastWords());
        }
    }

    /** SIGTERM, without waiting; {@link #close()} waits. */
    void terminate() {
        if (process.isAlive()) {
            process.destroy();
        }
    }

    @Override
    public void close() {
        terminate();
        try {
            if (!process.waitFor(TERMINATE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            reader.join(1_000);
        } catch (final InterruptedException ex) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void readLines() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                lines.add(line);
            }
        } catch (final IOException ex) {
            lines.add("output lost: " + ex.getMessage());
        }
    }

    private String lastWords() {
        try {
            final List<String> all = Files.readAllLines(log, StandardCharsets.UTF_8);
            for (int i = all.size() - 1; i >= 0; i--) {
                if (!all.get(i).isBlank() && !all.get(i).startsWith("WARNING: Using incubator")) {
                    return all.get(i);
                }
            }
            return "it wrote no message.";
        } catch (final IOException ex) {
            return "its log " + log + " cannot be read.";
        }
    }
}
