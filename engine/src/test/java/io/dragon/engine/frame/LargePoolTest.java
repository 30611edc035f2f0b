package io.dragon.engine.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.dragon.engine.config.DragonDirectory;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LargePoolTest {
    private static final int LARGE = 100_000_000;
    private static final int WARM_UP = 20_000;
    private static final int MEASURED = 20_000;

    private final DragonDirectory directory = Tests.sharedDirectory();
    private final FrameClaim claim = new FrameClaim();
    private final FrameLease lease = new FrameLease();
    private final FrameRef ref = new FrameRef();
    private long step;

    @AfterEach
    void clean() {
        Tests.delete(directory);
    }

    @Test
    void shouldReachTheLastByteOfAPoolBeyondTwoGigabytes() {
        final int length = 700_000_000;
        try (FramePool pool =
                        FramePool.create(Tests.context(directory, 5, length).sparse(true));
                FrameReader reader = new FrameReader(directory, "reader")) {
            final FrameRef[] refs = new FrameRef[5];
            for (int i = 0; i < 5; i++) {
                assertEquals(i, pool.tryClaim(claim, length));
                claim.buffer().putByte(0, (byte) (10 + i));
                claim.buffer().putByte(length - 1, (byte) (20 + i));
                claim.metadata().putLong(0, i);
                refs[i] = new FrameRef();
                claim.metadataLength(8).publish(refs[i], true);
            }
            for (int i = 0; i < 5; i++) {
                assertEquals(0, reader.acquire(refs[i], lease));
                assertEquals(10 + i, lease.buffer().getByte(0));
                assertEquals(20 + i, lease.byteBuffer().get(length - 1));
                assertEquals(i, lease.metadata().getLong(0));
                lease.release();
            }
            assertEquals(5, reader.attached(pool.poolId()).file.layout.segmentCount);
            pool.deleteNow();
        }
    }

    @Test
    void shouldMapTheLargestSlot() {
        final long longest = PoolLayout.MAX_STRIDE - PoolLayout.PAGE;
        try (FramePool pool =
                FramePool.create(Tests.context(directory, 2, longest).sparse(true))) {
            assertEquals(0, pool.tryClaim(claim, (int) longest));
            assertEquals(1, pool.tryClaim(new FrameClaim(), (int) longest));
            claim.buffer().putByte((int) longest - 1, (byte) 1);
            claim.abort();
            pool.deleteNow();
        }
    }

    @Test
    void shouldKeepWholeSlotsInSegments() {
        final PoolLayout layout = PoolLayout.of(64, 99_532_800, 4096);
        assertNotNull(layout);
        assertTrue(layout.fileLength > 1L << 32);
        assertEquals(10, layout.slotsPerSegment);
        assertEquals(7, layout.segmentCount);
        long end = layout.slotsAt;
        for (int i = 0; i < layout.segmentCount; i++) {
            assertEquals(end, layout.segmentOffset(i));
            assertTrue(layout.segmentLength(i) <= PoolLayout.SEGMENT_LENGTH);
            end += layout.segmentLength(i);
        }
        assertEquals(layout.fileLength, end);
        assertEquals(0, (layout.slotInSegment(63) + layout.metadataArea) % PoolLayout.PAGE);
    }

    @Test
    void shouldHandOverHundredMegabytesWithoutCopyOrAllocation() throws IOException {
        try (FramePool pool =
                        FramePool.create(Tests.context(directory, 16, LARGE).sparse(true));
                FrameReader reader = new FrameReader(directory, "reader")) {
            cycle(pool, reader, LARGE, WARM_UP);
            final long blocks = blocks(directory.pool(pool.poolId()));
            final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            final long id = Thread.currentThread().getId();
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 5; round++) {
                // The compiler may still change code that runs, once; a steady state has a round without any of it.
                final long before = threads.getThreadAllocatedBytes(id);
                cycle(pool, reader, LARGE, MEASURED);
                least = Math.min(least, threads.getThreadAllocatedBytes(id) - before);
            }
            assertEquals(0, least);
            // The file is sparse: had anyone touched a payload, it would have grown.
            assertEquals(blocks, blocks(directory.pool(pool.poolId())));
            pool.deleteNow();
        }
    }

    /** A worker's thread does it in each duty cycle. */
    @Test
    void shouldAllocateNothingWhenItLooksForPoolsThatHaveGone() {
        try (FramePool pool = FramePool.create(Tests.context(directory, 16, 64).sparse(true));
                FrameReader reader = new FrameReader(directory, "reader")) {
            cycle(pool, reader, 64, 1);
            final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            final long id = Thread.currentThread().getId();
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 6; round++) {
                final long before = threads.getThreadAllocatedBytes(id);
                for (int i = 0; i < MEASURED; i++) {
                    if (reader.sweepIdlePools() != 0) {
                        throw new AssertionError("it detached a pool that is there");
                    }
                }
                least = Math.min(least, threads.getThreadAllocatedBytes(id) - before);
            }
            assertEquals(0, least);
            pool.deleteNow();
        }
    }

    @Test
    void shouldAllocateNothingOnTheDirectPath() {
        try (FramePool pool =
                        FramePool.create(Tests.context(directory, 16, LARGE).sparse(true));
                FrameSubscriber subscriber = FrameSubscriber.attach(directory, pool.poolId(), "viewer")) {
            final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            final long id = Thread.currentThread().getId();
            final FrameHandler handler = frame -> step = frame.step();
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 6; round++) {
                final long before = threads.getThreadAllocatedBytes(id);
                for (int i = 0; i < MEASURED; i++) {
                    pool.tryClaim(claim, LARGE);
                    claim.step(i).publish(ref, false);
                    if (subscriber.poll(handler, 8) != 1 || step != i) {
                        throw new AssertionError("step " + i);
                    }
                }
                least = Math.min(least, threads.getThreadAllocatedBytes(id) - before);
            }
            assertEquals(0, least);
            assertEquals(0, subscriber.missed());
            pool.deleteNow();
        }
    }

    @Test
    void shouldTakeAsLongForALargeFrameAsForASmallOne() {
        final double small = medianNs(64);
        final double large = medianNs(LARGE);
        System.out.printf("claim, publish, acquire, release: %.0f ns (64 B), %.0f ns (100 MB)%n", small, large);
        // A copy of 100 MB takes some ten million nanoseconds: any limit tells it from none.
        assertTrue(large < 100_000, () -> large + " ns");
    }

    private double medianNs(final int length) {
        try (FramePool pool =
                        FramePool.create(Tests.context(directory, 16, length).sparse(true));
                FrameReader reader = new FrameReader(directory, "reader")) {
            cycle(pool, reader, length, WARM_UP);
            final int batch = 100;
            final long[] samples = new long[MEASURED / batch];
            for (int i = 0; i < samples.length; i++) {
                final long startNs = System.nanoTime();
                cycle(pool, reader, length, batch);
                samples[i] = System.nanoTime() - startNs;
            }
            Arrays.sort(samples);
            pool.deleteNow();
            return samples[samples.length / 2] / (double) batch;
        }
    }

    private void cycle(final FramePool pool, final FrameReader reader, final int length, final int times) {
        for (int i = 0; i < times; i++) {
            if (pool.tryClaim(claim, length) < 0) {
                throw new AssertionError("claim");
            }
            claim.byteBuffer().position(0);
            claim.format(FrameFormat.RAW).step(i).publish(ref, true);
            if (reader.acquire(ref, lease) != 0 || lease.byteBuffer().remaining() != length) {
                throw new AssertionError("acquire");
            }
            lease.release();
            pool.release(ref);
        }
    }

    private static long blocks(final Path file) throws IOException {
        final Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
        return Long.parseLong(new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).trim());
    }
}
