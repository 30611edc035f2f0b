package io.dragon.engine.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.dragon.engine.config.DragonDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What the tests of frame pools share. */
final class Tests {
    private static final long PAUSE_MS = 1;

    private Tests() {}

    /** A directory in shared memory, or in the temporary directory where there is none. */
    static DragonDirectory sharedDirectory() {
        try {
            final Path shm = Path.of("/dev/shm");
            final Path parent = Files.isWritable(shm) ? shm : Path.of(System.getProperty("java.io.tmpdir"));
            return DragonDirectory.of(Files.createTempDirectory(parent, "dragon-test-"))
                    .create();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void delete(final DragonDirectory directory) {
        if (!Files.exists(directory.path())) {
            return;
        }
        try (Stream<Path> paths = Files.walk(directory.path())) {
            for (final Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static FramePool.Context context(final DragonDirectory directory, final int slots, final long slotLength) {
        return new FramePool.Context()
                .directory(directory)
                .ownerName("test")
                .slotCount(slots)
                .slotLength(slotLength);
    }

    /** Publishes a frame of one repeated value. */
    static FrameRef publish(final FramePool pool, final int length, final int value, final boolean hold) {
        final FrameClaim claim = new FrameClaim();
        final int slot = pool.tryClaim(claim, length);
        if (slot < 0) {
            throw new AssertionError("claim refused with " + slot);
        }
        claim.buffer().setMemory(0, length, (byte) value);
        final FrameRef ref = new FrameRef();
        claim.step(value).publish(ref, hold);
        return ref;
    }

    static void assertFrame(final FrameLease lease, final int length, final int value) {
        assertEquals(value, lease.step());
        assertEquals(length, lease.buffer().capacity());
        for (int i = 0; i < length; i++) {
            assertEquals((byte) value, lease.buffer().getByte(i));
        }
    }

    static void await(final String what, final long timeoutMs, final BooleanSupplier condition) {
        await(timeoutMs, condition, () -> what + " did not come about within " + timeoutMs + " ms");
    }

    static void await(final long timeoutMs, final BooleanSupplier condition, final Supplier<String> failure) {
        final long startNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - startNs > timeoutMs * 1_000_000L) {
                throw new AssertionError(failure.get());
            }
            try {
                Thread.sleep(PAUSE_MS);
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted");
            }
        }
    }
}
