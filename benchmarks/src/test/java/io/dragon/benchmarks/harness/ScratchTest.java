package io.dragon.benchmarks.harness;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ScratchTest {
    @Test
    void goesWithItsOwnerAndTakesWhatTheKilledLeft() throws Exception {
        final Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        final Path own;
        final Path left;
        try (Scratch scratch = Scratch.make()) {
            own = scratch.path();
            Files.writeString(own.resolve("file"), "text");
            left = own.resolveSibling("dragon-bench-" + dead.pid() + "-left");
            Files.createDirectories(left.resolve("folder"));
            try (Scratch other = Scratch.make()) {
                assertTrue(Files.exists(own));
                assertTrue(Files.exists(other.path()));
                assertFalse(Files.exists(left));
            }
            assertTrue(Files.exists(own));
        }
        assertFalse(Files.exists(own));
    }
}
