package io.dragon.engine.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonDirectory;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Closes what another thread is using, over and over: memory that is unmapped too early kills the process, and memory that nobody unmaps
 * is found. The two threads meet before each round; what they do in it overlaps by chance.
 */
class MappingStressTest {
    private static final long RUN_NS = TimeUnit.MILLISECONDS.toNanos(1_500);
    private static final int LENGTH = 64;
    private static final int SLOTS = 4;
    private static final int SPREAD = 64;

    private final DragonDirectory directory = Tests.sharedDirectory();
    private final AtomicReference<Throwable> thrown = new AtomicReference<>();
    private final CyclicBarrier meeting = new CyclicBarrier(2);

    @AfterEach
    void clean() {
        Tests.delete(directory);
    }

    /** What a thread does in a round. */
    private interface Part {
        void run(int round);
    }

    private static final class Round {
        private volatile FramePool pool;
        private volatile FrameReader reader;
        private volatile FrameLease[] leases;
        private volatile boolean isLast;
    }

    private void meet() {
        try {
            meeting.await(20, TimeUnit.SECONDS);
        } catch (final InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private Thread another(final Round now, final Part part) {
        final Thread thread = new Thread(
                () -> {
                    meet();
                    // Asked only after they have met: the other one waits at every meeting.
                    for (int round = 0; !now.isLast; round++) {
                        part.run(round);
                        meet();
                        meet();
                    }
                },
                "another");
        thread.setUncaughtExceptionHandler((t, e) -> {
            thrown.compareAndSet(null, e);
            meeting.reset();
        });
        thread.start();
        return thread;
    }

    private int run(final Round now, final Part prepare, final Part part, final Part check, final Thread other)
            throws InterruptedException {
        final long startNs = System.nanoTime();
        int round = 0;
        try {
            while (System.nanoTime() - startNs < RUN_NS && thrown.get() == null) {
                prepare.run(round);
                meet();
                part.run(round);
                meet();
                check.run(round);
                round++;
            }
            now.isLast = true;
            meet();
        } catch (final AssertionError e) {
            thrown.compareAndSet(null, e);
            now.isLast = true;
            meeting.reset();
        }
        other.join(20_000);
        assertNull(thrown.get(), () -> thrown.get().toString());
        return round;
    }

    /** Some loops, so that the one meets the other at another place each time. */
    private static int delay(final int round) {
        int sum = 0;
        for (int i = 0; i < round % SPREAD * 16; i++) {
            sum += i ^ sum;
        }
        return sum;
    }

    @Test
    void shouldNeverUnmapAPoolUnderItsProducerAndNeverForgetTo() throws InterruptedException {
        final Round now = new Round();
        final Thread closer = another(now, round -> {
            if (delay(round) != 1) {
                now.pool.deleteNow();
            }
        });
        final FrameClaim claim = new FrameClaim();
        final FrameClaim more = new FrameClaim();
        final int rounds = run(
                now,
                round -> now.pool = FramePool.create(Tests.context(directory, SLOTS, LENGTH)),
                round -> {
                    try {
                        while (now.pool.tryClaim(claim, LENGTH) >= 0) {
                            claim.buffer().setMemory(0, LENGTH, (byte) 1);
                            if ((round & 1) == 0 && now.pool.tryClaim(more, LENGTH) >= 0) {
                                more.abort();
                            }
                            claim.publish(null, false);
                        }
                    } catch (final IllegalStateException e) {
                        assertTrue(e.getMessage().contains("was closed"), e.getMessage());
                    }
                },
                round -> {
                    assertFalse(now.pool.file().retain(), "the pool is still mapped");
                    assertEquals(FramePool.CLOSED, now.pool.tryClaim(claim, LENGTH));
                    assertFalse(new PoolJanitor(directory).isOwnerAlive(now.pool.poolId()));
                },
                closer);
        assertTrue(rounds > 50, () -> rounds + " rounds");
    }

    @Test
    void shouldNeverUnmapAPoolUnderAThreadThatEndsALeaseAndNeverForgetTo() throws InterruptedException {
        final Round now = new Round();
        final FramePool pool = FramePool.create(Tests.context(directory, SLOTS, LENGTH));
        final FrameRef[] refs = {Tests.publish(pool, LENGTH, 1, true), Tests.publish(pool, LENGTH, 2, true)};
        final Thread ender = another(now, round -> {
            for (final FrameLease lease : now.leases) {
                if (delay(round) != 1) {
                    lease.release();
                }
            }
        });
        final AttachedPool[] attached = {null};
        final FrameLease extra = new FrameLease();
        final int rounds = run(
                now,
                round -> {
                    now.reader = new FrameReader(directory, "reader");
                    now.leases = new FrameLease[] {new FrameLease(), new FrameLease(), new FrameLease()};
                    for (int i = 0; i < now.leases.length; i++) {
                        // Two of one frame in every other round.
                        final FrameRef ref = refs[i / (1 + (round & 1)) % refs.length];
                        assertEquals(0, now.reader.acquire(ref, now.leases[i]));
                    }
                    attached[0] = now.reader.attached(pool.poolId());
                },
                round -> {
                    // Leased while another thread may end the lease it shares the bit with; ended by both.
                    assertEquals(0, now.reader.acquire(refs[0], extra));
                    now.leases[1].release();
                    Tests.assertFrame(extra, LENGTH, 1);
                    assertTrue(extra.isHeld());
                    if ((round & 2) == 0) {
                        extra.release();
                        now.reader.close();
                    } else {
                        now.reader.close();
                        Tests.assertFrame(extra, LENGTH, 1);
                        extra.release();
                    }
                },
                round -> {
                    assertFalse(attached[0].file.retain(), "the pool is still mapped");
                    for (int slot = 0; slot < SLOTS; slot++) {
                        assertFalse(SlotWord.isRead(pool.file().word(slot)));
                    }
                },
                ender);
        pool.deleteNow();
        assertTrue(rounds > 50, () -> rounds + " rounds");
    }
}
