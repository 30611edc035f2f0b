package io.dragon.benchmarks;

import io.dragon.benchmarks.harness.Scratch;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameHandler;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.FrameSubscriber;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The life of a slot on one thread: claim, write 64 bytes, publish, acquire, read them, release. Whatever the length of the
 * slot, no more of it is touched: a frame is filled by its camera, and handing it over must not depend on its size. The
 * baseline writes 64 bytes into a ring buffer and reads them out of it.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FramePoolBenchmark {
    static final int RECORD_LENGTH = 64;

    private static final int MESSAGE_TYPE = 1;

    /** A pool and its one reader. */
    @State(Scope.Thread)
    public static class Pool {
        @Param({"64", "1048576"})
        public int slotLength;

        private final FrameClaim claim = new FrameClaim();
        private final FrameRef ref = new FrameRef();
        private final FrameLease lease = new FrameLease();
        private Scratch scratch;
        private FramePool pool;
        private FrameReader reader;
        private long number;

        @Setup
        public void open() throws IOException {
            scratch = Scratch.make();
            final DragonDirectory directory = DragonDirectory.of(scratch.path());
            pool = FramePool.create(new FramePool.Context()
                    .directory(directory)
                    .ownerName("benchmark")
                    .slotLength(slotLength));
            reader = new FrameReader(directory, "benchmark");
        }

        @TearDown
        public void close() {
            reader.close();
            pool.deleteNow();
            scratch.close();
        }
    }

    /** A pool and its one subscriber. */
    @State(Scope.Thread)
    public static class Subscribed {
        private final FrameClaim claim = new FrameClaim();
        private final FrameRef ref = new FrameRef();
        private final FrameHandler handler = frame -> this.sum = FramePoolBenchmark.sum(frame.buffer(), 0);
        private Scratch scratch;
        private FramePool pool;
        private FrameSubscriber subscriber;
        private long number;
        private long sum;

        @Setup
        public void open() throws IOException {
            scratch = Scratch.make();
            final DragonDirectory directory = DragonDirectory.of(scratch.path());
            pool = FramePool.create(new FramePool.Context()
                    .directory(directory)
                    .ownerName("benchmark")
                    .slotLength(RECORD_LENGTH));
            subscriber = FrameSubscriber.attach(directory, pool.poolId(), "benchmark");
        }

        @TearDown
        public void close() {
            subscriber.close();
            pool.deleteNow();
            scratch.close();
        }
    }

    /** A ring buffer of 64 KiB in direct memory. */
    @State(Scope.Thread)
    public static class Ring {
        private final OneToOneRingBuffer ring = new OneToOneRingBuffer(
                new UnsafeBuffer(ByteBuffer.allocateDirect((1 << 16) + RingBufferDescriptor.TRAILER_LENGTH)));
        private final UnsafeBuffer record = new UnsafeBuffer(ByteBuffer.allocateDirect(RECORD_LENGTH));
        private final MessageHandler handler =
                (type, buffer, offset, length) -> this.sum = FramePoolBenchmark.sum(buffer, offset);
        private long number;
        private long sum;
    }

    /**
     * One frame through the pool.
     *
     * @param state the pool
     * @return the sum of what was read
     */
    @Benchmark
    public long slotCycle(final Pool state) {
        if (state.pool.tryClaim(state.claim, state.slotLength) < 0) {
            throw new IllegalStateException("the pool refused a claim");
        }
        fill(state.claim.buffer(), ++state.number);
        state.claim.publish(state.ref, false);
        if (state.reader.acquire(state.ref, state.lease) < 0) {
            throw new IllegalStateException("the reader was refused");
        }
        final long sum = sum(state.lease.buffer(), 0);
        state.lease.release();
        return sum;
    }

    /**
     * One frame to the subscriber.
     *
     * @param state the pool
     * @return the sum of what was read
     */
    @Benchmark
    public long descriptorCycle(final Subscribed state) {
        if (state.pool.tryClaim(state.claim, RECORD_LENGTH) < 0) {
            throw new IllegalStateException("the pool refused a claim");
        }
        fill(state.claim.buffer(), ++state.number);
        state.claim.publish(state.ref, false);
        if (state.subscriber.poll(state.handler, 1) != 1) {
            throw new IllegalStateException("the subscriber missed a frame");
        }
        return state.sum;
    }

    /**
     * One record through the ring.
     *
     * @param state the ring
     * @return the sum of what was read
     */
    @Benchmark
    public long ringBufferCycle(final Ring state) {
        fill(state.record, ++state.number);
        if (!state.ring.write(MESSAGE_TYPE, state.record, 0, RECORD_LENGTH)) {
            throw new IllegalStateException("the ring refused a record");
        }
        // A read that meets the padding at the end of the ring takes only that.
        if (state.ring.read(state.handler, 1) == 0 && state.ring.read(state.handler, 1) == 0) {
            throw new IllegalStateException("the ring lost a record");
        }
        return state.sum;
    }

    static void fill(final MutableDirectBuffer buffer, final long number) {
        for (int i = 0; i < RECORD_LENGTH; i += Long.BYTES) {
            buffer.putLong(i, number + i);
        }
    }

    static long sum(final DirectBuffer buffer, final int offset) {
        long sum = 0;
        for (int i = 0; i < RECORD_LENGTH; i += Long.BYTES) {
            sum += buffer.getLong(offset + i);
        }
        return sum;
    }
}
