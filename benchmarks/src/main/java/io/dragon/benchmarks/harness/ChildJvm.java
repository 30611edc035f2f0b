package io.dragon.benchmarks.harness;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A process of our own that talks in lines. It ends when its standard input ends, so that none outlives a benchmark that was
 * killed.
 */
public final class ChildJvm implements AutoCloseable {
    private static final String END = "\0";
    private static final int CLOSE_SECONDS = 10;

    /** The virtual machine says so before any code runs, and has no switch against it. */
    private static final String WARNING = "WARNING: Using incubator modules";

    private final String name;
    private final Process process;
    private final int closeSeconds;
    private final BufferedWriter in;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private ChildJvm(final String name, final Process process, final int closeSeconds) {
        this.name = name;
        this.process = process;
        this.closeSeconds = closeSeconds;
        in = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        final Thread reader = new Thread(this::read, "lines of " + name);
        reader.setDaemon(true);
        reader.start();
        final Thread errors = new Thread(this::passOn, "errors of " + name);
        errors.setDaemon(true);
        errors.start();
    }

    /**
     * Starts a virtual machine like this one.
     *
     * @param main      its main class
     * @param heap      its heap, as in {@code 256m}
     * @param arguments of the main method
     * @return the process
     * @throws IOException when there are no more processes
     */
    public static ChildJvm start(final Class<?> main, final String heap, final String... arguments) throws IOException {
        final List<String> command = new ArrayList<>(List.of(
                java(),
                "-Xms" + heap,
                "-Xmx" + heap,
                "-XX:+UseParallelGC",
                "-XX:ParallelGCThreads=1",
                "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                "--add-opens=java.base/java.util.zip=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"));
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        return start(command, main, CLOSE_SECONDS, arguments);
    }

    /**
     * Starts a virtual machine with the very options of this one.
     *
     * @param main         its main class
     * @param closeSeconds that it may take to end what it has started itself
     * @param arguments    of the main method
     * @return the process
     * @throws IOException when there are no more processes
     */
    public static ChildJvm startAgain(final Class<?> main, final int closeSeconds, final String... arguments)
            throws IOException {
        final List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        return start(command, main, closeSeconds, arguments);
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static ChildJvm start(
            final List<String> command, final Class<?> main, final int closeSeconds, final String... arguments)
            throws IOException {
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return start(main.getSimpleName() + ' ' + String.join(" ", arguments), command, closeSeconds);
    }

    /**
     * Starts any program.
     *
     * @param name    for people
     * @param command program and arguments
     * @return the process
     * @throws IOException when it cannot be started
     */
    public static ChildJvm start(final String name, final List<String> command) throws IOException {
        return start(name, command, CLOSE_SECONDS);
    }

    private static ChildJvm start(final String name, final List<String> command, final int closeSeconds)
            throws IOException {
        return Ending.process(
                () -> new ChildJvm(name, new ProcessBuilder(command).start(), closeSeconds), ChildJvm::close);
    }

    /**
     * The process.
     *
     * @return its number
     */
    public long pid() {
        return process.pid();
    }

    /**
     * Whether it runs.
     *
     * @return false once it has ended
     */
    public boolean isAlive() {
        return process.isAlive();
    }

    /**
     * Sends a line.
     *
     * @param line without its end
     * @throws IOException when the process has ended
     */
    public void send(final String line) throws IOException {
        in.write(line);
        in.newLine();
        in.flush();
    }

    /**
     * The next line that begins with a word; others before it are skipped.
     *
     * @param begin   what it begins with
     * @param seconds to wait for it
     * @return the rest of the line
     * @throws InterruptedException  when this thread is to end
     * @throws IllegalStateException when the process has ended, or the time is over
     */
    public String await(final String begin, final double seconds) throws InterruptedException {
        final long deadlineNs = System.nanoTime() + (long) (seconds * 1e9);
        while (true) {
            final String line = lines.poll(Math.max(1, deadlineNs - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (line == null) {
                throw new IllegalStateException(name + " has not said '" + begin + "' within " + seconds + " s");
            }
            if (line.equals(END)) {
                throw new IllegalStateException(name + " has ended before it said '" + begin + "'");
            }
            if (line.startsWith(begin)) {
                return line.substring(begin.length()).strip();
            }
        }
    }

    /**
     * The next line, however long it takes.
     *
     * @return null when the process has ended
     * @throws InterruptedException when this thread is to end
     */
    public String next() throws InterruptedException {
        final String line = lines.take();
        return line.equals(END) ? null : line;
    }

    /**
     * How it has ended; waits for that.
     *
     * @return 128 and the number of the signal when it was killed
     * @throws InterruptedException when this thread is to end
     */
    public int exitCode() throws InterruptedException {
        return process.waitFor();
    }

    /** Descriptor 2 of this process may be silent, because the launcher has set the real one aside: what is said there is said again. */
    private void passOn() {
        try (BufferedReader said = process.errorReader()) {
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                if (!line.startsWith(WARNING)) {
                    System.err.println(line);
                }
            }
        } catch (final IOException e) {
            // it was killed
        }
    }

    private void read() {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line);
            }
        } catch (final IOException e) {
            // it was killed: its end is all there is to say
        }
        lines.add(END);
    }

    /** Ends it: by the end of its input, then by a signal, then for good. */
    @Override
    public void close() {
        try {
            in.close();
        } catch (final IOException e) {
            // it has ended already
        }
        try {
            final long halfMs = closeSeconds * 1_000L / 2;
            if (!process.waitFor(halfMs, TimeUnit.MILLISECONDS)) {
                process.destroy();
                if (!process.waitFor(halfMs, TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                }
            }
        } catch (final InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        Ending.forget(this);
    }
}
