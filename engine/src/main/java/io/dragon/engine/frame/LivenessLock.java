package io.dragon.engine.frame;

import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * A lock on a file that a process holds for as long as it lives: it stays while the process is stopped, and is gone
 * when it is dead, however it died. Any thread.
 *
 * <p>A process that holds such a lock must not open its file by any other means: the operating system drops every lock of
 * a process on a file as soon as the process closes any descriptor of it.
 */
public final class LivenessLock implements AutoCloseable {
    // Whoever probes a lock has it for some microseconds: a refusal counts only when it lasts.
    private static final int ATTEMPTS = 20;
    // And where nobody alive has said that he holds it, a prober was stopped that very moment: it has to last longer.
    private static final int ATTEMPTS_WITHOUT_HOLDER = 5_000;
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long POSITION = 0;
    private static final FileAttribute<?> DIRECTORY_OF_OWNER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path path;
    private final LockFile file;
    private final AtomicBoolean closed = new AtomicBoolean();

    private LivenessLock(final Path path, final LockFile file) {
        this.path = path;
        this.file = file;
    }

    /**
     * Takes a lock, making the file when it is not there.
     *
     * @param file to lock
     * @return the lock
     * @throws DragonException when someone else holds it, or the file cannot be made
     */
    public static LivenessLock acquire(final Path file) {
        final String[] holder = {""};
        final LivenessLock lock = acquire(file, ATTEMPTS_WITHOUT_HOLDER, holder);
        if (lock != null) {
            return lock;
        }
        throw new DragonException("The lock " + file + " is held by "
                + (holder[0].isEmpty() ? "another process" : "process " + holder[0])
                + ": only one of this name can run on a host.");
    }

    /**
     * Takes a lock, making the file when it is not there, without waiting for more than some milliseconds: for who looks again.
     *
     * @param file to lock
     * @return the lock, or null when someone else has it, be it only to see whether it is held
     * @throws DragonException when the file cannot be made
     */
    public static LivenessLock tryAcquire(final Path file) {
        return acquire(file, ATTEMPTS, new String[] {""});
    }

    private static LivenessLock acquire(final Path file, final int attemptsWithoutHolder, final String[] holder) {
        try {
            if (file.getParent() != null) {
                Files.createDirectories(file.getParent(), DIRECTORY_OF_OWNER);
            }
            for (int i = 0; i < ATTEMPTS || i < attemptsWithoutHolder && !isAlive(holder[0]); i++) {
                final LockFile lockFile = openOrCreate(file);
                if (lockFile != null) {
                    if (take(lockFile)) {
                        return new LivenessLock(file, lockFile);
                    }
                    holder[0] = lockFile.readPid();
                    lockFile.close();
                }
                LockSupport.parkNanos(PAUSE_NS);
            }
        } catch (final IOException e) {
            throw new DragonException(
                    DragonException.FAILED, "The lock " + file + " cannot be taken: " + e.getMessage() + ".", e);
        }
        return null;
    }

    private static boolean isAlive(final String holder) {
        try {
            return ProcessHandle.of(Long.parseLong(holder))
                    .map(ProcessHandle::isAlive)
                    .orElse(false);
        } catch (final NumberFormatException e) {
            return false;
        }
    }

    private static boolean take(final LockFile lockFile) throws IOException {
        if (!lockFile.tryLock(POSITION)) {
            return false;
        }
        try {
            if (lockFile.isInPlace()) {
                lockFile.writePid();
                return true;
            }
        } catch (final IOException e) {
            lockFile.unlock(POSITION);
            lockFile.close();
            throw e;
        }
        lockFile.unlock(POSITION);
        return false;
    }

    private static LockFile openOrCreate(final Path file) throws IOException {
        try {
            return LockFile.open(file);
        } catch (final NoSuchFileException e) {
            try {
                return LockFile.create(file, Steps.NONE);
            } catch (final FileAlreadyExistsException another) {
                return null;
            }
        }
    }

    /**
     * Whether someone holds a lock, in this process or another.
     *
     * @param file to look at
     * @return false when no one does or there is no file
     */
    public static boolean isHeld(final Path file) {
        return LockFile.isLocked(file, POSITION);
    }

    /**
     * The process that holds a lock, or that did when it was killed, for people who look.
     *
     * @param file to look at
     * @return its number in the operating system; 0 when there is no file, or nobody has written it there
     */
    public static long holder(final Path file) {
        try (LockFile lockFile = LockFile.open(file)) {
            return Long.parseLong(lockFile.readPid());
        } catch (final IOException | NumberFormatException e) {
            return 0;
        }
    }

    /**
     * Does something while nobody holds a lock, nor can take it, and deletes its file then. Who wants it meanwhile waits.
     *
     * @param file   of the lock, made when it is not there
     * @param action what to do, soon done
     * @return false when someone holds it, or the file cannot be made; then nothing was done
     */
    public static boolean whileFree(final Path file, final Runnable action) {
        try (LockFile lockFile = openOrCreate(file)) {
            return lockFile != null
                    && lockFile.whileFree(POSITION, () -> {
                        final boolean isMeant = lockFile.isInPlace();
                        if (isMeant) {
                            action.run();
                            delete(file);
                        }
                        return isMeant;
                    });
        } catch (final IOException e) {
            return false;
        }
    }

    private static void delete(final Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (final IOException e) {
            // A file left behind says nothing: only its lock does.
        }
    }

    /** Gives the lock up and deletes the file. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try {
                // While the lock is still held, so that no one else's file can be meant, unless ours was removed.
                if (file.isInPlace()) {
                    Files.deleteIfExists(path);
                }
            } catch (final IOException e) {
                // A file left behind says nothing: only its lock does.
                closed.set(true);
            }
            file.unlock(POSITION);
            file.close();
        }
    }
}
