package io.dragon.engine.cluster;

import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Proof that one process, and no other, uses a directory: a lock of the operating system on a file, with the holder's process id
 * in it. It stays while the holder is stopped and is gone when the holder is dead, so that what a killed process left can be
 * cleared away at once.
 */
final class DirectoryLock implements AutoCloseable {
    private static final int MAX_PID_LENGTH = 20;

    /** Whoever only looks has the lock for a moment: a refusal counts when it lasts. */
    private static final int ATTEMPTS = 20;

    private static final long PAUSE_NS = 1_000_000;

    /**
     * Closing any descriptor of a file would drop this process's lock on it: look here first and never open it twice. The files
     * themselves, because one may have many paths.
     */
    private static final Set<Object> HELD = new HashSet<>();

    private final Path file;
    private final Object place;
    private final FileChannel channel;

    private DirectoryLock(final Path file, final Object place, final FileChannel channel) {
        this.file = file;
        this.place = place;
        this.channel = channel;
    }

    /**
     * Takes the lock.
     *
     * @param file  in a directory that exists.
     * @param owner what holds it, in words, for the message: "master", "media driver".
     * @param what  the directory that it guards.
     */
    static DirectoryLock acquire(final Path file, final String owner, final Path what) {
        synchronized (HELD) {
            return acquireAlone(file, owner, what);
        }
    }

    private static DirectoryLock acquireAlone(final Path file, final String owner, final Path what) {
        final Path key = file.toAbsolutePath().normalize();
        FileChannel channel = null;
        boolean isHeld = false;
        try {
            channel = openAlone(key, owner, what);
            Object place = place(key);
            FileLock lock = tryLock(channel);
            for (int i = 0; (lock == null || !place.equals(place(key))) && i < ATTEMPTS; i++) {
                LockSupport.parkNanos(PAUSE_NS);
                if (!place.equals(place(key))) {
                    // Its last holder deleted the file that we opened: a lock on that one is worth nothing.
                    channel.close();
                    channel = openAlone(key, owner, what);
                    place = place(key);
                }
                lock = tryLock(channel);
            }
            if (lock == null || !place.equals(place(key))) {
                throw new DragonException("Another " + owner + " (process " + read(channel) + ") runs on " + what
                        + ": stop it first, or choose another directory.");
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
            isHeld = true;
            HELD.add(place);
            return new DirectoryLock(key, place, channel);
        } catch (final IOException ex) {
            throw new DragonException(
                    DragonException.FAILED, "The file " + file + " cannot be locked: " + ex.getMessage() + ".", ex);
        } finally {
            if (!isHeld) {
                closeQuietly(channel);
            }
        }
    }

    private static FileChannel openAlone(final Path key, final String owner, final Path what) throws IOException {
        if (HELD.contains(place(key))) {
            throw new DragonException("Another " + owner + " of this process runs on " + what
                    + ": stop it first, or choose another directory.");
        }
        return open(key);
    }

    /** Whether someone, in this process or another, holds the lock. */
    static boolean isHeld(final Path file) {
        // Alone: closing our channel would drop a lock that another thread takes meanwhile.
        synchronized (HELD) {
            return isHeldAlone(file.toAbsolutePath().normalize());
        }
    }

    private static boolean isHeldAlone(final Path key) {
        try {
            if (HELD.contains(place(key))) {
                return true;
            }
        } catch (final IOException ex) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(key, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            // shared, so that many who look at once do not take each other for the holder
            final FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true);
            if (lock != null) {
                lock.release();
            }
            return lock == null;
        } catch (final OverlappingFileLockException ex) {
            return true;
        } catch (final IOException ex) {
            return false;
        }
    }

    private static FileChannel open(final Path key) throws IOException {
        return FileChannel.open(
                key,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
    }

    /** Which file is there now: not the same after it was deleted and made again. */
    private static Object place(final Path key) throws IOException {
        try {
            return Files.readAttributes(key, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .fileKey();
        } catch (final NoSuchFileException ex) {
            return new Object(); // equal to nothing
        }
    }

    private static FileLock tryLock(final FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (final OverlappingFileLockException ex) {
            return null;
        }
    }

    private static String read(final FileChannel channel) throws IOException {
        final ByteBuffer buffer = ByteBuffer.allocate(MAX_PID_LENGTH);
        channel.read(buffer, 0);
        final String text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII);
        return text.isEmpty() ? "unknown" : text;
    }

    private static void closeQuietly(final FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (final IOException ex) {
            // the descriptor is gone either way, and with it the lock
        }
    }

    @Override
    public void close() {
        synchronized (HELD) {
            try {
                if (place.equals(place(file))) { // and not what another has put there
                    Files.deleteIfExists(file);
                }
            } catch (final IOException ex) {
                // a file without a lock hinders no one
            }
            closeQuietly(channel);
            HELD.remove(place);
        }
    }
}
