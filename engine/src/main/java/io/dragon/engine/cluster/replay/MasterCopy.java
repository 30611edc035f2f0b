package io.dragon.engine.cluster.replay;

import io.aeron.cluster.RecordingLog;
import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.IoUtil;

/**
 * A copy of a master's directory, so that nothing of the original is opened for writing. The master may be running: what it removes
 * while it is copied makes the copy begin anew.
 */
public final class MasterCopy implements AutoCloseable {
    private static final String CLUSTER = "cluster";
    private static final String ARCHIVE = "archive";
    private static final String CATALOG = "archive.catalog";
    private static final String SEGMENT = ".rec";
    private static final int ATTEMPTS = 3;

    private final Path source;
    private final Path directory;

    private MasterCopy(final Path source, final Path directory) {
        this.source = source;
        this.directory = directory;
    }

    /**
     * Copies a master's directory.
     *
     * @param directory one member's directory, or one that holds the directory of a single member
     * @param parent    an existing directory, in which the copy is made
     * @return the copy; closing it deletes it
     * @throws DragonException in one sentence, when that is no master's directory or cannot be copied
     */
    public static MasterCopy of(final Path directory, final Path parent) {
        final Path source = member(directory);
        Path copy = null;
        try {
            for (int attempt = 1; ; attempt++) {
                copy = Files.createTempDirectory(parent, "dragon-replay-");
                try {
                    copy(source, copy);
                    return new MasterCopy(source, copy);
                } catch (final NoSuchFileException ex) {
                    IoUtil.delete(copy.toFile(), true);
                    if (attempt == ATTEMPTS) {
                        throw ex;
                    }
                }
            }
        } catch (final IOException ex) {
            if (copy != null) {
                IoUtil.delete(copy.toFile(), true);
            }
            throw new DragonException("Cannot copy " + source + " to " + parent + ": " + words(ex) + ".");
        }
    }

    /**
     * Where it was copied from.
     *
     * @return the member's directory
     */
    public Path source() {
        return source;
    }

    Path cluster() {
        return directory.resolve(CLUSTER);
    }

    Path archive() {
        return directory.resolve(ARCHIVE);
    }

    /** Deletes the copy. */
    @Override
    public void close() {
        IoUtil.delete(directory.toFile(), true);
    }

    private static Path member(final Path directory) {
        if (isMember(directory)) {
            return directory;
        }
        List<Path> members = List.of();
        if (Files.isDirectory(directory)) {
            try (Stream<Path> inside = Files.list(directory)) {
                members = inside.filter(MasterCopy::isMember).sorted().toList();
            } catch (final IOException ex) {
                throw new DragonException("Cannot read " + directory + ": " + words(ex) + ".");
            }
        }
        if (members.size() == 1) {
            return members.get(0);
        }
        throw new DragonException(
                DragonException.WRONG_USAGE,
                members.isEmpty()
                        ? directory + " is not a master's directory: expected one with '" + CLUSTER + "/"
                                + RecordingLog.RECORDING_LOG_FILE_NAME + "' and '" + ARCHIVE + "/" + CATALOG
                                + "' in it (masters.directory, then member-N)"
                        : directory + " holds the directories of " + members.size() + " members: name one of them, as "
                                + members.get(0));
    }

    private static boolean isMember(final Path directory) {
        return Files.isRegularFile(directory.resolve(CLUSTER).resolve(RecordingLog.RECORDING_LOG_FILE_NAME))
                && Files.isRegularFile(directory.resolve(ARCHIVE).resolve(CATALOG));
    }

    /** First what names recordings, then the recordings: whatever is named by then is there, unless it is removed meanwhile. */
    private static void copy(final Path source, final Path target) throws IOException {
        Files.createDirectory(target.resolve(CLUSTER));
        Files.createDirectory(target.resolve(ARCHIVE));
        copyFile(source, target, Path.of(CLUSTER, RecordingLog.RECORDING_LOG_FILE_NAME));
        copyFile(source, target, Path.of(ARCHIVE, CATALOG));
        final List<Path> segments;
        try (Stream<Path> files = Files.list(source.resolve(ARCHIVE))) {
            segments = files.filter(file -> file.getFileName().toString().endsWith(SEGMENT))
                    .sorted()
                    .toList();
        }
        for (final Path segment : segments) {
            copyFile(source, target, Path.of(ARCHIVE, segment.getFileName().toString()));
        }
    }

    private static void copyFile(final Path source, final Path target, final Path file) throws IOException {
        Files.copy(source.resolve(file), target.resolve(file));
    }

    private static String words(final IOException ex) {
        if (ex instanceof FileSystemException failed) {
            return failed.getFile() + (failed.getReason() == null ? " is gone" : ": " + failed.getReason());
        }
        return ex.getMessage();
    }
}
