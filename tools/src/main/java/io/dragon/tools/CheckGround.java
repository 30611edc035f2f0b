package io.dragon.tools;

import io.dragon.engine.config.FileErrors;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder in shared memory for the frames of a check, which goes when the check ends, however it ends. */
final class CheckGround implements AutoCloseable {
    private static final Path SHARED = Path.of("/dev/shm");
    private static final List<Path> MORE =
            List.of(Path.of("/run/shm"), Path.of("/run"), Path.of("/tmp"), Path.of("/mnt"));
    private static final String IN_MEMORY = "tmpfs";
    private static final long NEEDED_BYTES = 700L << 20;

    private final Path path;
    private final String remark;
    private final Thread atExit;

    private CheckGround(final Path path, final String remark) {
        this.path = path;
        this.remark = remark;
        this.atExit = new Thread(() -> remove(path), "gpu-check-end");
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    static CheckGround open() throws IOException {
        return open(roomiest(SHARED, MORE), Path.of(System.getProperty("java.io.tmpdir")));
    }

    /** The first choice, or another file system in memory where that one is small, as in a container: what lies in memory can be pinned. */
    static Path roomiest(final Path first, final List<Path> more) throws IOException {
        if (Files.isDirectory(first) && Files.getFileStore(first).getUsableSpace() >= NEEDED_BYTES) {
            return first;
        }
        for (final Path each : more) {
            if (Files.isDirectory(each) && Files.isWritable(each)) {
                final FileStore store = Files.getFileStore(each);
                if (store.type().equals(IN_MEMORY) && store.getUsableSpace() >= NEEDED_BYTES) {
                    return each;
                }
            }
        }
        return first;
    }

    static CheckGround open(final Path shared, final Path otherwise) throws IOException {
        final long free = Files.isDirectory(shared) ? Files.getFileStore(shared).getUsableSpace() : 0;
        final boolean isEnough = free >= NEEDED_BYTES;
        return new CheckGround(
                Files.createTempDirectory(isEnough ? shared : otherwise, "dragon-gpu-check-"),
                isEnough
                        ? ""
                        : shared + " has " + Tables.bytes(free) + " free, and frames need " + Tables.bytes(NEEDED_BYTES)
                                + ": they lie in " + otherwise + ", and a GPU that cannot pin them there is slower"
                                + " (as root: mount -o remount,size=2g " + shared + ")");
    }

    Path path() {
        return path;
    }

    /** What is not as it should be; empty when nothing. */
    String remark() {
        return remark;
    }

    private static void remove(final Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            final List<Path> inner = all.sorted(Comparator.reverseOrder()).toList();
            for (final Path each : inner) {
                Files.deleteIfExists(each);
            }
        } catch (final IOException ex) {
            System.err.println(folder + " is left: " + FileErrors.inWords(ex));
        }
    }

    @Override
    public void close() {
        remove(path);
        Runtime.getRuntime().removeShutdownHook(atExit);
    }
}
