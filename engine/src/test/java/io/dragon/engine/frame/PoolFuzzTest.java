package io.dragon.engine.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files that are no pools, damaged pools, pools of other releases: refused, never believed. */
class PoolFuzzTest {
    private static final long SEED = Long.getLong("dragon.test.seed", 7L);
    private static final int SLOTS = 4;
    private static final int LENGTH = 1_000;
    private static final int ROUNDS = 1_500;

    private final DragonDirectory directory = Tests.sharedDirectory();
    private final Random random = new Random(SEED);
    private final FrameLease lease = new FrameLease();
    private long poolId;
    private byte[] whole;

    @BeforeEach
    void makePool() throws IOException {
        final FramePool pool = FramePool.create(Tests.context(directory, SLOTS, LENGTH));
        for (int i = 0; i < SLOTS; i++) {
            Tests.publish(pool, LENGTH, i, true);
        }
        poolId = pool.poolId();
        pool.close();
        whole = Files.readAllBytes(directory.pool(poolId));
    }

    @AfterEach
    void clean() {
        Tests.delete(directory);
    }

    private void rewrite(final byte[] bytes) throws IOException {
        // A new file each time: one that is still mapped is never truncated.
        final Path file = directory.pool(poolId);
        Files.delete(file);
        Files.write(file, bytes);
    }

    private void patch(final int offset, final Consumer<ByteBuffer> writing) throws IOException {
        final ByteBuffer bytes = ByteBuffer.allocate(8).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        writing.accept(bytes);
        bytes.flip();
        try (FileChannel channel = FileChannel.open(directory.pool(poolId), StandardOpenOption.WRITE)) {
            channel.write(bytes, offset);
        }
    }

    /** Everything a stranger can do with a pool; must end, and read within the frame. */
    private void useAll() {
        try (FrameReader reader = new FrameReader(directory, "fuzz")) {
            for (int slot = -1; slot <= SLOTS; slot++) {
                for (int sequence = 0; sequence < 3; sequence++) {
                    final int code = reader.acquire(new FrameRef().set(poolId, sequence, slot, LENGTH), lease);
                    if (code == 0) {
                        readAll();
                        lease.release();
                    }
                }
            }
        }
        try (FrameSubscriber subscriber = FrameSubscriber.attach(directory, poolId, "fuzz")) {
            subscriber.poll(frame -> frame.buffer().getByte(frame.buffer().capacity() - 1), 10);
        } catch (final DragonException e) {
            assertTrue(e.getMessage().endsWith("."), e.getMessage());
        }
        final PoolJanitor janitor = new PoolJanitor(directory);
        janitor.sweep(poolId);
        janitor.isRead(poolId);
        try {
            janitor.status(poolId);
        } catch (final DragonException e) {
            assertTrue(e.getMessage().contains(directory.pool(poolId).toString()), e.getMessage());
        }
    }

    private void readAll() {
        assertTrue(lease.buffer().capacity() <= LENGTH);
        assertTrue(lease.metadataLength() <= 4096);
        for (int i = 0; i < lease.buffer().capacity(); i++) {
            lease.buffer().getByte(i);
        }
        for (int i = 0; i < lease.metadataLength(); i++) {
            lease.metadata().getByte(i);
        }
    }

    @Test
    void shouldSurviveDamagedHeaders() throws IOException {
        final int before = new PoolJanitor(directory).status(poolId).slotCount();
        assertEquals(SLOTS, before);
        for (int round = 0; round < ROUNDS; round++) {
            final byte[] bytes = whole.clone();
            final int changes = 1 + random.nextInt(8);
            for (int i = 0; i < changes; i++) {
                bytes[random.nextInt(round % 2 == 0 ? 128 : 8192)] = (byte) random.nextInt();
            }
            rewrite(bytes);
            useAll();
        }
    }

    @Test
    void shouldSurviveFilesOfAnyLength() throws IOException {
        for (int round = 0; round < ROUNDS / 5; round++) {
            final byte[] bytes = java.util.Arrays.copyOf(whole, random.nextInt(2 * whole.length));
            if (round % 3 == 0) {
                random.nextBytes(bytes);
            }
            rewrite(bytes);
            useAll();
            if (bytes.length != whole.length) {
                assertThrows(DragonException.class, () -> new PoolJanitor(directory).status(poolId));
            }
        }
    }

    @Test
    void shouldSurviveRandomSlotsAndRings() throws IOException {
        final PoolLayout layout = PoolLayout.of(SLOTS, LENGTH, 4096);
        for (int round = 0; round < ROUNDS / 5; round++) {
            final byte[] bytes = whole.clone();
            for (int i = PoolLayout.SEALED_OFFSET; i < layout.slotsAt; i++) {
                if (random.nextInt(4) == 0) {
                    bytes[i] = (byte) random.nextInt();
                }
            }
            // Rows that claim to be subscribed, so that the rings are read.
            for (int row = 0; row < SlotWord.READERS; row++) {
                bytes[PoolLayout.row(row)] = (byte) random.nextInt(4);
            }
            rewrite(bytes);
            useAll();
            readRing();
        }
    }

    private void readRing() throws IOException {
        try (FrameSubscriber subscriber = FrameSubscriber.attach(directory, poolId, "fuzz")) {
            patch(PoolLayout.row(0), bytes -> bytes.put((byte) ReaderRows.SUBSCRIBED));
            assertTrue(subscriber.poll(frame -> {}, Integer.MAX_VALUE) >= 0);
        } catch (final IndexOutOfBoundsException | IllegalStateException | IllegalArgumentException e) {
            // A ring that its producer did not write is refused by its own checks.
            assertTrue(e.getMessage() != null);
        }
    }

    @Test
    void shouldRefuseAnotherLayoutVersionInWords() throws IOException {
        patch(PoolLayout.VERSION_OFFSET, bytes -> bytes.putInt(PoolLayout.VERSION + 1));
        try (FrameReader reader = new FrameReader(directory, "reader")) {
            assertEquals(FrameReader.NO_SUCH_POOL, reader.acquire(new FrameRef().set(poolId, 1, 0, LENGTH), lease));
            assertTrue(reader.refusal().contains("layout version 4, this process knows version 3"), reader.refusal());
        }
        final DragonException e =
                assertThrows(DragonException.class, () -> FrameSubscriber.attach(directory, poolId, "viewer"));
        assertTrue(e.getMessage().contains("layout version 4"), e.getMessage());
    }

    @Test
    void shouldRefuseAPoolThatIsShorterThanItSays() throws IOException {
        rewrite(java.util.Arrays.copyOf(whole, whole.length - 1));
        try (FrameReader reader = new FrameReader(directory, "reader")) {
            assertEquals(FrameReader.NO_SUCH_POOL, reader.acquire(new FrameRef().set(poolId, 1, 0, LENGTH), lease));
            assertTrue(reader.refusal().contains("is damaged: it has"), reader.refusal());
        }
    }

    @Test
    void shouldRefuseThePoolOfAnotherId() throws IOException {
        final long other = poolId + 1;
        Files.copy(directory.pool(poolId), directory.pool(other));
        Files.copy(directory.poolLock(poolId), directory.poolLock(other));
        try (FrameReader reader = new FrameReader(directory, "reader")) {
            assertEquals(FrameReader.NO_SUCH_POOL, reader.acquire(new FrameRef().set(other, 1, 0, LENGTH), lease));
            assertTrue(reader.refusal().contains("belongs to another pool"), reader.refusal());
        }
    }
}
