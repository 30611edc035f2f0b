package io.dragon.engine.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LivenessLockTest {
    @TempDir
    Path folder;

    @Test
    void shouldBeHeldUntilClosed() {
        final Path file = folder.resolve("workers").resolve("w1.lock");
        assertFalse(LivenessLock.isHeld(file));
        final LivenessLock lock = LivenessLock.acquire(file);
        assertTrue(LivenessLock.isHeld(file));
        assertTrue(LivenessLock.isHeld(file));
        final DragonException e = assertThrows(DragonException.class, () -> LivenessLock.acquire(file));
        assertTrue(
                e.getMessage()
                        .contains("held by process " + ProcessHandle.current().pid()),
                e.getMessage());
        lock.close();
        assertFalse(LivenessLock.isHeld(file));
        assertFalse(Files.exists(file));
        lock.close();
        LivenessLock.acquire(file).close();
    }

    @Test
    void shouldTakeOverAFileThatSomeoneDeadLeft() throws IOException {
        final Path file = Files.writeString(folder.resolve("w1.lock"), "4711");
        assertFalse(LivenessLock.isHeld(file));
        LivenessLock.acquire(file).close();
    }

    /** A successor once gave up because whoever probes the lock of its dead predecessor was stopped that very moment. */
    @Test
    void shouldOutlastAProbeThatWasStopped() throws Exception {
        final Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        final Path file = Files.writeString(folder.resolve("w1.lock"), dead.pid() + "\n");
        final AtomicReference<Object> outcome = new AtomicReference<>();
        try (Child prober = new Child("probe", file.toString())) {
            assertEquals("true", prober.readLine());
            final Thread successor = new Thread(() -> {
                try (LivenessLock lock = LivenessLock.acquire(file)) {
                    outcome.set(lock);
                } catch (final DragonException e) {
                    outcome.set(e);
                }
            });
            successor.start();
            successor.join(200); // far more than what a probe takes, and a refusal by somebody alive
            prober.writeLine("go on");
            successor.join();
        }
        assertTrue(outcome.get() instanceof LivenessLock, () -> "refused: " + outcome);
    }

    @Test
    void shouldDoSomethingOnlyWhileNobodyHoldsIt() throws IOException {
        final Path file = folder.resolve("w1.lock");
        try (LivenessLock lock = LivenessLock.acquire(file)) {
            assertFalse(LivenessLock.whileFree(file, () -> fail("done beside its holder")));
            assertTrue(isHeldForOthers(file));
            assertTrue(lock != null);
        }
        for (final String left : List.of("", "4711")) {
            Files.writeString(file, left);
            final AtomicInteger done = new AtomicInteger();
            assertTrue(LivenessLock.whileFree(file, () -> {
                assertTrue(isHeldForOthers(file));
                done.incrementAndGet();
            }));
            assertEquals(1, done.get());
            assertFalse(Files.exists(file));
        }
        assertTrue(LivenessLock.whileFree(file, () -> {}), "where nobody has left a file");
    }

    @Test
    void shouldStayHeldWhenOthersOfThisProcessLookOrAreInterrupted() {
        final Path file = folder.resolve("w1.lock");
        try (LivenessLock lock = LivenessLock.acquire(file)) {
            Thread.currentThread().interrupt();
            assertThrows(DragonException.class, () -> LivenessLock.acquire(file));
            assertTrue(LivenessLock.isHeld(file));
            assertTrue(Thread.interrupted());
            assertTrue(isHeldForOthers(file));
            assertTrue(lock != null);
        }
    }

    /** Asks the kernel, which knows the locks of this process by the file's inode. */
    static boolean isHeldForOthers(final Path file) {
        try {
            final String inode = Files.getAttribute(file, "unix:ino").toString();
            return Files.readAllLines(Path.of("/proc/locks")).stream()
                    .anyMatch(line -> line.contains(":" + inode + " ")
                            && line.contains(" " + ProcessHandle.current().pid() + " "));
        } catch (final IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldLetExactlyOneOfManyTakeIt() throws InterruptedException {
        final Path file = folder.resolve("w1.lock");
        final AtomicInteger holders = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();
        final List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(new Thread(() -> {
                for (int n = 0; n < 50; n++) {
                    try (LivenessLock lock = LivenessLock.acquire(file)) {
                        most.accumulateAndGet(holders.incrementAndGet(), Math::max);
                        holders.decrementAndGet();
                        assertTrue(lock != null);
                    } catch (final DragonException e) {
                        Thread.onSpinWait();
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        for (final Thread thread : threads) {
            thread.join();
        }
        assertEquals(1, most.get());
    }

    @Test
    void shouldLockTheFileThatThePathLeadsToWhenItWasReplacedMeanwhile() throws IOException {
        for (final String step : List.of("lock.looked", "lock.opened")) {
            final Path path = Files.createFile(folder.resolve(step));
            try (LockFile file = LockFile.open(path, replacing(path, step))) {
                assertTrue(file.tryLock(0));
                assertTrue(isHeldForOthers(path), step);
                assertTrue(file.isInPlace(), step);
            }
        }
        final Path path = folder.resolve("made");
        try (LockFile file = LockFile.create(path, replacing(path, "lock.opened"))) {
            assertTrue(file.tryLock(0));
            assertTrue(isHeldForOthers(path));
        }
    }

    private static Steps replacing(final Path path, final String when) {
        return new Steps() {
            private boolean replaced;

            @Override
            void reached(final String step) {
                if (step.equals(when) && !replaced) {
                    replaced = true;
                    try {
                        // The old one is kept under another name, so that its inode cannot be given out again.
                        Files.move(path, path.resolveSibling(path.getFileName() + ".old"));
                        Files.createFile(path);
                    } catch (final IOException e) {
                        throw new AssertionError(e);
                    }
                }
            }
        };
    }

    @Test
    void shouldNotReadThroughTheChannelThatHasItsLock() throws Exception {
        final Path file = folder.resolve("w1.lock");
        try (LivenessLock lock = LivenessLock.acquire(file)) {
            // By a process: to close a descriptor of it in this one would drop the lock.
            assertEquals(
                    0,
                    new ProcessBuilder("sh", "-c", "echo 4711 > '" + file + "'")
                            .start()
                            .waitFor());
            final DragonException e = assertThrows(DragonException.class, () -> LivenessLock.acquire(file));
            assertTrue(
                    e.getMessage()
                            .contains(
                                    "held by process " + ProcessHandle.current().pid()),
                    e.getMessage());
            assertTrue(lock != null);
        }
    }

    @Test
    void shouldNotDeleteAFileThatAnotherMadeInItsPlace() throws IOException {
        final Path file = folder.resolve("w1.lock");
        final LivenessLock lock = LivenessLock.acquire(file);
        Files.delete(file);
        try (LivenessLock another = LivenessLock.acquire(file)) {
            lock.close();
            assertTrue(Files.exists(file));
            assertTrue(LivenessLock.isHeld(file));
            assertTrue(another != null);
        }
    }

    @Test
    void shouldMakeFoldersForTheirUserOnly() throws IOException {
        LivenessLock.acquire(folder.resolve("workers").resolve("w1.lock")).close();
        assertEquals(
                "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("workers"))));
    }
}
