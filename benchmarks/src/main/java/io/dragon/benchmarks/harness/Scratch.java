package io.dragon.benchmarks.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder in shared memory, where there is some, that goes with the benchmark; also when it is interrupted. */
public final class Scratch implements AutoCloseable {
    private static final String PREFIX = "dragon-bench-";

    private final Path path;

    private Scratch(final Path path) {
        this.path = path;
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
        sweep(parent);
        return Ending.folder(
                () -> new Scratch(Files.createTempDirectory(
                        parent, PREFIX + ProcessHandle.current().pid() + '-')),
                Scratch::close);
    }

    /** What benchmarks left that were killed. */
    private static void sweep(final Path parent) throws IOException {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, PREFIX + "*-*")) {
            for (final Path folder : folders) {
                final String pid = folder.getFileName()
                        .toString()
                        .substring(PREFIX.length())
                        .replaceFirst("-.*", "");
                if (pid.matches("\\d{1,9}")
                        && ProcessHandle.of(Long.parseLong(pid)).isEmpty()) {
                    delete(folder);
                }
            }
        }
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
        Ending.forget(this);
    }

    /** One at a time: two who walk through the same folder stumble over what the other has removed. */
    private static synchronized void delete(final Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            for (final Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (final IOException | UncheckedIOException e) {
            // a process that is just ending may still write into it; what is left, is left in a folder of its own
            return;
        }
    }
}
