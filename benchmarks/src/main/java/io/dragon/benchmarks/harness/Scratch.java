package io.dragon.benchmarks.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder in shared memory, where there is some, that goes with the benchmark; also when it is interrupted. */
public final class Scratch implements AutoCloseable {
    private final Path path;
    private final Thread atEnd;

    private Scratch(final Path path) {
        this.path = path;
        atEnd = new Thread(() -> delete(path));
        Runtime.getRuntime().addShutdownHook(atEnd);
    }

    /**
     * Makes one.
     *
     * @return an empty folder
     * @throws IOException when it cannot be made
     */
    public static Scratch make() throws IOException {
        final Path shm = Path.of("/dev/shm");
        final Path parent = Files.isWritable(shm) ? shm : Path.of(System.getProperty("java.io.tmpdir"));
        return new Scratch(Files.createTempDirectory(parent, "dragon-bench-"));
    }

    /**
     * Where it is.
     *
     * @return the folder
     */
    public Path path() {
        return path;
    }

    @Override
    public void close() {
        delete(path);
        try {
            Runtime.getRuntime().removeShutdownHook(atEnd);
        } catch (final IllegalStateException e) {
            // this virtual machine is ending, and the hook runs
        }
    }

    private static void delete(final Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            for (final Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (final IOException | java.io.UncheckedIOException e) {
            // a process that is just ending may still write into it; what is left, is left in a folder of its own
            return;
        }
    }
}
