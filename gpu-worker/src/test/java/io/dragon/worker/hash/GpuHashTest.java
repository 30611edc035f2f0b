package io.dragon.worker.hash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameRef;
import io.dragon.worker.TaskBench;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.DeviceOptions;
import io.dragon.worker.device.EmulatedDriver;
import io.dragon.worker.device.GpuException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The task type on an emulated GPU gives what the processor gives, bytes and sentences alike. */
class GpuHashTest {
    private static final int SLOTS = 16;
    private static final int MOST_BYTES = 80_000;
    private static final byte[] NOTHING = {};
    private static final byte[] SHA256 = HashAlgorithm.SHA256.parameters();
    private static final byte[][] PARAMETERS = {
        NOTHING, NOTHING, SHA256, SHA256, HashAlgorithm.XXH3.parameters(), "blake3".getBytes(), "blake4".getBytes()
    };

    @TempDir
    Path folder;

    private TaskBench bench;
    private final UnsafeBuffer frame = new UnsafeBuffer(new byte[MOST_BYTES]);
    private Random random;

    @BeforeEach
    void open() {
        bench = new TaskBench(folder, SLOTS, MOST_BYTES);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void shouldGiveTheProcessorsResultsInPiecesInAnyOrder() {
        for (int seed = 0; seed < 6; seed++) {
            random = new Random(seed);
            final EmulatedDriver driver = new EmulatedDriver(seed);
            if (seed == 1) {
                driver.refuseRegistration(GpuException.NOT_PERMITTED);
            }
            // from far less than a block to more than all of a frame
            final int piece = 4096 << seed % 6;
            compare(driver, piece, 1 << random.nextInt(12), 8);
        }
    }

    @Test
    void shouldGiveTheProcessorWhatIsSerial() {
        random = new Random(2);
        final EmulatedDriver driver = new EmulatedDriver(7).failLaunch(0, GpuException.LAUNCH_FAILED);
        try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT);
                GpuHash hash = bench.open(new GpuHash(device), device)) {
            final FrameRef few = table(60);
            for (final HashAlgorithm algorithm : new HashAlgorithm[] {HashAlgorithm.SHA256, HashAlgorithm.XXH3}) {
                final TaskBench.Task task = bench.task(algorithm.parameters(), few);
                assertEquals(
                        bench.run(new HashHandler(), task).orThrow(),
                        bench.run(hash, List.of(task), device, random).get(0));
            }
        }
    }

    @Test
    void shouldCutATaskThatFindsTooLittleMemory() {
        random = new Random(42);
        final EmulatedDriver driver = new EmulatedDriver(7).failAllocation(0);
        compare(driver, 1 << 20, 1 << 12, 3);
        assertTrue(driver.allocations() > 1);
    }

    @Test
    void shouldFailWithTheReasonWhereNoPieceIsSmallEnough() {
        random = new Random(1);
        final EmulatedDriver driver = new EmulatedDriver(7, 1 << 20);
        try (CudaDevice device = new CudaDevice(driver, new DeviceOptions(1));
                GpuHash hash = bench.open(new GpuHash(device), device)) {
            final TaskBench.Task task = bench.task(NOTHING, table(2));
            final TaskBench.Result result =
                    bench.run(hash, List.of(task), device, random).get(0);
            assertEquals(Reason.OUT_OF_MEMORY, result.reason());
            assertTrue(result.text().startsWith("hash in 64 pieces: "), result.text());
            assertTrue(result.text().contains("gpu.memory_limit_percent is 1"), result.text());
        }
        assertEquals("", driver.leaks());
    }

    @Test
    void shouldEndATaskThatIsRevokedOnlyWhenTheDeviceIsDoneWithIt() {
        random = new Random(3);
        final EmulatedDriver driver = new EmulatedDriver(3);
        try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT);
                GpuHash hash = bench.open(new GpuHash(device, 4096, 64, 1), device)) {
            final List<TaskBench.Task> tasks = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                tasks.add(bench.task(NOTHING, table(4)));
            }
            tasks.get(1).revoke(); // the driver says so when memory is given back that is still in use
            tasks.get(4).revoke();
            bench.run(hash, tasks, device, random);
        }
        assertEquals("", driver.leaks());
    }

    @Test
    void shouldTakeNoMemoryOfTheDeviceOnceItHasRun() {
        random = new Random(9);
        final EmulatedDriver driver = new EmulatedDriver(3);
        try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT);
                GpuHash hash = bench.open(new GpuHash(device, 4096, 64, 1), device)) {
            final FrameRef ref = table(3);
            final List<TaskBench.Task> tasks = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                tasks.add(bench.task(NOTHING, ref));
            }
            bench.run(hash, tasks, device, random);
            final int before = driver.allocations();
            bench.run(hash, tasks, device, random);
            assertEquals(before, driver.allocations());
        }
    }

    private void compare(final EmulatedDriver driver, final int pieceBytes, final int groupChunks, final int count) {
        try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT);
                GpuHash gpu = bench.open(new GpuHash(device, pieceBytes, groupChunks, 1), device)) {
            final HashHandler processor = new HashHandler();
            final List<TaskBench.Task> tasks = new ArrayList<>();
            final List<FrameRef> refs = new ArrayList<>();
            final List<TaskBench.Result> expected = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                refs.add(i % 4 == 3 ? rubbish() : table(i % 3 == 0 ? 60 : 1 + random.nextInt(12)));
                tasks.add(bench.task(PARAMETERS[random.nextInt(PARAMETERS.length)], refs.get(i))
                        .split(1 << random.nextInt(3)));
                expected.add(bench.run(processor, tasks.get(i)));
            }
            assertTrue(expected.stream().anyMatch(result -> result.reason() == Reason.NONE));
            assertEquals(expected, bench.run(gpu, tasks, device, random));
            refs.forEach(bench::release);
        }
        assertEquals("", driver.leaks());
    }

    /** Blocks anywhere, over one another, empty, at odd places. */
    private FrameRef table(final int count) {
        final int begin = BlockTable.dataOffset(count);
        final int length = begin + random.nextInt(MOST_BYTES - begin);
        final byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        frame.putBytes(0, bytes);
        BlockTable.header(frame, count);
        final boolean isInOrder = random.nextBoolean();
        int next = begin;
        for (int i = 0; i < count; i++) {
            final int offset = isInOrder ? next : begin + random.nextInt(length - begin + 1);
            final int most = Math.min(length - offset, random.nextInt(4) == 0 ? MOST_BYTES : 5_000);
            final int blockLength = random.nextInt(9) == 0 ? 0 : random.nextInt(most + 1);
            final long counter = random.nextInt(3) == 0 ? 0 : random.nextInt(1 << 20);
            BlockTable.entry(frame, i, offset, blockLength, counter, counter == 0 && random.nextBoolean());
            next = offset + blockLength;
        }
        return bench.publish(FrameFormat.BLOCKS, 0, 0, frame, length);
    }

    private FrameRef rubbish() {
        final FrameRef good = table(5);
        bench.release(good);
        switch (random.nextInt(4)) {
            case 0 -> frame.putInt(0, random.nextInt());
            case 1 -> frame.putInt(4, random.nextInt());
            case 2 -> BlockTable.entry(frame, 3, random.nextInt(), random.nextInt(), 0, false);
            default -> {
                return bench.publish(FrameFormat.GREY8, 10, 10, frame, 100);
            }
        }
        return bench.publish(FrameFormat.BLOCKS, 0, 0, frame, 5_000);
    }
}
