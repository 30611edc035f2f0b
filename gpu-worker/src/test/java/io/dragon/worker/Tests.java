package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What the tests of workers share. */
final class Tests {
    private static final long PAUSE_NS = 500_000;

    private Tests() {}

    static void await(final BooleanSupplier condition, final Duration timeout, final Supplier<String> otherwise) {
        final long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                fail("not within " + timeout.toMillis() + " ms: " + otherwise.get());
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    /** A Java process with this one's class path and flags. */
    static Process java(final Class<?> main, final Path log, final String... args) throws IOException {
        final List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        for (final String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (flag.startsWith("--add-opens") || flag.startsWith("--add-modules")) {
                command.add(flag);
            }
        }
        command.add("-Xmx256m");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        command.addAll(List.of(args));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    static String read(final Path log) {
        try {
            return Files.readString(log);
        } catch (final IOException ex) {
            return "no log: " + ex;
        }
    }

    static long poolFiles(final Path pools) {
        if (!Files.isDirectory(pools)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(pools)) {
            return files.filter(file -> !file.toString().endsWith(".lock")).count();
        } catch (final IOException ex) {
            return -1;
        }
    }
}
