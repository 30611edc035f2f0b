package io.dragon.engine.cluster;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.Timeouts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** A master in a process of its own, to be killed. */
public final class MasterProcess implements AutoCloseable {
    private final Process process;
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();

    private MasterProcess(final Process process) {
        this.process = process;
        final Thread reader = new Thread(this::read, "master-process-output");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts one.
     *
     * @param args key=value: directory, driver (own) or aeron (the host's), port, dragon, echo, profile.
     */
    static MasterProcess start(final String... args) {
        return start(MasterProcess.class, args);
    }

    static MasterProcess start(final Class<?> main, final String... args) {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED");
        command.add("--add-opens=java.base/java.util.zip=ALL-UNNAMED");
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(main.getName());
        command.addAll(Arrays.asList(args));
        try {
            return new MasterProcess(
                    new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }

    private void read() {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = reader.readLine();
            while (line != null) {
                lines.add(line);
                line = reader.readLine();
            }
        } catch (final IOException ex) {
            lines.add(ex.toString());
        }
    }

    long pid() {
        return process.pid();
    }

    boolean hasSaid(final String text) {
        return lines.stream().anyMatch(line -> line.contains(text));
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void kill() {
        process.destroyForcibly();
        await();
    }

    void signal(final String name) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (final IOException | InterruptedException ex) {
            throw new IllegalStateException(ex);
        }
    }

    void write(final String line) {
        try {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }

    /** Tells it to end in order. */
    void stop() {
        try {
            process.getOutputStream().close();
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
        await();
    }

    private void await() {
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("process " + process.pid() + " did not end: " + lines);
            }
        } catch (final InterruptedException ex) {
            throw new IllegalStateException(ex);
        }
    }

    @Override
    public void close() {
        kill();
    }

    /** Runs until standard input ends, which it also does when the test dies. */
    public static void main(final String[] args) throws IOException {
        final MasterContext ctx = new MasterContext()
                .logTermLength(1 << 20)
                .timeouts(Timeouts.ci())
                .terminationHook(() -> Runtime.getRuntime().halt(3))
                .errorHandler(error -> System.out.println("ERROR " + error));
        for (final String arg : args) {
            final String value = arg.substring(arg.indexOf('=') + 1);
            switch (arg.substring(0, arg.indexOf('='))) {
                case "directory" -> ctx.directory(Path.of(value));
                case "driver" -> ctx.mediaDriverDirectory(Path.of(value));
                case "aeron" -> ctx.aeronDirectoryName(value);
                case "dragon" -> ctx.dragonDirectory(Path.of(value));
                case "port" -> ctx.basePort(Integer.parseInt(value));
                case "echo" -> ctx.service(new EchoService());
                case "hashes" -> ctx.service(new HashingService(true));
                default -> throw new IllegalArgumentException(arg);
            }
        }
        try (MasterNode master = MasterNode.launch(ctx)) {
            System.out.println("READY");
            while (System.in.read() >= 0) {
                System.out.println("SNAPSHOT " + master.requestSnapshot());
            }
        } catch (final DragonException ex) {
            System.out.println("REFUSED " + ex.getMessage());
        }
        System.out.println("ENDED");
    }
}
