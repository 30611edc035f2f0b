package io.dragon.tools.process;

import io.dragon.engine.config.DragonException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One {@code dragon} process that another one starts: the same Java, class path and flags as this process has. It ends with
 * this process whatever happens: {@code DRAGON_PARENT_PID} tells it whom to follow. Its messages go to a log file, its
 * standard output is read line by line. One thread.
 */
public final class ChildProcess implements AutoCloseable {
    /** Names the process that a {@code dragon} command follows into its end. */
    public static final String PARENT_PID = "DRAGON_PARENT_PID";

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
     * @throws DragonException when it cannot be started.
     */
    public static ChildProcess start(
            final String name,
            final Path directory,
            final Map<String, String> environment,
            final String heap,
            final List<String> arguments) {
        return start(List.of(), name, directory, environment, heap, arguments);
    }

    /**
     * Starts a command by way of another program, such as one that changes the namespace.
     *
     * @param prefix      that program and its arguments.
     * @param name        for messages and for the log file, to which is appended.
     * @param directory   where its log file is written.
     * @param environment variables beside those of this process, of which those of Dragon are not handed on.
     * @param heap        its largest heap, as {@code -Xmx} takes it.
     * @param arguments   of {@code dragon}.
     * @return the running process.
     * @throws DragonException when it cannot be started.
     */
    public static ChildProcess start(
            final List<String> prefix,
            final String name,
            final Path directory,
            final Map<String, String> environment,
            final String heap,
            final List<String> arguments) {
        final List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx" + heap);
        command.add("-XX:+UseSerialGC");
        command.addAll(JvmFlags.ofChildren());
        command.addAll(JvmFlags.of(arguments.get(0)));
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
        builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        try {
            return new ChildProcess(name, builder.start(), log);
        } catch (final IOException ex) {
            throw new DragonException("Cannot start the process " + name + ": " + ex.getMessage() + '.');
        }
    }

    /**
     * What it is called in messages.
     *
     * @return its name.
     */
    public String name() {
        return name;
    }

    /**
     * Its number in the operating system.
     *
     * @return the process id.
     */
    public long pid() {
        return process.pid();
    }

    /**
     * Whether it runs or is stopped.
     *
     * @return false once it has ended.
     */
    public boolean isAlive() {
        return process.isAlive();
    }

    /**
     * Sends it a line; a process that is gone is found out by {@link #awaitLine}.
     *
     * @param line without its end.
     */
    public void tell(final String line) {
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
     * @param word    how the line begins.
     * @param timeout how long to wait for it.
     * @param unit    of the timeout.
     * @return what follows the word.
     * @throws DragonException when it ends, or the time is over, before it says so.
     */
    public String awaitLine(final String word, final long timeout, final TimeUnit unit) {
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

    /**
     * The rest of the next line of its output that begins with a word, if it has come; lines before it are dropped.
     *
     * @param word how the line begins.
     * @return what follows the word; null when there is no such line yet.
     */
    public String pollLine(final String word) {
        for (String line = lines.poll(); line != null; line = lines.poll()) {
            if (line.startsWith(word)) {
                return line.substring(word.length()).trim();
            }
        }
        return null;
    }

    /** kill -9; returns once the process is gone. */
    public void kill() {
        killed = true;
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Sends it a signal.
     *
     * @param signal name without SIG, as in {@code STOP} and {@code CONT}.
     * @throws DragonException when it cannot be sent to a process that is there.
     */
    public void signal(final String signal) {
        if (!signal(pid(), signal) && process.isAlive()) {
            throw new DragonException("The signal " + signal + " cannot be sent to the process " + name + '.');
        }
    }

    /**
     * Sends a signal to any process.
     *
     * @param processId its number in the operating system.
     * @param signal    name without SIG.
     * @return false when it cannot be sent, as when there is no such process.
     * @throws DragonException when signals cannot be sent at all.
     */
    public static boolean signal(final long processId, final String signal) {
        try {
            return new ProcessBuilder("kill", "-" + signal, Long.toString(processId))
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (final IOException ex) {
            throw new DragonException("The program 'kill' cannot be run: " + ex.getMessage() + '.');
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            throw new DragonException("Interrupted while sending a signal to the process " + processId + '.');
        }
    }

    /**
     * Looks whether it still runs.
     *
     * @throws DragonException when it ended without having been asked to.
     */
    public void checkAlive() {
        if (!killed && !process.isAlive()) {
            throw new DragonException("The process " + name + " ended by itself with exit code " + process.exitValue()
                    + ": " + lastWords());
        }
    }

    /** SIGTERM, without waiting; {@link #close()} waits. */
    public void terminate() {
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
