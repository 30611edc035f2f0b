package io.dragon.engine.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameSubscriberTest {
    private final DragonDirectory directory = Tests.sharedDirectory();
    private final List<Integer> seen = new ArrayList<>();
    private final FrameHandler handler = frame -> {
        Tests.assertFrame(frame, 64, (int) frame.step());
        seen.add((int) frame.step());
    };

    @AfterEach
    void clean() {
        Tests.delete(directory);
    }

    @Test
    void shouldSeeEveryFrameFromWhenItAttached() {
        try (FramePool pool = FramePool.create(Tests.context(directory, 4, 64))) {
            Tests.publish(pool, 64, 1, false);
            try (FrameSubscriber subscriber = FrameSubscriber.attach(directory, pool.poolId(), "viewer")) {
                assertEquals(0, subscriber.poll(handler, 10));
                for (int i = 2; i < 102; i++) {
                    Tests.publish(pool, 64, i, false);
                    assertEquals(1, subscriber.poll(handler, 10));
                }
                assertEquals(100, seen.size());
                assertEquals(101, seen.get(99));
                assertEquals(0, subscriber.missed());
                assertFalse(subscriber.isSealed());
                pool.seal();
                assertTrue(subscriber.isSealed());
            }
            assertEquals(
                    0,
                    new PoolJanitor(directory).status(pool.poolId()).readers().size());
        }
    }

    @Test
    void shouldPushBackAProducerThatDoesNotOverwrite() {
        try (FramePool pool = FramePool.create(Tests.context(directory, 4, 64));
                FrameSubscriber fast = FrameSubscriber.attach(directory, pool.poolId(), "fast")) {
            final FrameSubscriber slow = FrameSubscriber.attach(directory, pool.poolId(), "slow");
            for (int i = 0; i < 4; i++) {
                Tests.publish(pool, 64, i, false);
            }
            assertEquals(4, fast.poll(handler, 10));
            assertEquals(FramePool.BACK_PRESSURED, pool.tryClaim(new FrameClaim(), 64));
            assertEquals(1, slow.poll(handler, 1));
            Tests.publish(pool, 64, 4, false);
            assertEquals(FramePool.BACK_PRESSURED, pool.tryClaim(new FrameClaim(), 64));
            slow.close();
            for (int i = 5; i < 8; i++) {
                Tests.publish(pool, 64, i, false);
            }
            assertEquals(4, fast.poll(handler, 10));
            assertEquals(0, fast.missed());
        }
    }

    /** Lent, leased because it may be overwritten, and leased because somebody holds it. */
    @Test
    void shouldKeepAFrameForItsHandlerThoughThatReleasesIt() {
        for (final FullPolicy policy : FullPolicy.values()) {
            for (final boolean hold : new boolean[] {false, true}) {
                try (FramePool pool =
                                FramePool.create(Tests.context(directory, 2, 64).fullPolicy(policy));
                        FrameReader reader = new FrameReader(directory, "reader");
                        FrameSubscriber subscriber = FrameSubscriber.attach(directory, pool.poolId(), "hasty")) {
                    final FrameRef ref = Tests.publish(pool, 64, 7, hold);
                    final FrameHandler hasty = frame -> {
                        frame.release();
                        assertTrue(frame.isHeld());
                        Tests.assertFrame(frame, 64, 7);
                        assertThrows(IllegalStateException.class, () -> reader.acquire(ref, frame));
                    };
                    assertEquals(1, subscriber.poll(hasty, 10));
                    assertFalse(SlotWord.isRead(pool.file().word(ref.slot())), "it ends with the call");
                    assertTrue(!hold || pool.release(ref));
                }
            }
        }
    }

    @Test
    void shouldMissWhatWasReusedAndCountIt() {
        try (FramePool pool =
                        FramePool.create(Tests.context(directory, 4, 64).fullPolicy(FullPolicy.OVERWRITE_OLDEST));
                FrameSubscriber subscriber = FrameSubscriber.attach(directory, pool.poolId(), "slow")) {
            for (int i = 0; i < 10; i++) {
                Tests.publish(pool, 64, i, false);
            }
            assertEquals(4, subscriber.poll(handler, 10));
            assertEquals(List.of(6, 7, 8, 9), seen);
            assertEquals(6, subscriber.missed());
            assertEquals(6, pool.droppedOverwritten());
            // Far more than the ring takes.
            for (int i = 10; i < 110; i++) {
                Tests.publish(pool, 64, i, false);
            }
            final int delivered = subscriber.poll(handler, 1_000);
            assertEquals(100 - delivered, subscriber.missed() - 6);
        }
    }

    @Test
    void shouldNeverStallFramesThatAreHeldForSomeoneElse() {
        try (FramePool pool = FramePool.create(Tests.context(directory, 2, 64));
                FrameSubscriber stopped = FrameSubscriber.attach(directory, pool.poolId(), "stopped")) {
            for (int i = 0; i < 100; i++) {
                assertTrue(pool.release(Tests.publish(pool, 64, i, true)));
            }
            assertEquals(0, pool.droppedBackPressured());
            stopped.poll(handler, 1_000);
            assertEquals(100, stopped.missed() + seen.size());
        }
    }

    @Test
    void shouldReplaceASubscriberInItsRow() {
        try (FramePool pool = FramePool.create(Tests.context(directory, 4, 64))) {
            for (int round = 0; round < 50; round++) {
                final FrameSubscriber subscriber = FrameSubscriber.attach(directory, pool.poolId(), "viewer");
                Tests.publish(pool, 64, round, false);
                Tests.publish(pool, 64, round, false);
                assertEquals(1, subscriber.poll(handler, 1));
                subscriber.close();
                assertEquals(0, subscriber.missed());
                assertEquals(0, subscriber.poll(handler, 1));
            }
            assertEquals(50, seen.size());
        }
    }

    @Test
    void shouldEndItsLeaseWhenTheHandlerThrows() {
        try (FramePool pool = FramePool.create(Tests.context(directory, 1, 64));
                FrameSubscriber subscriber = FrameSubscriber.attach(directory, pool.poolId(), "viewer")) {
            Tests.publish(pool, 64, 1, false);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> subscriber.poll(
                            frame -> {
                                throw new IllegalArgumentException();
                            },
                            1));
            Tests.publish(pool, 64, 2, false);
            assertEquals(1, subscriber.poll(handler, 1));
        }
    }

    @Test
    void shouldSayThatThereIsNoPool() {
        final DragonException e =
                assertThrows(DragonException.class, () -> FrameSubscriber.attach(directory, 42, "viewer"));
        assertTrue(e.getMessage().contains("000000000000002a"), e.getMessage());
    }

    @Test
    void shouldBeClosedByItsOwnHandler() {
        try (FramePool pool = FramePool.create(Tests.context(directory, 4, 64))) {
            final FrameSubscriber subscriber = FrameSubscriber.attach(directory, pool.poolId(), "viewer");
            for (int i = 0; i < 3; i++) {
                Tests.publish(pool, 64, i, false);
            }
            final int delivered = subscriber.poll(
                    frame -> {
                        subscriber.close();
                        handler.onFrame(frame);
                    },
                    10);
            assertEquals(1, delivered);
            assertEquals(List.of(0), seen);
            assertTrue(subscriber.isSealed());
            assertEquals(0, subscriber.poll(handler, 10));
            assertEquals(
                    0,
                    new PoolJanitor(directory).status(pool.poolId()).readers().size());
            assertTrue(pool.tryClaim(new FrameClaim(), 64) >= 0);
            pool.deleteNow();
        }
    }

    @Test
    void shouldNotBePolledByItsOwnHandler() {
        try (FramePool pool = FramePool.create(Tests.context(directory, 4, 64));
                FrameSubscriber subscriber = FrameSubscriber.attach(directory, pool.poolId(), "viewer")) {
            Tests.publish(pool, 64, 1, false);
            assertThrows(IllegalStateException.class, () -> subscriber.poll(frame -> subscriber.poll(handler, 1), 1));
            Tests.publish(pool, 64, 2, false);
            assertEquals(1, subscriber.poll(handler, 1));
        }
    }
}
