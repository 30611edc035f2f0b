package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DirectoryLockTest {
    private final Scratch scratch = new Scratch();

    @AfterEach
    void after() {
        scratch.close();
    }

    /** Another process looks at a lock. */
    public static void main(final String[] args) {
        System.out.println(DirectoryLock.isHeld(Path.of(args[0])) ? "HELD" : "FREE");
    }

    private boolean isHeldForOthers(final Path file) {
        final MasterProcess other = scratch.closing(MasterProcess.start(DirectoryLockTest.class, file.toString()));
        scratch.await("a word", () -> other.hasSaid("HELD") || other.hasSaid("FREE"));
        return other.hasSaid("HELD");
    }

    private static DirectoryLock acquire(final Path file) {
        return DirectoryLock.acquire(file, "master", file.getParent());
    }

    /** Any descriptor of the file that this process closes would drop its lock, by whatever path it was opened. */
    @Test
    void shouldKeepItsLockWhenItIsLookedAtAndAskedForByAnotherPath() throws IOException {
        final Path folder = Files.createDirectory(scratch.directory().resolve("folder"));
        final Path link = Files.createSymbolicLink(scratch.directory().resolve("link"), folder);
        try (DirectoryLock lock = acquire(folder.resolve("lock"))) {
            Files.createLink(scratch.directory().resolve("hard"), folder.resolve("lock"));
            for (final Path other :
                    new Path[] {link.resolve("lock"), scratch.directory().resolve("hard")}) {
                assertTrue(DirectoryLock.isHeld(other));
                final DragonException refused = assertThrows(DragonException.class, () -> acquire(other));
                assertTrue(refused.getMessage().contains("of this process"), refused.getMessage());
            }
            assertTrue(isHeldForOthers(folder.resolve("lock")), lock::toString);
        }
        assertFalse(Files.exists(folder.resolve("lock")));
        acquire(link.resolve("lock")).close();
    }

    @Test
    void shouldLeaveAloneWhatAnotherHasPutInItsPlace() throws IOException {
        final Path file = scratch.directory().resolve("lock");
        final DirectoryLock first = acquire(file);
        Files.delete(file);
        final DirectoryLock second = acquire(file);
        first.close();
        assertTrue(Files.exists(file));
        assertTrue(isHeldForOthers(file));
        second.close();
        assertFalse(Files.exists(file));
    }
}
