package io.dragon.worker.voxel;

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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The task type on an emulated GPU gives what the processor gives, bytes and sentences alike. */
class GpuMaskTest {
    private static final int SLOTS = 64;
    private static final int MOST_BYTES = 200_000;
    private static final int BAND_BYTES = 5_000;
    private static final FrameFormat[] FORMATS = {
        FrameFormat.GREY8, FrameFormat.RGB8, FrameFormat.RGB32F, FrameFormat.GREY16, FrameFormat.BAYER_RGGB8
    };

    @TempDir
    Path folder;

    private TaskBench bench;
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
    void shouldGiveTheProcessorsMasksForEveryFormatRuleAndSize() {
        final MaskHandler processor = new MaskHandler();
        for (int seed = 0; seed < 10; seed++) {
            random = new Random(seed);
            final EmulatedDriver driver = new EmulatedDriver(seed);
            if (seed == 4) {
                driver.refuseRegistration(GpuException.NOT_SUPPORTED);
            }
            try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT);
                    GpuMask gpu = bench.open(new GpuMask(device, BAND_BYTES), device)) {
                final FrameFormat format = FORMATS[seed % FORMATS.length];
                final List<FrameRef> refs = frames(format, 1 + random.nextInt(130), 1 + random.nextInt(90), 6);
                final List<TaskBench.Task> tasks = new ArrayList<>();
                final List<TaskBench.Result> expected = new ArrayList<>();
                for (int i = 0; i < refs.size(); i++) {
                    final FrameRef before = i == 0 ? null : refs.get(random.nextInt(4) == 0 ? 0 : i - 1);
                    tasks.add(bench.task(rule(), refs.get(i), before).split(random.nextInt(3) == 0 ? 4 : 1));
                    expected.add(bench.run(processor, tasks.get(i)));
                }
                assertTrue(expected.stream().anyMatch(result -> result.reason() == Reason.NONE));
                assertEquals(expected, bench.run(gpu, tasks, device, random), () -> format + ", " + tasks.size());
                refs.forEach(bench::release);
            }
            assertEquals("", driver.leaks());
        }
    }

    @Test
    void shouldCopyAFrameOnceAlthoughTwoTasksNeedIt() {
        random = new Random(5);
        final EmulatedDriver driver = new EmulatedDriver(11);
        try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT);
                GpuMask gpu = bench.open(new GpuMask(device, BAND_BYTES), device)) {
            final int cameras = 3;
            final byte[] rule = encoded(MaskRule.difference(20));
            final List<List<FrameRef>> refs = new ArrayList<>();
            for (int i = 0; i < cameras; i++) {
                refs.add(frames(FrameFormat.GREY8, 64, 40, 8));
            }
            final List<TaskBench.Task> tasks = new ArrayList<>();
            for (int step = 0; step < 8; step++) {
                for (int i = 0; i < cameras; i++) {
                    tasks.add(bench.task(
                            rule,
                            refs.get(i).get(step),
                            step == 0 ? null : refs.get(i).get(step - 1)));
                }
            }
            bench.run(gpu, tasks.subList(0, 4 * cameras), device, random);
            final int allocations = driver.allocations();
            final int copies = driver.copies();
            bench.run(gpu, tasks.subList(4 * cameras, 8 * cameras), device, random)
                    .forEach(TaskBench.Result::orThrow);
            assertEquals(allocations, driver.allocations(), "the frames of all cameras have their room");
            assertEquals(2 * 4 * cameras, driver.copies() - copies, "for each task one frame there and one mask back");
        }
        assertEquals("", driver.leaks());
    }

    @Test
    void shouldSeldomTakeMemoryWhenEverMorePixelsChange() {
        random = new Random(7);
        final EmulatedDriver driver = new EmulatedDriver(14);
        try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT);
                TaskBench large = new TaskBench(folder.resolve("large"), 8, 1 << 20);
                GpuMask gpu = large.open(new GpuMask(device, BAND_BYTES), device)) {
            final byte[] rule = encoded(new MaskRule(MaskRule.Kind.DIFFERENCE, 9, false, 0, 0, 1 << 20, -1));
            final byte[] pixels = new byte[300 * 300];
            final FrameRef before = large.publish(FrameFormat.GREY8, 300, 300, new UnsafeBuffer(pixels), pixels.length);
            int warm = 0;
            for (int scene = 0; scene < 30; scene++) {
                Arrays.fill(pixels, 0, 66_000 + 800 * scene, (byte) 200);
                final FrameRef frame =
                        large.publish(FrameFormat.GREY8, 300, 300, new UnsafeBuffer(pixels), pixels.length);
                large.run(gpu, List.of(large.task(rule, frame, before)), device, random)
                        .forEach(TaskBench.Result::orThrow);
                large.release(frame);
                warm = scene < 1 ? driver.pinnedAllocations() : warm;
            }
            final int taken = driver.pinnedAllocations() - warm;
            assertTrue(taken <= 3, taken + " times in 29 scenes");
        }
        assertEquals("", driver.leaks());
    }

    /** Each new frame once took device memory of its own, until there was no more: it waited to be what the next is compared with. */
    @Test
    void shouldTakeNoMemoryForEveryNewFrameThatIsComparedWithTheSameOne() {
        random = new Random(8);
        final EmulatedDriver driver = new EmulatedDriver(15);
        try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT);
                GpuMask gpu = bench.open(new GpuMask(device, BAND_BYTES), device)) {
            final byte[] rule = encoded(MaskRule.difference(20));
            final List<FrameRef> refs = frames(FrameFormat.GREY8, 64, 40, 40);
            final List<TaskBench.Task> tasks = new ArrayList<>();
            final List<TaskBench.Result> expected = new ArrayList<>();
            for (int i = 1; i < refs.size(); i++) {
                tasks.add(bench.task(rule, refs.get(i), refs.get(0)));
                expected.add(bench.run(new MaskHandler(), tasks.get(i - 1)));
            }
            assertEquals(expected.subList(0, 6), bench.run(gpu, tasks.subList(0, 6), device, random));
            final int allocations = driver.allocations();
            final int copies = driver.copies();
            assertEquals(expected.subList(6, 39), bench.run(gpu, tasks.subList(6, 39), device, random));
            assertEquals(allocations, driver.allocations(), "each is written over the one before");
            assertEquals(2 * 33, driver.copies() - copies, "the picture itself stays on the device");
            assertTrue(gpu.frames().known() <= 6, () -> "known: " + gpu.frames().known());
        }
        assertEquals("", driver.leaks());
    }

    @Test
    void shouldNotTakeAnotherFrameOfTheSameSlotForTheOneBefore() {
        random = new Random(6);
        final EmulatedDriver driver = new EmulatedDriver(12);
        try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT);
                GpuMask gpu = bench.open(new GpuMask(device, BAND_BYTES), device)) {
            final byte[] rule = encoded(new MaskRule(MaskRule.Kind.DIFFERENCE, 9, false, 0, 0, 1 << 20, -1));
            for (int i = 0; i < SLOTS + 9; i++) { // every slot is used again
                final List<FrameRef> two = frames(FrameFormat.GREY8, 31, 7, 2);
                final TaskBench.Task task = bench.task(rule, two.get(1), two.get(0));
                final TaskBench.Result expected = bench.run(new MaskHandler(), task);
                assertEquals(List.of(expected), bench.run(gpu, List.of(task), device, random));
                two.forEach(bench::release);
            }
            final int known = gpu.frames().known();
            assertTrue(known <= SLOTS, () -> known + ": those whose slots have other frames by now are kept");
        }
    }

    @Test
    void shouldPassFramesThroughInBandsWhereTheyFindNoRoom() {
        random = new Random(8);
        // 1 % of this is less than two frames
        final EmulatedDriver driver = new EmulatedDriver(13, 26 << 20);
        try (CudaDevice device = new CudaDevice(driver, new DeviceOptions(1));
                GpuMask gpu = bench.open(new GpuMask(device, BAND_BYTES), device)) {
            final List<FrameRef> refs = frames(FrameFormat.RGB8, 301, 200, 3);
            final byte[] rule = encoded(new MaskRule(MaskRule.Kind.DIFFERENCE, 9, false, 0, 0, 100, -1));
            final List<TaskBench.Task> tasks = List.of(
                    bench.task(rule, refs.get(0), null),
                    bench.task(rule, refs.get(1), refs.get(0)),
                    bench.task(rule, refs.get(2), refs.get(1)));
            final List<TaskBench.Result> expected = new ArrayList<>();
            tasks.forEach(task -> expected.add(bench.run(new MaskHandler(), task)));
            final List<TaskBench.Result> results = bench.run(gpu, tasks, device, random);
            assertEquals(0, gpu.frames().known());
            assertEquals(expected, results);
        }
        assertEquals("", driver.leaks());
    }

    @Test
    void shouldFailInTheProcessorsWords() {
        random = new Random(9);
        final EmulatedDriver driver = new EmulatedDriver(14);
        try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT);
                GpuMask gpu = bench.open(new GpuMask(device, BAND_BYTES), device)) {
            final FrameRef small = frames(FrameFormat.GREY8, 8, 8, 1).get(0);
            final FrameRef large = frames(FrameFormat.GREY8, 9, 8, 1).get(0);
            final FrameRef rgb = frames(FrameFormat.RGB8, 8, 8, 1).get(0);
            final FrameRef blocks = bench.publish(FrameFormat.BLOCKS, 8, 8, new UnsafeBuffer(new byte[64]), 64);
            final FrameRef truncated = bench.publish(FrameFormat.GREY8, 8, 9, new UnsafeBuffer(new byte[64]), 64);
            final byte[] rule = encoded(MaskRule.difference(20));
            final byte[] background = encoded(new MaskRule(MaskRule.Kind.BACKGROUND, 9, false, 0, 0, 100, -1));
            final List<TaskBench.Task> tasks = List.of(
                    bench.task(rule),
                    bench.task(rule, small, large),
                    bench.task(rule, small, rgb),
                    bench.task(rule, blocks, blocks),
                    bench.task(rule, truncated, truncated),
                    bench.task(background, small),
                    bench.task(new byte[3], small, small),
                    bench.task(rule, small, small));
            final List<TaskBench.Result> expected = new ArrayList<>();
            tasks.forEach(task -> expected.add(bench.run(new MaskHandler(), task)));
            assertEquals(
                    7,
                    expected.stream()
                            .filter(result -> result.reason() == Reason.BAD_INPUT)
                            .count());
            assertEquals(expected, bench.run(gpu, tasks, device, random));
        }
        assertEquals("", driver.leaks());
    }

    /** The first is random, and a part of each next is other than in the one before. */
    private List<FrameRef> frames(final FrameFormat format, final int width, final int height, final int count) {
        final int bytes = width * height * bytesPerPixel(format);
        final List<FrameRef> refs = new ArrayList<>();
        final UnsafeBuffer frame = new UnsafeBuffer(new byte[bytes]);
        for (int i = 0; i < count; i++) {
            final int parts = i == 0 ? 1 : 2 + random.nextInt(30);
            for (int at = 0; at + 4 <= bytes; at += 4) {
                if (random.nextInt(parts) == 0) {
                    if (format == FrameFormat.RGB32F) {
                        frame.putFloat(at, random.nextFloat() * 1.2f - 0.1f, ByteOrder.LITTLE_ENDIAN);
                    } else {
                        frame.putInt(at, random.nextInt());
                    }
                }
            }
            refs.add(bench.publish(format, width, height, frame, bytes));
        }
        return refs;
    }

    private static int bytesPerPixel(final FrameFormat format) {
        return switch (format) {
            case RGB8 -> 3;
            case RGB32F -> 12;
            case GREY16 -> 2;
            default -> 1;
        };
    }

    private byte[] rule() {
        final MaskRule.Kind[] kinds = MaskRule.Kind.values();
        return encoded(new MaskRule(
                kinds[random.nextInt(kinds.length)],
                random.nextInt(200),
                random.nextBoolean(),
                random.nextInt(4) == 0 ? 2 : 0,
                random.nextInt(4) == 0 ? 1 : 0,
                random.nextBoolean() ? MaskRule.DEFAULT_LIST_LIMIT : random.nextInt(400),
                random.nextInt(4) - 1));
    }

    private static byte[] encoded(final MaskRule rule) {
        final byte[] bytes = new byte[MaskRule.ENCODED_LENGTH];
        rule.encode(new UnsafeBuffer(ByteBuffer.wrap(bytes)), 0);
        return bytes;
    }
}
