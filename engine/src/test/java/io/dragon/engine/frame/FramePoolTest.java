package io.dragon.engine.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FramePoolTest {
    private final DragonDirectory directory = Tests.sharedDirectory();
    private final FrameLease lease = new FrameLease();
    private final FrameClaim claim = new FrameClaim();

    @AfterEach
    void clean() {
        Tests.delete(directory);
    }

    @Test
    void shouldHandOverAFrameWithEverythingItSays() {
        try (FramePool pool = FramePool.create(Tests.context(directory, 16, 10_000));
                FrameReader reader = new FrameReader(directory, "reader")) {
            assertTrue(pool.tryClaim(claim, 9_999) >= 0);
            claim.byteBuffer().put(0, (byte) 1).put(9_998, (byte) 2);
            claim.metadata().putStringWithoutLengthUtf8(0, "exposure=5");
            final FrameRef ref = new FrameRef();
            final long publishedNs = claim.format(FrameFormat.GREY8)
                    .width(99)
                    .height(101)
                    .camera(7)
                    .step(8)
                    .captureEpochNs(9)
                    .capturedNs(10)
                    .metadataLength(10)
                    .publish(ref, true);

            assertEquals(0, reader.acquire(ref, lease));
            assertEquals(9_999, lease.buffer().capacity());
            assertEquals(1, lease.buffer().getByte(0));
            assertEquals(2, lease.byteBuffer().get(9_998));
            assertTrue(lease.byteBuffer().isReadOnly());
            assertEquals(9_999, lease.byteBuffer().remaining());
            assertSame(FrameFormat.GREY8, lease.format());
            assertEquals(List.of(99, 101, 7), List.of(lease.width(), lease.height(), lease.camera()));
            assertEquals(
                    List.of(8L, 9L, 10L, publishedNs),
                    List.of(lease.step(), lease.captureEpochNs(), lease.capturedNs(), lease.publishedNs()));
            assertEquals("exposure=5", lease.metadata().getStringWithoutLengthUtf8(0, lease.metadataLength()));
            assertEquals(ref, lease.ref());
            assertTrue(lease.isHeld());
            lease.release();
            assertFalse(lease.isHeld());
            assertThrows(IndexOutOfBoundsException.class, () -> lease.buffer().getByte(0));
            assertTrue(pool.release(ref));
            assertFalse(pool.release(ref));
        }
        assertEquals(0, new PoolJanitor(directory).pools().length);
    }

    @Test
    void shouldMakeFilesForTheirUserOnly() throws Exception {
        try (FramePool pool = FramePool.create(Tests.context(directory, 1, 1))) {
            final String mode =
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.pool(pool.poolId())));
            assertEquals("rw-------", mode);
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.pools())));
        }
    }

    @Test
    void shouldPushBackWhenEverySlotIsHeldOrRead() {
        try (FramePool pool = FramePool.create(Tests.context(directory, 4, 64));
                FrameReader reader = new FrameReader(directory, "reader")) {
            final List<FrameRef> refs = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                refs.add(Tests.publish(pool, 64, i, true));
            }
            assertEquals(FramePool.BACK_PRESSURED, pool.tryClaim(claim, 1));
            assertEquals(1, pool.droppedBackPressured());
            assertEquals(0, reader.acquire(refs.get(2), lease));
            assertTrue(pool.release(refs.get(2)));
            assertEquals(FramePool.BACK_PRESSURED, pool.tryClaim(claim, 1));
            Tests.assertFrame(lease, 64, 2);
            lease.release();
            assertEquals(refs.get(2).slot(), pool.tryClaim(claim, 1));
            claim.abort();
            assertEquals(FrameReader.STALE, reader.acquire(refs.get(2), lease));
            assertFalse(pool.release(refs.get(2)));
            assertEquals(FramePool.TOO_LARGE, pool.tryClaim(claim, 65));
            assertEquals(1, pool.droppedTooLarge());
            pool.deleteNow();
            assertEquals(2, pool.droppedBackPressured());
            assertEquals(FramePool.CLOSED, pool.tryClaim(claim, 1));
        }
    }

    @Test
    void shouldWaitForASlot() {
        try (FramePool pool = FramePool.create(Tests.context(directory, 1, 64).fullPolicy(FullPolicy.WAIT))) {
            final FrameRef ref = Tests.publish(pool, 1, 1, true);
            assertEquals(FramePool.BACK_PRESSURED, pool.tryClaim(claim, 1));
            assertEquals(0, pool.droppedBackPressured());
            assertEquals(FramePool.BACK_PRESSURED, pool.claim(claim, 1, 5_000_000));
            assertEquals(1, pool.droppedTimedOut());
            final Thread releasing = new Thread(() -> pool.release(ref));
            releasing.start();
            assertEquals(0, pool.claim(claim, 1, 10_000_000_000L));
            claim.abort();
        }
    }

    @Test
    void shouldOverwriteTheOldestThatNoOneHolds() {
        try (FramePool pool =
                        FramePool.create(Tests.context(directory, 4, 64).fullPolicy(FullPolicy.OVERWRITE_OLDEST));
                FrameReader reader = new FrameReader(directory, "reader")) {
            final FrameRef held = Tests.publish(pool, 64, 0, true);
            final FrameRef oldest = Tests.publish(pool, 64, 1, false);
            final FrameRef read = Tests.publish(pool, 64, 2, false);
            final FrameRef youngest = Tests.publish(pool, 64, 3, false);
            assertEquals(0, reader.acquire(read, lease));
            assertEquals(oldest.slot(), Tests.publish(pool, 64, 4, false).slot());
            assertEquals(youngest.slot(), Tests.publish(pool, 64, 5, false).slot());
            assertEquals(oldest.slot(), Tests.publish(pool, 64, 6, false).slot());
            assertEquals(3, pool.droppedOverwritten());
            Tests.assertFrame(lease, 64, 2);
            lease.release();
            // The frame in this slot had been read, so nothing is lost with it.
            assertEquals(read.slot(), Tests.publish(pool, 64, 7, false).slot());
            assertEquals(3, pool.droppedOverwritten());
            assertEquals(youngest.slot(), Tests.publish(pool, 64, 8, false).slot());
            assertEquals(4, pool.droppedOverwritten());
            assertEquals(0, reader.acquire(held, lease));
            Tests.assertFrame(lease, 64, 0);
            lease.release();
            assertEquals(FrameReader.STALE, reader.acquire(oldest, lease));
        }
    }

    @Test
    void shouldGiveTheSlotOfAnAbortedClaimToTheNext() {
        try (FramePool pool = FramePool.create(Tests.context(directory, 3, 64))) {
            final int slot = pool.tryClaim(claim, 5);
            claim.abort();
            assertThrows(IllegalStateException.class, claim::abort);
            assertEquals(slot, pool.tryClaim(claim, 5));
            assertThrows(IllegalStateException.class, () -> pool.tryClaim(claim, 5));
            final FrameRef ref = new FrameRef();
            claim.publish(ref, false);
            assertEquals(2, ref.sequence());
            assertThrows(IndexOutOfBoundsException.class, () -> claim.buffer().putByte(0, (byte) 1));
        }
    }

    @Test
    void shouldPublishLessThanWasClaimed() {
        try (FramePool pool = FramePool.create(Tests.context(directory, 1, 16));
                FrameReader reader = new FrameReader(directory, "reader")) {
            final FrameClaim claim = new FrameClaim();
            final FrameLease lease = new FrameLease();
            final FrameRef ref = new FrameRef();
            assertEquals(0, pool.tryClaim(claim, 16));
            claim.buffer().putByte(0, (byte) 7);
            assertThrows(IllegalArgumentException.class, () -> claim.shorten(17));
            assertThrows(IllegalArgumentException.class, () -> claim.shorten(-1));
            assertEquals(3, claim.shorten(3).buffer().capacity());
            assertThrows(IllegalArgumentException.class, () -> claim.shorten(4));
            assertEquals(3, claim.byteBuffer().limit());
            claim.publish(ref, false);
            assertEquals(3, ref.length());
            assertEquals(0, reader.acquire(ref, lease));
            assertEquals(3, lease.buffer().capacity());
            assertEquals(7, lease.buffer().getByte(0));
            lease.release();
            assertThrows(IllegalStateException.class, () -> claim.shorten(1));
        }
    }

    @Test
    void shouldFillManySlotsAtATime() {
        try (FramePool pool = FramePool.create(Tests.context(directory, 128, 64));
                FrameReader reader = new FrameReader(directory, "reader")) {
            final List<FrameClaim> claims = new ArrayList<>();
            for (int i = 0; i < 128; i++) {
                claims.add(new FrameClaim());
                assertEquals(i, pool.tryClaim(claims.get(i), 64));
                claims.get(i).buffer().setMemory(0, 64, (byte) i);
            }
            for (int i = 127; i >= 0; i--) {
                final FrameRef ref = new FrameRef();
                claims.get(i).step(i).publish(ref, true);
                assertEquals(0, reader.acquire(ref, lease));
                Tests.assertFrame(lease, 64, i);
                lease.release();
            }
        }
    }

    @Test
    void shouldShareOneBitAmongLeasesOfAReader() {
        try (FramePool pool = FramePool.create(Tests.context(directory, 1, 64));
                FrameReader reader = new FrameReader(directory, "reader")) {
            final FrameRef ref = Tests.publish(pool, 64, 1, false);
            final FrameLease second = new FrameLease();
            assertEquals(0, reader.acquire(ref, lease));
            assertEquals(0, reader.acquire(ref, second));
            final ByteBuffer bytes = second.byteBuffer();
            bytes.get();
            assertEquals(0, lease.byteBuffer().position());
            assertThrows(IllegalStateException.class, () -> reader.acquire(ref, lease));
            lease.release();
            lease.release();
            assertTrue(second.isHeld());
            assertEquals(FramePool.BACK_PRESSURED, pool.tryClaim(claim, 1));
            second.release();
            assertEquals(0, pool.tryClaim(claim, 1));
            claim.abort();
        }
    }

    @Test
    void shouldRefuseTheTwentyFirstReaderInWords() {
        final List<FrameReader> readers = new ArrayList<>();
        try (FramePool pool = FramePool.create(Tests.context(directory, 1, 64))) {
            final FrameRef ref = Tests.publish(pool, 64, 1, true);
            for (int i = 0; i < SlotWord.READERS; i++) {
                readers.add(new FrameReader(directory, "reader" + i));
                final FrameLease each = new FrameLease();
                assertEquals(0, readers.get(i).acquire(ref, each));
            }
            final FrameReader tooMany = new FrameReader(directory, "one-more");
            assertEquals(FrameReader.READERS_FULL, tooMany.acquire(ref, lease));
            assertTrue(tooMany.refusal().contains("one-more is one too many"), tooMany.refusal());
            assertTrue(tooMany.refusal().contains("reader19 (process"), tooMany.refusal());
            final DragonException refused = assertThrows(
                    DragonException.class, () -> FrameSubscriber.attach(directory, pool.poolId(), "one-more"));
            assertTrue(refused.getMessage().contains("20 readers"), refused.getMessage());
            pool.deleteNow();
        } finally {
            readers.forEach(FrameReader::close);
        }
    }

    @Test
    void shouldKeepAPoolMappedUntilItsLastLeaseHasEnded() {
        final FramePool pool = FramePool.create(Tests.context(directory, 2, 64));
        final FrameReader reader = new FrameReader(directory, "reader");
        final FrameRef ref = Tests.publish(pool, 64, 1, true);
        assertEquals(0, reader.acquire(ref, lease));
        pool.close();
        assertEquals(1, new PoolJanitor(directory).pools().length);
        reader.close();
        Tests.assertFrame(lease, 64, 1);
        lease.release();
        assertEquals(
                0, new PoolJanitor(directory).status(pool.poolId()).readers().size());
        assertTrue(new PoolJanitor(directory).delete(pool.poolId()));
        assertEquals(0, new PoolJanitor(directory).removeLeftovers());
    }

    @Test
    void shouldReadAPoolWhoseOwnerIsGoneAndTellWhenAFrameIs() {
        final FramePool pool = FramePool.create(Tests.context(directory, 2, 64));
        final FrameRef held = Tests.publish(pool, 64, 1, true);
        final FrameRef gone = new FrameRef().set(held).set(held.poolId(), held.sequence() + 1, held.slot(), 64);
        pool.close();
        try (FrameReader reader = new FrameReader(directory, "reader")) {
            assertEquals(0, reader.acquire(held, lease));
            Tests.assertFrame(lease, 64, 1);
            assertEquals(0, reader.sweepIdlePools());
            lease.release();
            assertEquals(FrameReader.SEALED, reader.acquire(gone, lease));
            assertEquals(1, reader.sweepIdlePools());
            final PoolJanitor janitor = new PoolJanitor(directory);
            assertTrue(janitor.isHeld(held.poolId()));
            assertTrue(janitor.release(held));
            assertFalse(janitor.isHeld(held.poolId()));
            assertTrue(janitor.delete(held.poolId()));
            assertEquals(FrameReader.NO_SUCH_POOL, reader.acquire(held, lease));
            assertTrue(reader.refusal().startsWith("There is no frame pool"), reader.refusal());
        }
    }

    @Test
    void shouldRefuseReferencesThatNameNothing() {
        try (FramePool pool = FramePool.create(Tests.context(directory, 2, 64));
                FrameReader reader = new FrameReader(directory, "reader")) {
            final FrameRef ref = Tests.publish(pool, 64, 1, true);
            final long id = ref.poolId();
            assertEquals(FrameReader.STALE, reader.acquire(new FrameRef(), lease));
            assertEquals(FrameReader.STALE, reader.acquire(new FrameRef().set(id, 1, -1, 64), lease));
            assertEquals(FrameReader.STALE, reader.acquire(new FrameRef().set(id, 1, 2, 64), lease));
            assertEquals(FrameReader.STALE, reader.acquire(new FrameRef().set(id, -1, 0, 64), lease));
            assertEquals(FrameReader.STALE, reader.acquire(new FrameRef().set(id, (1L << 40) + 1, 0, 64), lease));
            assertEquals(FrameReader.TOO_SHORT, reader.acquire(new FrameRef().set(id, 1, 0, 65), lease));
            assertEquals(FrameReader.NO_SUCH_POOL, reader.acquire(new FrameRef().set(~id, 1, 0, 64), lease));
            assertFalse(pool.release(new FrameRef().set(id, 1, 77, 64)));
            assertTrue(pool.release(ref));
        }
    }

    @Test
    void shouldBelongToOneProducerThread() throws InterruptedException {
        try (FramePool pool = FramePool.create(Tests.context(directory, 2, 64))) {
            Tests.publish(pool, 1, 1, false);
            final AtomicReference<Throwable> thrown = new AtomicReference<>();
            final Thread other = new Thread(() -> Tests.publish(pool, 1, 1, false), "second");
            other.setUncaughtExceptionHandler((thread, e) -> thrown.set(e));
            other.start();
            other.join();
            assertTrue(
                    thrown.get().getMessage().contains("second is another"),
                    thrown.get().getMessage());
        }
    }

    @Test
    void shouldNeverUseASequenceTwice() {
        try (FramePool pool = FramePool.create(Tests.context(directory, 2, 64));
                FrameReader reader = new FrameReader(directory, "reader")) {
            final FrameRef ref = Tests.publish(pool, 64, 1, false);
            assertEquals(0, reader.acquire(ref, lease));
            lease.release();
            final PoolFile file = reader.attached(pool.poolId()).file;
            file.casWord(0, file.word(0), SlotWord.of(SlotWord.MAX_SEQUENCE, SlotWord.READABLE));
            assertEquals(1, Tests.publish(pool, 64, 2, false).slot());
            assertEquals(1, Tests.publish(pool, 64, 3, false).slot());
            assertSame(SlotWord.DEAD, SlotWord.state(file.word(0)));
        }
    }

    @Test
    void shouldSayWhatIsImpossible() {
        assertRefused("1 to 4096 slots, not 0", Tests.context(directory, 0, 1));
        assertRefused(
                "0 to 65536 bytes, not 65537", Tests.context(directory, 1, 1).metadataLength(65_537));
        assertRefused("a slot takes 0 to", Tests.context(directory, 1, 1L << 31));
        assertRefused("not -1", Tests.context(directory, 1, -1));
    }

    private static void assertRefused(final String words, final FramePool.Context ctx) {
        final DragonException e = assertThrows(DragonException.class, () -> FramePool.create(ctx));
        assertTrue(e.getMessage().contains(words), e.getMessage());
        assertEquals(DragonException.WRONG_USAGE, e.exitCode());
    }

    @Test
    void shouldTellAnyoneHowItIs() {
        try (FramePool pool = FramePool.create(Tests.context(directory, 4, 64).ownerName("camera-3"));
                FrameReader reader = new FrameReader(directory, "viewer")) {
            assertEquals(0, reader.acquire(Tests.publish(pool, 64, 1, true), lease));
            Tests.publish(pool, 64, 1, true);
            pool.tryClaim(claim, 65);
            final PoolStatus status = new PoolJanitor(directory).status(pool.poolId());
            assertEquals("camera-3", status.ownerName());
            assertTrue(status.ownerAlive());
            assertFalse(status.sealed());
            assertSame(FullPolicy.BACK_PRESSURED, status.policy());
            assertEquals(
                    List.of(2, 2, 1, 0), List.of(status.readable(), status.held(), status.read(), status.filling()));
            assertEquals(List.of(2L, 1L), List.of(status.published(), status.droppedTooLarge()));
            assertEquals(List.of("viewer (" + ProcessHandle.current().pid() + ")"), status.readers());
            lease.release();
            pool.deleteNow();
        }
    }

    @Test
    void shouldStartAnewWhenItsLockFileWasTakenForALeftover() {
        final PoolJanitor janitor = new PoolJanitor(directory);
        final int[] removed = {0};
        final Steps steps = new Steps() {
            @Override
            void reached(final String step) {
                if (step.equals("create.lockFile") && removed[0] == 0) {
                    removed[0] = janitor.removeLeftovers();
                }
            }
        };
        try (FramePool pool = FramePool.create(Tests.context(directory, 1, 1).steps(steps))) {
            assertEquals(1, removed[0]);
            assertTrue(janitor.isOwnerAlive(pool.poolId()));
            assertEquals(0, janitor.removeLeftovers());
        }
        assertEquals(0, janitor.removeLeftovers());
    }

    @Test
    void shouldStartAnewWhenItsLockFileIsRemovedBeforeItIsOpened() {
        final int[] removed = {0};
        final Steps steps = new Steps() {
            @Override
            void reached(final String step) {
                if (step.equals("lock.created") && removed[0]++ == 0) {
                    for (final File file : directory.pools().toFile().listFiles()) {
                        assertTrue(file.delete());
                    }
                }
            }
        };
        try (FramePool pool = FramePool.create(Tests.context(directory, 1, 1).steps(steps))) {
            assertEquals(2, removed[0]);
            assertTrue(new PoolJanitor(directory).isOwnerAlive(pool.poolId()));
        }
    }

    @Test
    void shouldHaveItsOwnIdEachTime() {
        try (FramePool one = FramePool.create(Tests.context(directory, 1, 1));
                FramePool two = FramePool.create(Tests.context(directory, 1, 1))) {
            assertNotEquals(one.poolId(), two.poolId());
            final PoolJanitor janitor = new PoolJanitor(directory);
            assertEquals(2, janitor.pools().length);
            assertTrue(janitor.isOwnerAlive(one.poolId()));
            assertFalse(janitor.delete(one.poolId()));
            assertEquals(0, janitor.sweep(one.poolId()));
            assertEquals(0, janitor.removeLeftovers());
        }
    }
}
