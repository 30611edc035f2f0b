package io.dragon.benchmarks;

import io.dragon.benchmarks.harness.Better;
import io.dragon.benchmarks.harness.Contest;
import io.dragon.benchmarks.harness.Sample;
import io.dragon.benchmarks.harness.Scratch;
import io.dragon.benchmarks.harness.Suite;
import io.dragon.benchmarks.harness.SuiteRun;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameHandler;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.FrameSubscriber;
import java.nio.ByteBuffer;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * What the protocol of a slot costs, in one thread, without a cache line that moves between cores: 64 bytes are written and read in
 * each operation, by all sides. A clock costs as much as an operation, so that batches are timed and told by the operation.
 */
final class RingSuite implements Suite {
    private static final String NAME = "ring";
    private static final int BATCH = 128;
    private static final int MESSAGE_TYPE = 1;
    private static final int LARGE = 1 << 20;
    private static final double SECONDS = 0.5;
    private static final int ROUNDS = 7;
    private static final int WARM_UPS = 3;

    /** A side warms up for so long at least, until it is compiled. */
    private static final double WARM_UP_SECONDS = 0.3;

    private static final String BASELINE = "Agrona OneToOneRingBuffer";
    private static final String SLOT = "slot";
    private static final String LARGE_SLOT = "slot of 1 MiB";
    private static final String DESCRIPTOR = "descriptor";
    private static final String RECORD = "record";

    /** The source documents give both for one write and one read. */
    static final String SOURCE = "below 100 ns (0.1 to 1 us in their benchmark)";

    private double seconds;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String about() {
        return "a slot claimed, published, leased, released; a descriptor written and read; one thread";
    }

    @Override
    public void run(final SuiteRun run) throws Exception {
        seconds = run.seconds(SECONDS);
        try (Scratch scratch = Scratch.make();
                Slots small = new Slots(DragonDirectory.of(scratch.path()), FramePoolBenchmark.RECORD_LENGTH);
                Slots large = new Slots(DragonDirectory.of(scratch.path()), LARGE);
                Descriptors descriptors = new Descriptors(DragonDirectory.of(scratch.path()))) {
            final Ring ring = new Ring();
            final Contest contest = new Contest(NAME)
                    .side(SLOT, round -> Map.of(SLOT, measure(round, small)))
                    .side(LARGE_SLOT, round -> Map.of(LARGE_SLOT, measure(round, large)))
                    .side(DESCRIPTOR, round -> Map.of(DESCRIPTOR, measure(round, descriptors)))
                    .side(BASELINE, round -> Map.of(RECORD, measure(round, ring)))
                    .run(WARM_UPS, run.rounds(ROUNDS), run::say);
            run.keep(NAME, contest);
            row(run, contest, SLOT, "slot of 64 B: claim, publish, lease, release");
            row(run, contest, LARGE_SLOT, "slot of 1 MiB: the same");
            row(run, contest, DESCRIPTOR, "descriptor: the same slot, published to a subscriber, polled");
            run.remark(
                    "ring: a descriptor is written and read with its frame, and told with it: a subscriber needs no lease of a"
                            + " frame that its producer keeps for it, which takes off more than the ring adds");
        }
    }

    private static void row(final SuiteRun run, final Contest contest, final String side, final String title) {
        run.add(contest.row(title, side, side, BASELINE, RECORD, BASELINE, "ns", Better.LOWER)
                .withSource(SOURCE));
    }

    /** Batches for as long as a side may take; what was read must be what was written. */
    private Sample measure(final int round, final Batch side) {
        final Histogram histogram = Sample.histogramOfNs();
        final long endNs =
                System.nanoTime() + (long) ((round < 0 ? Math.max(WARM_UP_SECONDS, seconds) : seconds) * 1e9);
        long number = 0;
        long beginNs = System.nanoTime();
        while (histogram.getTotalCount() == 0 || beginNs - endNs < 0) {
            final long wrong = side.run(number);
            number += BATCH;
            final long nowNs = System.nanoTime();
            Sample.record(histogram, nowNs - beginNs);
            beginNs = nowNs;
            if (wrong != 0) {
                throw new IllegalStateException("what was read is not what was written");
            }
        }
        return Sample.of(histogram, 1.0 / BATCH);
    }

    /** The sum of what {@link FramePoolBenchmark#fill} writes. */
    static long sumOf(final long number) {
        final long words = FramePoolBenchmark.RECORD_LENGTH / Long.BYTES;
        return words * number + Long.BYTES * (words - 1) * words / 2;
    }

    /** A side has a loop of its own, so that the compiler sees one body in each. */
    private interface Batch {
        /** Runs a batch of operations; 0 when each has read what it wrote. */
        long run(long first);
    }

    /** A pool and its reader. */
    private static final class Slots implements Batch, AutoCloseable {
        private final FrameClaim claim = new FrameClaim();
        private final FrameRef ref = new FrameRef();
        private final FrameLease lease = new FrameLease();
        private final FramePool pool;
        private final FrameReader reader;

        Slots(final DragonDirectory directory, final int length) {
            pool = pool(directory, length);
            reader = new FrameReader(directory, NAME);
        }

        @Override
        public long run(final long first) {
            long wrong = 0;
            for (long number = first; number < first + BATCH; number++) {
                wrong |= cycle(number) ^ sumOf(number);
            }
            return wrong;
        }

        private long cycle(final long number) {
            if (pool.tryClaim(claim, (int) pool.slotLength()) < 0) {
                throw new IllegalStateException("the pool refused a claim");
            }
            FramePoolBenchmark.fill(claim.buffer(), number);
            claim.publish(ref, false);
            if (reader.acquire(ref, lease) < 0) {
                throw new IllegalStateException("the reader was refused");
            }
            final long sum = FramePoolBenchmark.sum(lease.buffer(), 0);
            lease.release();
            return sum;
        }

        @Override
        public void close() {
            reader.close();
            pool.deleteNow();
        }
    }

    /** A pool and its subscriber, which has a ring of descriptors in it. */
    private static final class Descriptors implements Batch, AutoCloseable {
        private final FrameClaim claim = new FrameClaim();
        private final FrameRef ref = new FrameRef();
        private final FramePool pool;
        private final FrameSubscriber subscriber;
        private final FrameHandler handler = frame -> this.sum = FramePoolBenchmark.sum(frame.buffer(), 0);
        private long sum;

        Descriptors(final DragonDirectory directory) {
            pool = pool(directory, FramePoolBenchmark.RECORD_LENGTH);
            subscriber = FrameSubscriber.attach(directory, pool.poolId(), NAME);
            // The pool takes a new subscriber with the next frame that it publishes.
            for (int i = 0; i < 2; i++) {
                pool.tryClaim(claim, FramePoolBenchmark.RECORD_LENGTH);
                claim.publish(ref, false);
            }
            while (subscriber.poll(handler, 1) > 0) {
                sum = 0;
            }
        }

        @Override
        public long run(final long first) {
            long wrong = 0;
            for (long number = first; number < first + BATCH; number++) {
                wrong |= cycle(number) ^ sumOf(number);
            }
            return wrong;
        }

        private long cycle(final long number) {
            if (pool.tryClaim(claim, FramePoolBenchmark.RECORD_LENGTH) < 0) {
                throw new IllegalStateException("the pool refused a claim");
            }
            FramePoolBenchmark.fill(claim.buffer(), number);
            claim.publish(ref, false);
            if (subscriber.poll(handler, 1) != 1) {
                throw new IllegalStateException("the subscriber missed a frame");
            }
            return sum;
        }

        @Override
        public void close() {
            subscriber.close();
            pool.deleteNow();
        }
    }

    private static FramePool pool(final DragonDirectory directory, final int length) {
        return FramePool.create(
                new FramePool.Context().directory(directory).ownerName(NAME).slotLength(length));
    }

    /** 64 KiB in direct memory. */
    private static final class Ring implements Batch {
        private final OneToOneRingBuffer ring = new OneToOneRingBuffer(
                new UnsafeBuffer(ByteBuffer.allocateDirect((1 << 16) + RingBufferDescriptor.TRAILER_LENGTH)));
        private final UnsafeBuffer record =
                new UnsafeBuffer(ByteBuffer.allocateDirect(FramePoolBenchmark.RECORD_LENGTH));
        private final MessageHandler handler =
                (type, buffer, offset, length) -> this.sum = FramePoolBenchmark.sum(buffer, offset);
        private long sum;

        @Override
        public long run(final long first) {
            long wrong = 0;
            for (long number = first; number < first + BATCH; number++) {
                wrong |= cycle(number) ^ sumOf(number);
            }
            return wrong;
        }

        private long cycle(final long number) {
            FramePoolBenchmark.fill(record, number);
            if (!ring.write(MESSAGE_TYPE, record, 0, FramePoolBenchmark.RECORD_LENGTH)) {
                throw new IllegalStateException("the ring refused a record");
            }
            // A read that meets the padding at the end of the ring takes only that.
            if (ring.read(handler, 1) == 0 && ring.read(handler, 1) == 0) {
                throw new IllegalStateException("the ring lost a record");
            }
            return sum;
        }
    }
}
