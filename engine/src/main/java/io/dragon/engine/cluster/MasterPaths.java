package io.dragon.engine.cluster;

import io.aeron.archive.ArchiveMarkFile;
import io.aeron.cluster.RecordingLog;
import io.aeron.cluster.service.ClusterMarkFile;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.FileErrors;
import java.io.File;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.MappedByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Consumer;
import org.agrona.IoUtil;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.UnsafeBuffer;

/** What a master finds on its disk and its ports before it starts, and how it tells its user. */
final class MasterPaths {
    static final String LOCK_FILE = "master.lock";
    static final String ARCHIVE = "archive";
    static final String CLUSTER = "cluster";

    private static final int PAGE = 4_096;
    private static final long OPEN_TIMEOUT_MS = 1_000;

    private MasterPaths() {}

    /** Makes the directory; true where it was not there. */
    static boolean make(final Path directory) {
        try {
            if (Files.isDirectory(directory)) {
                return false;
            }
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            return true;
        } catch (final IOException ex) {
            throw new DragonException(
                    DragonException.FAILED,
                    "The directory " + directory + " cannot be made: " + FileErrors.inWords(ex) + ".",
                    ex);
        }
    }

    /** Takes a directory away again that a master has made and put nothing into. */
    static void removeIfEmpty(final Path directory) {
        try {
            Files.deleteIfExists(directory);
        } catch (final IOException ignored) { // there is something in it
            return;
        }
    }

    /** Whether a master begins here without a past: it will give ids anew, from the first. */
    static boolean isNew(final MasterContext ctx) {
        return ctx.deleteOnStart()
                || !Files.exists(ctx.directory().resolve(CLUSTER).resolve(RecordingLog.RECORDING_LOG_FILE_NAME));
    }

    /**
     * Marks as ended what a killed master left marked as active. Aeron would wait for ten seconds of silence; the caller holds the
     * lock that proves that its writer is dead.
     */
    static void clearMarks(final Path directory) {
        clear(directory.resolve(ARCHIVE).resolve(ArchiveMarkFile.FILENAME), file -> {
            try (ArchiveMarkFile mark = new ArchiveMarkFile(
                    file.getParentFile(), file.getName(), SystemEpochClock.INSTANCE, OPEN_TIMEOUT_MS, text -> {})) {
                mark.signalTerminated();
            }
        });
        clearClusterMark(directory.resolve(CLUSTER).resolve(ClusterMarkFile.FILENAME));
        clearClusterMark(directory.resolve(CLUSTER).resolve(ClusterMarkFile.markFilenameForService(0)));
    }

    private static void clearClusterMark(final Path path) {
        clear(path, file -> {
            try (ClusterMarkFile mark = new ClusterMarkFile(
                    file.getParentFile(), file.getName(), SystemEpochClock.INSTANCE, OPEN_TIMEOUT_MS, text -> {})) {
                mark.signalTerminated();
            }
        });
    }

    /** A mark that cannot be read, or tells of a start that failed, is worth nothing: nothing of the state is in it. */
    private static void clear(final Path path, final Consumer<File> signalTerminated) {
        final File file = path.toFile();
        if (file.exists()) {
            try {
                signalTerminated.accept(file);
            } catch (final RuntimeException ex) {
                IoUtil.deleteIfExists(file);
            }
        }
    }

    /**
     * Takes the room on the disk that the mapped files of a running master may need: a page of a map that a full disk does not give ends the
     * thread that writes to it, whatever that thread does.
     */
    static void takeRoom(final Path directory) {
        for (final String part : new String[] {ARCHIVE, CLUSTER}) {
            final File[] files = directory.resolve(part).toFile().listFiles((folder, name) -> isMapped(name));
            for (final File file : files == null ? new File[0] : files) {
                takeRoom(file);
            }
        }
    }

    private static boolean isMapped(final String name) {
        return name.endsWith(".dat") || name.endsWith(".catalog");
    }

    private static void takeRoom(final File file) {
        final MappedByteBuffer mapped = IoUtil.mapExistingFile(file, file.getName());
        try {
            final UnsafeBuffer pages = new UnsafeBuffer(mapped);
            for (int i = 0; i + Long.BYTES <= pages.capacity(); i += PAGE) {
                pages.getAndAddLong(i, 0); // a write that changes nothing, beside those of the file's owner
            }
        } catch (final InternalError full) {
            throw new DragonException(
                    DragonException.FAILED, "The disk of " + file + " is full: the master needs room there.", full);
        } finally {
            IoUtil.unmap(mapped);
        }
    }

    static void checkPorts(final String host, final int firstPort, final int count) {
        for (int port = firstPort; port < firstPort + count; port++) {
            final InetSocketAddress address = new InetSocketAddress(host, port);
            if (address.isUnresolved()) {
                throw new DragonException(
                        DragonException.WRONG_USAGE, "The host name " + host + " of a master is not known.");
            }
            try (DatagramSocket socket = new DatagramSocket(null)) {
                socket.bind(address);
            } catch (final SocketException ex) {
                throw new DragonException(
                        DragonException.FAILED,
                        "UDP port " + port + " of " + host + " cannot be used (" + ex.getMessage()
                                + "): stop the program that has it, or choose another base port than " + firstPort
                                + ".",
                        ex);
            }
        }
    }
}
