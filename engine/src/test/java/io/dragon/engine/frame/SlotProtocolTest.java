package io.dragon.engine.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonDirectory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each rule of the slot protocol at the one moment at which it matters. */
class SlotProtocolTest {
    private static final int LENGTH = 64;

    private final DragonDirectory directory = Tests.sharedDirectory();
    private final Map<String, Runnable> actions = new HashMap<>();
    private final Steps steps = new Steps() {
        @Override
        void reached(final String step) {
            final Runnable action = actions.get(step);
            if (action != null) {
                action.run();
            }
        }
    };
    private final FrameClaim claim = new FrameClaim();
    private final FrameLease lease = new FrameLease();
    private final FrameLease second = new FrameLease();

    @AfterEach
    void clean() {
        Tests.delete(directory);
    }

    private FramePool pool(final int slots) {
        return FramePool.create(Tests.context(directory, slots, LENGTH).steps(steps));
    }

    private static Throwable inAnotherThread(final Runnable action) {
        final AtomicReference<Throwable> thrown = new AtomicReference<>();
        final Thread thread = new Thread(action, "another");
        thread.setUncaughtExceptionHandler((t, e) -> thrown.set(e));
        thread.start();
        join(thread);
        return thrown.get();
    }

    private static void join(final Thread thread) {
        try {
            thread.join(10_000);
        } catch (final InterruptedException e) {
            throw new AssertionError(e);
        }
        assertFalse(thread.isAlive());
    }

    private static void await(final CountDownLatch latch) {
        try {
            assertTrue(latch.await(10, TimeUnit.SECONDS));
        } catch (final InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldNotLendAFrameWhoseBitAnotherThreadIsAboutToClear() {
        try (FramePool pool = pool(1);
                FrameReader reader = new FrameReader(directory, "reader", steps)) {
            final FrameRef ref = Tests.publish(pool, LENGTH, 1, false);
            final CountDownLatch ending = new CountDownLatch(1);
            final CountDownLatch lentOrWaiting = new CountDownLatch(1);
            actions.put("release.counted", () -> {
                ending.countDown();
                await(lentOrWaiting);
            });
            actions.put("acquire.waits", lentOrWaiting::countDown);
            assertEquals(0, reader.acquire(ref, lease));
            final Thread ender = new Thread(lease::release, "ender");
            ender.start();
            await(ending);
            assertEquals(0, reader.acquire(ref, second));
            lentOrWaiting.countDown();
            join(ender);
            assertTrue(second.isHeld());
            assertEquals(FramePool.BACK_PRESSURED, pool.tryClaim(claim, LENGTH));
            actions.clear();
            second.release();
        }
    }

    @Test
    void shouldKeepAClaimThatAnotherThreadTriesToEnd() {
        try (FramePool pool = pool(1);
                FrameReader reader = new FrameReader(directory, "reader")) {
            assertEquals(0, pool.tryClaim(claim, LENGTH));
            assertTrue(inAnotherThread(() -> claim.publish(null, false)) instanceof IllegalStateException);
            assertTrue(inAnotherThread(claim::abort) instanceof IllegalStateException);
            claim.buffer().setMemory(0, LENGTH, (byte) 5);
            final FrameRef ref = new FrameRef();
            claim.step(5).publish(ref, true);
            assertEquals(0, reader.acquire(ref, lease));
            Tests.assertFrame(lease, LENGTH, 5);
            lease.release();
            pool.deleteNow();
            assertFalse(pool.file().retain(), "the pool is still mapped");
        }
    }

    @Test
    void shouldHaveTheOwnersLockBeforeAnythingThatCouldBeTakenForALeftover() {
        final PoolJanitor janitor = new PoolJanitor(directory);
        final List<String> unlocked = new ArrayList<>();
        final Steps creating = new Steps() {
            @Override
            void reached(final String step) {
                if (step.startsWith("create.") && !step.equals("create.lockFile")) {
                    final long poolId = onlyLock(directory);
                    if (!janitor.isOwnerAlive(poolId) || !isLockedForOthers(directory, poolId)) {
                        unlocked.add(step);
                    }
                    if (janitor.removeLeftovers() != 0 || janitor.delete(poolId)) {
                        unlocked.add(step + ": removed");
                    }
                }
            }
        };
        try (FramePool pool =
                FramePool.create(Tests.context(directory, 1, LENGTH).steps(creating))) {
            assertEquals(List.of(), unlocked);
            assertTrue(isLockedForOthers(directory, pool.poolId()));
            Tests.publish(pool, LENGTH, 1, false);
            assertEquals(0, janitor.sweep(pool.poolId()));
            assertFalse(janitor.status(pool.poolId()).sealed());
        }
    }

    private static long onlyLock(final DragonDirectory directory) {
        final String[] names = directory.pools().toFile().list((folder, name) -> name.endsWith(".lock"));
        assertEquals(1, names.length);
        return Long.parseUnsignedLong(names[0].substring(0, 16), 16);
    }

    private static boolean isLockedForOthers(final DragonDirectory directory, final long poolId) {
        return LivenessLockTest.isHeldForOthers(directory.poolLock(poolId));
    }

    @Test
    void shouldNotLendASlotThatIsBeingFilled() {
        try (FramePool pool = pool(1);
                FrameReader reader = new FrameReader(directory, "reader")) {
            final FrameRef old = Tests.publish(pool, LENGTH, 1, false);
            final FrameRef next = new FrameRef().set(old.poolId(), old.sequence() + 1, 0, LENGTH);
            assertEquals(0, reader.acquire(old, lease));
            lease.release();
            final List<Integer> codes = new ArrayList<>();
            final Runnable acquiring = () -> {
                codes.add(reader.acquire(old, lease));
                codes.add(reader.acquire(next, lease));
                assertSame(SlotWord.FILLING, SlotWord.state(pool.file().word(0)));
            };
            actions.put("claim.filling", acquiring);
            actions.put("publish.filled", acquiring);
            Tests.publish(pool, LENGTH, 2, false);
            assertEquals(List.of(-1, -1, -1, -1), codes);
            actions.clear();
            assertEquals(FrameReader.STALE, reader.acquire(old, lease));
            assertEquals(0, reader.acquire(next, lease));
            lease.release();
        }
    }

    @Test
    void shouldBeWholeAndHeldInTheVeryMomentInWhichItIsReadable() {
        try (FramePool pool = pool(1);
                FrameReader reader = new FrameReader(directory, "reader")) {
            final List<Integer> codes = new ArrayList<>();
            actions.put("publish.readable", () -> {
                codes.add(reader.acquire(new FrameRef().set(pool.poolId(), 1, 0, LENGTH), lease));
                Tests.assertFrame(lease, LENGTH, 7);
                assertTrue(lease.publishedNs() != 0);
                assertTrue(SlotWord.isHeld(pool.file().word(0)));
            });
            final FrameRef ref = Tests.publish(pool, LENGTH, 7, true);
            assertEquals(List.of(0), codes);
            lease.release();
            assertEquals(FramePool.BACK_PRESSURED, pool.tryClaim(claim, LENGTH));
            assertTrue(pool.release(ref));
        }
    }

    @Test
    void shouldNotClaimWhatSomeoneTookBetweenTheLookAndTheClaim() {
        try (FramePool pool = pool(2);
                FrameReader reader = new FrameReader(directory, "reader")) {
            final FrameRef oldest = Tests.publish(pool, LENGTH, 1, false);
            final FrameRef next = Tests.publish(pool, LENGTH, 2, false);
            actions.put("claim.guessed", () -> assertEquals(0, reader.acquire(oldest, lease)));
            actions.put("claim.looked", () -> assertEquals(0, reader.acquire(next, second)));
            assertEquals(FramePool.BACK_PRESSURED, pool.tryClaim(claim, LENGTH));
            actions.clear();
            Tests.assertFrame(lease, LENGTH, 1);
            Tests.assertFrame(second, LENGTH, 2);
            lease.release();
            second.release();
        }
    }

    @Test
    void shouldNotLendWhatWasReusedBetweenTheLookAndTheLease() {
        try (FramePool pool = pool(1);
                FrameReader reader = new FrameReader(directory, "reader", steps)) {
            for (final boolean held : new boolean[] {false, true}) {
                final FrameRef ref = Tests.publish(pool, LENGTH, 1, held);
                actions.put(held ? "acquire.looked" : "acquire.guessed", () -> {
                    actions.clear();
                    assertEquals(held, pool.release(ref));
                    Tests.publish(pool, LENGTH, 2, false);
                });
                assertEquals(FrameReader.STALE, reader.acquire(ref, lease));
                assertTrue(actions.isEmpty());
                assertFalse(SlotWord.isRead(pool.file().word(0)));
            }
        }
    }

    @Test
    void shouldEndALeaseOnceHoweverOftenItIsReleased() {
        try (FramePool pool = pool(1);
                FrameReader reader = new FrameReader(directory, "reader", steps)) {
            final FrameRef ref = Tests.publish(pool, LENGTH, 1, false);
            assertEquals(0, reader.acquire(ref, lease));
            actions.put("release.counted", () -> {
                actions.clear();
                assertNull(inAnotherThread(lease::release));
                assertTrue(SlotWord.isRead(pool.file().word(0)));
            });
            lease.release();
            assertFalse(SlotWord.isRead(pool.file().word(0)));
            assertEquals(0, reader.acquire(ref, second));
            lease.release();
            assertTrue(second.isHeld());
            assertEquals(0, reader.acquire(ref, lease));
            second.release();
            second.release();
            assertTrue(lease.isHeld());
            lease.release();
            assertFalse(SlotWord.isRead(pool.file().word(0)));
        }
    }

    @Test
    void shouldNotEndTheNextUseOfALeaseThatIsReleasedTooLate() {
        try (FramePool pool = pool(2);
                FrameReader reader = new FrameReader(directory, "reader", steps)) {
            final FrameRef ref = Tests.publish(pool, LENGTH, 1, false);
            final FrameRef next = Tests.publish(pool, LENGTH, 2, false);
            assertEquals(0, reader.acquire(ref, lease));
            assertEquals(0, reader.acquire(ref, second));
            actions.put("release.shared", () -> {
                actions.clear();
                assertNull(inAnotherThread(lease::release));
                assertEquals(0, reader.acquire(next, lease));
            });
            lease.release();
            assertTrue(lease.isHeld(), "the end of one use took the frame of the next");
            Tests.assertFrame(lease, LENGTH, 2);
            assertTrue(second.isHeld(), "counted twice");
            lease.release();
            second.release();
            assertFalse(pool.file().isInUse());
        }
    }

    @Test
    void shouldNotLendOldOrFutureFramesOfASlotItHasLeasedAlready() {
        try (FramePool pool = pool(1);
                FrameReader reader = new FrameReader(directory, "reader")) {
            final FrameRef old = Tests.publish(pool, LENGTH, 1, false);
            final FrameRef now = Tests.publish(pool, LENGTH, 2, false);
            assertEquals(0, reader.acquire(now, lease));
            assertEquals(FrameReader.STALE, reader.acquire(old, second));
            assertEquals(
                    FrameReader.STALE,
                    reader.acquire(new FrameRef().set(now.poolId(), now.sequence() + 1, 0, LENGTH), second));
            assertTrue(lease.isHeld());
            lease.release();
            assertFalse(SlotWord.isRead(pool.file().word(0)));
        }
    }

    @Test
    void shouldOnlyClearHoldOfTheFrameThatIsMeant() {
        try (FramePool pool = pool(1)) {
            final FrameRef old = Tests.publish(pool, LENGTH, 1, true);
            assertTrue(pool.release(old));
            final FrameRef held = Tests.publish(pool, LENGTH, 2, true);
            assertFalse(pool.release(old));
            assertEquals(FramePool.BACK_PRESSURED, pool.tryClaim(claim, LENGTH));
            actions.put("unhold.looked", () -> {
                actions.clear();
                assertTrue(pool.release(held));
                Tests.publish(pool, LENGTH, 3, true);
            });
            assertFalse(pool.release(held));
            assertEquals(FramePool.BACK_PRESSURED, pool.tryClaim(claim, LENGTH));
            pool.deleteNow();
        }
    }

    @Test
    void shouldKeepEveryOtherReadersBit() {
        try (FramePool pool = pool(2);
                FrameReader one = new FrameReader(directory, "one");
                FrameReader two = new FrameReader(directory, "two", steps)) {
            final FrameRef ref = Tests.publish(pool, LENGTH, 1, false);
            final FrameRef other = Tests.publish(pool, LENGTH, 2, false);
            assertEquals(0, one.acquire(ref, lease));
            assertEquals(0, two.acquire(ref, second));
            final FrameLease third = new FrameLease();
            assertEquals(0, one.acquire(other, third));
            second.release();
            assertTrue(lease.isHeld());
            assertTrue(third.isHeld());
            assertEquals(0, pool.sweepDeadReaders());
            assertTrue(lease.isHeld());
            assertEquals(FramePool.BACK_PRESSURED, pool.tryClaim(claim, LENGTH));
            lease.release();
            assertEquals(ref.slot(), pool.tryClaim(claim, LENGTH));
            claim.abort();
            assertTrue(third.isHeld());
            third.release();
        }
    }

    @Test
    void shouldNotCountAReaderAsDeadThatDetachedWhileTheSweeperLooked() {
        try (FramePool pool = pool(1)) {
            final FrameReader leaving = new FrameReader(directory, "leaving");
            final FrameRef ref = Tests.publish(pool, LENGTH, 1, true);
            assertEquals(0, leaving.acquire(ref, lease));
            lease.release();
            actions.put("sweep.looked", leaving::close);
            assertEquals(0, pool.sweepDeadReaders());
            pool.deleteNow();
        }
    }

    @Test
    void shouldNotClearTheBitsOfAReaderThatComesWhileADeadOneIsSwept() {
        try (FramePool pool = pool(2);
                FrameReader coming = new FrameReader(directory, "coming")) {
            final FrameRef first = Tests.publish(pool, LENGTH, 1, false);
            final FrameRef ref = Tests.publish(pool, LENGTH, 2, false);
            final FrameReader dead = new FrameReader(directory, "dead");
            assertEquals(0, dead.acquire(first, second));
            final AttachedPool left = dead.attached(pool.poolId());
            left.file.locks().unlock(ReaderRows.FIRST_POSITION + left.row);
            actions.put("sweep.slot", () -> {
                actions.clear();
                assertEquals(0, coming.acquire(ref, lease));
            });
            assertEquals(1, pool.sweepDeadReaders());
            assertTrue(lease.isHeld());
            assertFalse(SlotWord.isRead(pool.file().word(first.slot())));
            lease.release();
        }
    }

    @Test
    void shouldKeepAFrameMappedForALeaseWhoeverDetachedMeanwhile() {
        final FramePool pool = pool(1);
        final FrameRef ref = Tests.publish(pool, LENGTH, 1, true);
        final FrameReader reader = new FrameReader(directory, "reader");
        assertEquals(0, reader.acquire(ref, lease));
        assertEquals(0, reader.acquire(ref, second));
        final AttachedPool attached = reader.attached(pool.poolId());
        lease.release();
        pool.deleteNow();
        reader.close();
        Tests.assertFrame(second, LENGTH, 1);
        assertTrue(second.isHeld());
        second.release();
        assertFalse(attached.file.retain(), "the pool is still mapped");
        // Another thread that asks just then must not touch what was unmapped.
        assertFalse(attached.isHeld(ref.slot(), ref.sequence()));
    }

    @Test
    void shouldNotBeDetachedUnderTheThreadThatAcquires() {
        try (FramePool pool = pool(1);
                FrameReader reader = new FrameReader(directory, "reader");
                FrameSubscriber subscriber = FrameSubscriber.attach(directory, pool.poolId(), "viewer")) {
            final FrameRef ref = Tests.publish(pool, LENGTH, 1, false);
            assertEquals(0, reader.acquire(ref, lease));
            subscriber.poll(frame -> {}, 1);
            assertTrue(inAnotherThread(reader::close) instanceof IllegalStateException);
            assertTrue(inAnotherThread(reader::sweepIdlePools) instanceof IllegalStateException);
            assertTrue(inAnotherThread(subscriber::close) instanceof IllegalStateException);
            lease.release();
            assertEquals(0, reader.acquire(ref, lease));
            assertNull(inAnotherThread(lease::release));
        }
    }

    @Test
    void shouldLeaseOnAnInterruptedThread() {
        try (FramePool pool = pool(1);
                FrameReader reader = new FrameReader(directory, "reader")) {
            final FrameRef ref = Tests.publish(pool, LENGTH, 1, false);
            Thread.currentThread().interrupt();
            final int code = reader.acquire(ref, lease);
            assertTrue(Thread.interrupted());
            assertEquals(0, code, reader::refusal);
            lease.release();
        }
    }

    @Test
    void shouldNotPublishIntoAPoolThatWasClosedMeanwhile() {
        final FramePool pool = pool(1);
        assertEquals(0, pool.tryClaim(claim, LENGTH));
        assertNull(inAnotherThread(pool::close));
        claim.buffer().setMemory(0, LENGTH, (byte) 1);
        assertThrows(IllegalStateException.class, () -> claim.publish(new FrameRef(), true));
        assertFalse(pool.file().retain(), "the pool is still mapped");
        assertFalse(new PoolJanitor(directory).isOwnerAlive(pool.poolId()));
    }

    @Test
    void shouldNotLendASlotThatWasGivenBackUnpublished() {
        try (FramePool pool = pool(1);
                FrameReader reader = new FrameReader(directory, "reader")) {
            assertEquals(0, pool.tryClaim(claim, LENGTH));
            claim.abort();
            assertEquals(FrameReader.STALE, reader.acquire(new FrameRef().set(pool.poolId(), 1, 0, 0), lease));
        }
    }

    @Test
    void shouldNotClaimInASealedPool() {
        try (FramePool pool = pool(1)) {
            pool.seal();
            assertEquals(FramePool.CLOSED, pool.tryClaim(claim, LENGTH));
        }
    }

    @Test
    void shouldRefuseToLetOneClaimFillTwoSlots() {
        try (FramePool pool = pool(2);
                FramePool other = pool(2)) {
            assertEquals(0, pool.tryClaim(claim, LENGTH));
            assertThrows(IllegalStateException.class, () -> other.tryClaim(claim, LENGTH));
            claim.abort();
            assertEquals(0, other.tryClaim(claim, LENGTH));
            claim.abort();
        }
    }

    @Test
    void shouldHaveAPoolForAFrameOfAnyLength() {
        for (final long length : new long[] {1, 1L << 20, (1L << 30) + 1, Integer.MAX_VALUE, Long.MAX_VALUE}) {
            final long slotLength = PoolSet.slotLengthFor(length);
            assertNull(PoolLayout.fault(1, slotLength, 4096));
            assertTrue(slotLength >= Math.min(length, (1L << 31) - 16_384));
        }
    }
}
