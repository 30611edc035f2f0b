package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What dragon-stop ends with, where processes were killed. */
final class SweepCommandTest {
    @TempDir
    Path temporary;

    private Path shared;
    private Path masters;
    private DragonDirectory directory;

    @BeforeEach
    void make() {
        shared = temporary.resolve("shared");
        masters = temporary.resolve("masters");
        directory = DragonDirectory.of(shared).create();
    }

    private CommandRun sweep() {
        final CommandRun run =
                CommandRun.of("sweep", "--dir", shared.toString(), "--set", "masters.directory=" + masters);
        assertEquals(ExitCode.OK, run.code(), run.toString());
        return run;
    }

    private FramePool pool() {
        return FramePool.create(new FramePool.Context()
                .directory(directory)
                .ownerName("camera")
                .slotCount(2)
                .slotLength(64)
                .sparse(true));
    }

    /** A pool as its owner leaves it that is killed: nobody has its lock. */
    private Path deadPool(final boolean isHeld) throws IOException {
        final FramePool pool = pool();
        final FrameClaim claim = new FrameClaim();
        assertTrue(pool.tryClaim(claim, 64) >= 0);
        claim.publish(new FrameRef(), isHeld);
        final Path file = directory.pool(pool.poolId());
        final Path lock = directory.poolLock(pool.poolId());
        final byte[] bytes = Files.readAllBytes(file);
        final byte[] lockBytes = Files.readAllBytes(lock);
        pool.deleteNow();
        assertFalse(Files.exists(file));
        Files.write(file, bytes);
        Files.write(lock, lockBytes);
        return file;
    }

    @Test
    void shouldRemoveWhatNobodyAliveHolds() throws IOException {
        deadPool(true);
        deadPool(false);
        Files.createFile(shared.resolve("workers").resolve("w.lock"));
        assertEquals("", sweep().err());
        assertFalse(Files.exists(shared), "nothing is left");
    }

    @Test
    void shouldLeaveThePoolOfALivingOwnerAndNameIt() throws IOException {
        final Path dead = deadPool(false);
        try (FramePool alive = pool()) {
            final CommandRun run = sweep();
            assertTrue(
                    run.err()
                            .contains("a frame pool of camera (process "
                                    + ProcessHandle.current().pid() + ", which runs)"),
                    run.err());
            assertTrue(Files.exists(directory.pool(alive.poolId())));
            assertFalse(Files.exists(dead));
        }
        sweep();
        assertFalse(Files.exists(shared));
    }

    @Test
    void shouldLeaveFramesThatAMasterOfThisHostGoesOnWith() throws IOException {
        Files.createDirectories(masters.resolve("member-0"));
        final Path promised = deadPool(true);
        final Path free = deadPool(false);
        final CommandRun run = sweep();
        assertTrue(run.err().contains("1 frame pool is left: the master of this host has taken work"), run.err());
        assertTrue(Files.exists(promised));
        assertFalse(Files.exists(free));
    }
}
