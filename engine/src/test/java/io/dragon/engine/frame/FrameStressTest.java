package io.dragon.engine.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonDirectory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One producer, readers and a subscriber at once, leases ended by a thread other than the one that began them. */
class FrameStressTest {
    private static final long RUN_MS = 1_500;
    private static final int SLOTS = 4;
    private static final int READERS = 2;

    private final DragonDirectory directory = Tests.sharedDirectory();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicReference<Throwable> thrown = new AtomicReference<>();
    private final AtomicLong reads = new AtomicLong();
    private final ConcurrentLinkedQueue<FrameLease> ending = new ConcurrentLinkedQueue<>();
    private final AtomicReferenceArray<FrameRef> recent = new AtomicReferenceArray<>(8);
    private final List<Thread> threads = new ArrayList<>();

    @AfterEach
    void clean() {
        Tests.delete(directory);
    }

    private void start(final String name, final Runnable body) {
        final Thread thread = new Thread(body, name);
        thread.setUncaughtExceptionHandler((t, e) -> {
            thrown.compareAndSet(null, e);
            over.set(true);
        });
        threads.add(thread);
        thread.start();
    }

    @Test
    void shouldNeverShowATornOrForeignFrame() throws InterruptedException {
        stress(FullPolicy.OVERWRITE_OLDEST);
    }

    /** Frames that nobody holds are lent to the subscriber then. */
    @Test
    void shouldNeverShowATornOrForeignFrameOfAPoolThatKeepsWhatIsNotRead() throws InterruptedException {
        stress(FullPolicy.BACK_PRESSURED);
    }

    private void stress(final FullPolicy policy) throws InterruptedException {
        final FramePool pool = FramePool.create(
                Tests.context(directory, SLOTS, CheckedFrames.MAX_LENGTH).fullPolicy(policy));
        final FrameSubscriber subscriber = FrameSubscriber.attach(directory, pool.poolId(), "subscriber");
        start("producer", () -> produce(pool));
        for (int i = 0; i < READERS; i++) {
            final int seed = i;
            start("reader" + i, () -> read(seed));
        }
        start("subscriber", () -> subscribe(subscriber));
        start("ender", this::end);
        Tests.await(RUN_MS + 5_000, new RunOut(RUN_MS), () -> "did not run out");
        over.set(true);
        for (final Thread thread : threads) {
            thread.join();
        }
        ending.forEach(FrameLease::release);
        subscriber.close();
        assertNull(thrown.get(), () -> thrown.get().toString());
        assertTrue(reads.get() > 100, reads::toString);
        for (int slot = 0; slot < SLOTS; slot++) {
            final long word = pool.file().word(slot);
            assertEquals(0, word & SlotWord.READER_MASK, () -> SlotWord.describe(word));
        }
        assertEquals(List.of(), new PoolJanitor(directory).status(pool.poolId()).readers());
        pool.deleteNow();
    }

    private final class RunOut implements java.util.function.BooleanSupplier {
        private final long endNs;

        RunOut(final long forMs) {
            endNs = System.nanoTime() + forMs * 1_000_000;
        }

        @Override
        public boolean getAsBoolean() {
            return over.get() || System.nanoTime() - endNs > 0;
        }
    }

    private void produce(final FramePool pool) {
        final CheckedFrames frames = new CheckedFrames(1);
        final FrameClaim claim = new FrameClaim();
        final ArrayDeque<FrameRef> held = new ArrayDeque<>();
        for (int i = 0; !over.get(); i++) {
            if (pool.tryClaim(claim, 16 + frames.nextInt(512)) >= 0) {
                frames.fill(claim, pool.poolId());
                final FrameRef ref = new FrameRef();
                final boolean hold = frames.nextBoolean();
                claim.publish(ref, hold);
                recent.set(i & 7, ref);
                if (hold) {
                    held.add(ref);
                }
            } else {
                Thread.yield();
            }
            if (held.size() > 1) {
                assertTrue(pool.release(held.remove()));
            }
        }
        held.forEach(pool::release);
    }

    private void read(final int seed) {
        final CheckedFrames frames = new CheckedFrames(seed);
        final FrameReader reader = new FrameReader(directory, "reader");
        final BackoffIdleStrategy idle = new BackoffIdleStrategy();
        while (!over.get()) {
            final FrameRef ref = recent.get(frames.nextInt(8));
            final FrameLease lease = new FrameLease();
            final FrameLease second = new FrameLease();
            int work = 0;
            if (ref != null && reader.acquire(ref, lease) == 0) {
                check(frames, lease);
                if (reader.acquire(ref, second) != 0) {
                    throw new AssertionError("a leased frame was refused");
                }
                // The other thread ends both, while this one may lease the same frame again.
                ending.add(second);
                ending.add(lease);
                work++;
            }
            idle.idle(work);
        }
        reader.close();
    }

    private void check(final CheckedFrames frames, final FrameLease lease) {
        final String fault = frames.fault(lease, lease.ref());
        if (fault != null || !lease.isHeld()) {
            throw new AssertionError(fault);
        }
        reads.incrementAndGet();
    }

    private void subscribe(final FrameSubscriber subscriber) {
        final CheckedFrames frames = new CheckedFrames(9);
        final BackoffIdleStrategy idle = new BackoffIdleStrategy();
        while (!over.get()) {
            idle.idle(subscriber.poll(frame -> check(frames, frame), 3));
        }
    }

    private void end() {
        final BackoffIdleStrategy idle = new BackoffIdleStrategy();
        while (!over.get()) {
            final FrameLease lease = ending.poll();
            if (lease != null) {
                lease.release();
                idle.reset();
            } else {
                idle.idle();
            }
        }
    }
}
