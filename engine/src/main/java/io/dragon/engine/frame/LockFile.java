package io.dragon.engine.frame;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * A file with byte-range locks, opened exactly once in a process: closing any descriptor of a file drops every lock that
 * the process has on it. So all holders in one JVM share one channel, found by the file's inode, and a lock that another
 * object of this JVM holds counts as held, which the operating system would not see. Any thread; not for hot paths.
 */
final class LockFile implements AutoCloseable {
    static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final Map<Object, LockFile> OPEN = new HashMap<>();
    private static final Set<OpenOption> EXISTING = Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
    private static final int PID_LENGTH = 20;

    private final Path path;
    private final Object key;
    private final FileChannel channel;
    private final Map<Long, FileLock> held = new HashMap<>();
    private int references = 1;

    private LockFile(final Path path, final Object key, final FileChannel channel) {
        this.path = path;
        this.key = key;
        this.channel = channel;
    }

    /** Opens a file that is there. */
    static LockFile open(final Path path) throws IOException {
        return open(path, Steps.NONE);
    }

    static LockFile open(final Path path, final Steps steps) throws IOException {
        synchronized (OPEN) {
            for (; ; ) {
                final Object key = fileKey(path);
                final LockFile present = OPEN.get(key);
                if (present != null) {
                    present.references++;
                    return present;
                }
                steps.reached("lock.looked");
                final FileChannel channel = FileChannel.open(path, EXISTING);
                LockFile file = null;
                try {
                    steps.reached("lock.opened");
                    // A path that led to two files says nothing about which of them was opened.
                    if (key.equals(fileKey(path))) {
                        file = new LockFile(path, key, channel);
                        OPEN.put(key, file);
                        return file;
                    }
                } finally {
                    if (file == null) {
                        channel.close();
                    }
                }
            }
        }
    }

    /** Makes a file that must not be there yet; null when someone took it for a leftover at once. */
    static LockFile create(final Path path, final Steps steps) throws IOException {
        synchronized (OPEN) {
            Files.createFile(path, OWNER_ONLY);
            steps.reached("lock.created");
            try {
                return open(path, steps);
            } catch (final NoSuchFileException e) {
                return null;
            }
        }
    }

    private static Object fileKey(final Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    /** Whether the path still leads to this file: a lock on a deleted file is worth nothing. */
    boolean isInPlace() {
        try {
            return key.equals(fileKey(path));
        } catch (final IOException e) {
            return false;
        }
    }

    /** Takes the lock on one byte; false when anyone has it, in this JVM or another. */
    boolean tryLock(final long position) {
        synchronized (OPEN) {
            if (references == 0 || held.containsKey(position)) {
                return false;
            }
            try {
                final FileLock lock = channel.tryLock(position, 1, false);
                if (lock == null) {
                    return false;
                }
                held.put(position, lock);
                return true;
            } catch (final IOException | OverlappingFileLockException e) {
                return false;
            }
        }
    }

    void unlock(final long position) {
        synchronized (OPEN) {
            final FileLock lock = held.remove(position);
            if (lock != null) {
                try {
                    lock.release();
                } catch (final IOException e) {
                    // The channel was closed, and the lock with it.
                    held.remove(position);
                }
            }
        }
    }

    /** Whether anyone has the lock on one byte. */
    boolean isLocked(final long position) {
        return !whileFree(position, () -> true);
    }

    /** Looks at something while nobody has the lock, nor can take it; false when anyone has it, or what is looked at says so. */
    boolean whileFree(final long position, final BooleanSupplier action) {
        // Others of this process wait and see nothing of it, however long this thread is kept from going on.
        synchronized (OPEN) {
            if (!tryLock(position)) {
                return false;
            }
            try {
                return action.getAsBoolean();
            } finally {
                unlock(position);
            }
        }
    }

    /** Leaves this process's id in the file, for people who look. */
    void writePid() throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            // Reading or writing would close the channel, and with it drop every lock.
            return;
        }
        final String pid = String.format(
                "%-" + (PID_LENGTH - 1) + "d%n", ProcessHandle.current().pid());
        channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
    }

    /** The process id in the file, or an empty string. */
    String readPid() {
        synchronized (OPEN) {
            if (!held.isEmpty()) {
                // An interrupt of a thread that reads closes the channel, and with it would go this process's own lock.
                return Long.toString(ProcessHandle.current().pid());
            }
            try {
                final ByteBuffer bytes = ByteBuffer.allocate(PID_LENGTH);
                channel.read(bytes, 0);
                return new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII).trim();
            } catch (final IOException e) {
                return "";
            }
        }
    }

    /** Whether a lock of a file is held; false when there is no file. */
    static boolean isLocked(final Path path, final long position) {
        try (LockFile file = open(path)) {
            return file.isLocked(position);
        } catch (final NoSuchFileException e) {
            return false;
        } catch (final IOException e) {
            // What cannot be looked at counts as alive: no one is declared dead without proof.
            return true;
        }
    }

    @Override
    public void close() {
        synchronized (OPEN) {
            if (references > 0 && --references == 0) {
                OPEN.remove(key);
                held.clear();
                try {
                    channel.close();
                } catch (final IOException e) {
                    // Nothing was written that could be lost.
                    held.clear();
                }
            }
        }
    }
}
