package io.dragon.benchmarks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.dragon.worker.hash.Blake3;
import io.dragon.worker.voxel.MaskFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every benchmark computes what it claims to measure. */
class BenchmarksTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static long recordSum(final long number) {
        final UnsafeBuffer record = new UnsafeBuffer(new byte[FramePoolBenchmark.RECORD_LENGTH]);
        FramePoolBenchmark.fill(record, number);
        return FramePoolBenchmark.sum(record, 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 1 << 20})
    void shouldReadFromTheSlotWhatWasWritten(final int slotLength) throws IOException {
        final FramePoolBenchmark benchmark = new FramePoolBenchmark();
        final FramePoolBenchmark.Pool pool = new FramePoolBenchmark.Pool();
        pool.slotLength = slotLength;
        pool.open();
        try {
            for (int number = 1; number <= 100; number++) {
                assertEquals(recordSum(number), benchmark.slotCycle(pool));
            }
        } finally {
            pool.close();
        }
    }

    @Test
    void shouldReadFromTheSubscribersRingWhatWasWritten() throws IOException {
        final FramePoolBenchmark benchmark = new FramePoolBenchmark();
        final FramePoolBenchmark.Subscribed subscribed = new FramePoolBenchmark.Subscribed();
        subscribed.open();
        try {
            for (int number = 1; number <= 100; number++) {
                assertEquals(recordSum(number), benchmark.descriptorCycle(subscribed));
            }
        } finally {
            subscribed.close();
        }
    }

    @Test
    void shouldDecodeWhatWasEncoded() {
        final MessageBenchmark benchmark = new MessageBenchmark();
        final MessageBenchmark.Messages messages = new MessageBenchmark.Messages();
        assertEquals(messages.submit.capacity(), benchmark.encodeSubmitTask(messages));
        assertEquals(messages.complete.capacity(), benchmark.encodeCompleteTask(messages));
        assertEquals(messages.assignLength, benchmark.encodeAssignTask(messages));
        final long assigned = benchmark.decodeAssignTask(messages);
        messages.assign.putBytes(0, messages.scratch, 0, messages.assignLength);
        assertEquals(3, messages.number);
        // Number 3 instead of 1: the event, the task, the step, and the sequences of both inputs.
        assertEquals(assigned + 2 * 5, benchmark.decodeAssignTask(messages));
        assertEquals(benchmark.decodeCompleteTask(messages), benchmark.decodeCompleteTask(messages));
        assertTrue(benchmark.decodeSubmitTask(messages) >= 32 && benchmark.decodeTaskResult(messages) > 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {BlockHashBenchmark.BLAKE3_SCALAR, BlockHashBenchmark.BLAKE3_VECTOR})
    void shouldHashTheSmallBlock(final String kind) {
        final BlockHashBenchmark.Block block = new BlockHashBenchmark.Block();
        final BlockHashBenchmark.Hash hash = new BlockHashBenchmark.Hash();
        hash.kind = kind;
        hash.open();
        new BlockHashBenchmark().hash(block, hash);
        final byte[] bytes = new byte[BlockHashBenchmark.BLOCK_LENGTH];
        block.buffer.getBytes(0, bytes);
        assertArrayEquals(Blake3.scalar().digest(bytes), Arrays.copyOf(block.result.byteArray(), Blake3.DIGEST_LENGTH));
    }

    @Test
    void shouldReadFromTheRingWhatWasWritten() {
        final FramePoolBenchmark benchmark = new FramePoolBenchmark();
        final FramePoolBenchmark.Ring ring = new FramePoolBenchmark.Ring();
        for (int number = 1; number <= 2_000; number++) {
            assertEquals(recordSum(number), benchmark.ringBufferCycle(ring));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "weighted,10,1000",
        "weighted,1000,-1000",
        "round-robin,100,1000",
        "weighted-round-robin,100,-100",
        "least-loaded,10,100000",
        "scored,100,-50",
        "prefer-local,10,0"
    })
    void shouldDeliverAResultForEveryCompletion(final String strategy, final int workers, final int waiting) {
        final SequencerBenchmark benchmark = new SequencerBenchmark();
        final SequencerBenchmark.Core core = new SequencerBenchmark.Core();
        core.strategy = strategy;
        core.workers = workers;
        core.waiting = waiting;
        core.open();
        for (int turn = 1; turn <= 200; turn++) {
            assertEquals(turn * 45L, benchmark.commandMix(core));
        }
        assertEquals(0, core.load().refusals());
    }

    @Test
    void shouldLoadTheSequencerWithoutAllocation() {
        final SteadyLoad load = new SteadyLoad("weighted", 100, 1_000);
        for (int turn = 0; turn < 4_000; turn++) {
            load.turn();
        }
        final long id = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 3; round++) {
            final long before = THREADS.getThreadAllocatedBytes(id);
            for (int turn = 0; turn < 500; turn++) {
                load.turn();
            }
            least = Math.min(least, THREADS.getThreadAllocatedBytes(id) - before);
        }
        assertTrue(least < 1_000, least + " bytes in 50,000 commands");
    }

    @Test
    void shouldTellRatiosOfEveryShape() {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        new SequencerScaling(3, 2).measure("round-robin", new PrintStream(out, true));
        final String text = out.toString();
        assertTrue(text.contains("100,000 to 100 waiting") && text.contains("million commands a second"), text);
    }

    @Test
    void shouldPassEveryMessageThroughTheQueue() {
        assertEquals(100, new SequencerBenchmark().queueHop(new SequencerBenchmark.Queue()));
    }

    @Test
    void shouldHashTheSameHoweverItIsComputed() {
        final Blake3Benchmark benchmark = new Blake3Benchmark();
        final Blake3Benchmark.Block block = new Blake3Benchmark.Block();
        final byte[] bytes = new byte[Blake3Benchmark.BLOCK_LENGTH];
        block.buffer().getBytes(0, bytes);
        final byte[] digest = Blake3.scalar().digest(bytes);
        byte[] scalarResult = null;
        for (final String kind : new String[] {"scalar", "vector"}) {
            final Blake3Benchmark.Hash hash = new Blake3Benchmark.Hash();
            hash.kind = kind;
            hash.open();
            block.result().setMemory(0, Blake3.RESULT_LENGTH, (byte) 0);
            benchmark.bothValues(block, hash);
            final byte[] result = block.result().byteArray().clone();
            assertArrayEquals(digest, Arrays.copyOf(result, Blake3.DIGEST_LENGTH), kind);
            scalarResult = scalarResult == null ? result : scalarResult;
            assertArrayEquals(scalarResult, result, kind);
        }
        final CRC32C crc = new CRC32C();
        crc.update(bytes);
        for (int i = 0; i < 2; i++) {
            assertEquals(crc.getValue(), benchmark.crc32cMemoryMark(block));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector"})
    void shouldMaskTheSquareAndCopyTheFrames(final String kind) throws Exception {
        final MaskBenchmark benchmark = new MaskBenchmark();
        final MaskBenchmark.Frames frames = new MaskBenchmark.Frames();
        final MaskBenchmark.Mask mask = MaskBenchmark.Mask.of(kind);
        final int length = benchmark.greyMask(frames, mask);
        final MaskFrame encoded = new MaskFrame().wrap(mask.encoded(), 0, length);
        int set = 0;
        for (int y = 0; y < MaskBenchmark.HEIGHT; y++) {
            for (int x = 0; x < MaskBenchmark.WIDTH; x++) {
                final int at = y * MaskBenchmark.WIDTH + x;
                final int now = frames.now().getByte(at) & 0xFF;
                final int difference = Math.abs(now - (frames.before().getByte(at) & 0xFF));
                // What has left is dropped: the newer frame is dark there, as the background is.
                final boolean expected = difference > MaskBenchmark.THRESHOLD && now > 100;
                assertEquals(expected, encoded.isSet(x, y), "pixel " + x + ", " + y);
                set += expected ? 1 : 0;
            }
        }
        assertEquals(set, encoded.count());
        assertTrue(set > 1_000 && encoded.hasList());

        final MaskBenchmark.Copies copies = new MaskBenchmark.Copies();
        benchmark.copyOfBothFrames(frames, copies);
        assertEquals(frames.before(), copies.before());
        assertEquals(frames.now(), copies.now());
    }
}
