package io.dragon.engine.frame;

import java.nio.file.Path;

/**
 * A lock on a file that a process holds for as long as it lives: it stays while the process is stopped, and is gone
 * when it is dead, however it died. Any thread.
 */
public final class LivenessLock implements AutoCloseable {
    private LivenessLock() {}

    /**
     * Takes a lock, making the file when it is not there.
     *
     * @param file to lock
     * @return the lock
     * @throws io.dragon.engine.config.DragonException when someone else holds it, or the file cannot be made
     */
    public static LivenessLock acquire(final Path file) {
        throw new UnsupportedOperationException();
    }

    /**
     * Whether someone holds a lock, in this process or another.
     *
     * @param file to look at
     * @return false when no one does or there is no file
     */
    public static boolean isHeld(final Path file) {
        throw new UnsupportedOperationException();
    }

    /** Gives the lock up and deletes the file. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
