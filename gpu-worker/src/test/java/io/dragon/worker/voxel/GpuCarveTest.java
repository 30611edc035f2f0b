package io.dragon.worker.voxel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameRef;
import io.dragon.worker.TaskBench;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.DeviceOptions;
import io.dragon.worker.device.EmulatedDriver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The task type on an emulated GPU gives what the processor gives, bytes and sentences alike. */
class GpuCarveTest {
    private static final int MOST_BYTES = 4 << 20;

    @TempDir
    Path folder;

    private final Pipeline pipeline = new Pipeline();
    private TaskBench bench;

    @BeforeEach
    void open() {
        bench = new TaskBench(folder, 64, MOST_BYTES);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    @ParameterizedTest
    @EnumSource(CarveRule.Method.class)
    void shouldGiveTheProcessorsVoxelsAndPeaks(final CarveRule.Method method) {
        final CarveHandler processor = new CarveHandler();
        for (int seed = 1; seed <= 2; seed++) {
            final Random random = new Random(seed);
            final SyntheticScene scene = new SyntheticScene(4 + 2 * seed, 120 + 17 * seed, 80 + seed, seed);
            final EmulatedDriver driver = new EmulatedDriver(seed);
            // Room for few peaks, so that the kernel has to run again where there are more.
            try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT);
                    GpuCarve gpu = bench.open(new GpuCarve(device, seed == 1 ? 2 : 1 << 14), device)) {
                final FrameRef[] inputs = inputs(scene, method, seed);
                final List<TaskBench.Task> tasks = new ArrayList<>();
                final List<TaskBench.Result> expected = new ArrayList<>();
                for (int i = 0; i < 6; i++) {
                    final CarveRule rule = new CarveRule(
                            scene.grid(11 + 6 * random.nextInt(4)),
                            method,
                            2,
                            random.nextInt(3) == 0 ? 0 : i % 2 == 0 ? CarveRule.MAX_PEAKS : 3,
                            random.nextBoolean(),
                            0,
                            0);
                    final int parts = 1 + random.nextInt(3);
                    tasks.add(bench.task(encoded(rule), inputs)
                            .part(random.nextInt(parts), parts)
                            .split(random.nextInt(2) == 0 ? 1 : 3));
                    expected.add(bench.run(processor, tasks.get(i)));
                }
                assertTrue(
                        expected.stream().anyMatch(result -> !result.outputs().isEmpty()));
                expected.forEach(TaskBench.Result::orThrow);
                assertEquals(expected, bench.run(gpu, tasks, device, random));
                release(inputs);
            }
            assertEquals("", driver.leaks());
        }
    }

    @Test
    void shouldCutASlabThatDoesNotFitAndGiveTheSame() {
        final SyntheticScene scene = new SyntheticScene(6, 140, 90, 3);
        final EmulatedDriver driver = new EmulatedDriver(5, 50 << 20);
        try (CudaDevice device = new CudaDevice(driver, new DeviceOptions(2));
                GpuCarve gpu = bench.open(new GpuCarve(device, 64), device)) {
            final FrameRef[] inputs = inputs(scene, CarveRule.Method.GATHER, 3);
            final CarveRule rule = new CarveRule(scene.grid(70), CarveRule.Method.GATHER, 2, 50, true, 0, 0);
            final TaskBench.Task task = bench.task(encoded(rule), inputs);
            final TaskBench.Result expected =
                    bench.run(new CarveHandler(), task).orThrow();
            assertEquals(Reason.OUT_OF_MEMORY, bench.run(gpu, task).reason());
            assertEquals(List.of(expected), bench.run(gpu, List.of(task), device, new Random(1)));
            assertTrue(task.split() > 1);
        }
        assertEquals("", driver.leaks());
    }

    @Test
    void shouldGiveOverTwoDevicesWhatOneGives() {
        final SyntheticScene scene = new SyntheticScene(6, 140, 90, 4);
        final FrameRef[] inputs = inputs(scene, CarveRule.Method.MOTION, 4);
        final CarveRule rule = new CarveRule(scene.grid(30), CarveRule.Method.MOTION, 2, 20, true, 0, 0);
        final CarveStep whole = new CarveStep(rule);
        add(whole, bench.run(new CarveHandler(), bench.task(encoded(rule), inputs)));
        final CarveStep halves = new CarveStep(rule);
        for (int part = 1; part >= 0; part--) {
            try (CudaDevice device = new CudaDevice(new EmulatedDriver(part), DeviceOptions.DEFAULT);
                    GpuCarve gpu = bench.open(new GpuCarve(device), device)) {
                add(halves, bench.run(gpu, bench.task(encoded(rule), inputs).part(part, 2)));
            }
        }
        assertFalse(whole.peaks().isEmpty());
        assertEquals(whole.peaks(), halves.peaks());
        assertEquals(whole.occupied(), halves.occupied());
    }

    @Test
    void shouldFailInTheProcessorsWordsAndSayNothingWhereNothingMoved() {
        final SyntheticScene scene = new SyntheticScene(4, 100, 80, 2);
        final EmulatedDriver driver = new EmulatedDriver(9);
        try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT);
                GpuCarve gpu = bench.open(new GpuCarve(device), device)) {
            final FrameRef[] inputs = inputs(scene, CarveRule.Method.MOTION, 2);
            final byte[] rule = encoded(CarveRule.motion(scene.grid(20)));
            final FrameRef rig = inputs[0];
            final FrameRef mask = inputs[1];
            final byte[] huge = encoded(new CarveRule(
                    new Grid(0, 0, 0, 0.1, 1200, 1200, 1200), CarveRule.Method.GATHER, 2, 5, false, 0, 0));
            final List<TaskBench.Task> tasks = List.of(
                    bench.task(rule),
                    bench.task(rule, mask, rig),
                    bench.task(rule, rig, rig),
                    bench.task(rule, rig, mask, mask),
                    bench.task(new byte[9], rig, mask),
                    bench.task(huge, inputs),
                    bench.task(rule, rig, null, null),
                    bench.task(rule, inputs).part(30, 40),
                    bench.task(rule, inputs));
            final List<TaskBench.Result> expected = new ArrayList<>();
            tasks.forEach(task -> expected.add(bench.run(new CarveHandler(), task)));
            assertEquals(
                    5,
                    expected.stream()
                            .filter(result -> result.reason() == Reason.BAD_INPUT)
                            .count(),
                    expected::toString);
            assertEquals(expected, bench.run(gpu, tasks, device, new Random(2)));
        }
        assertEquals("", driver.leaks());
    }

    private static void add(final CarveStep step, final TaskBench.Result result) {
        result.orThrow();
        final UnsafeBuffer inline = new UnsafeBuffer(result.inline());
        final UnsafeBuffer frame = new UnsafeBuffer(result.outputs().get(0).bytes());
        step.add(CarveResult.decode(inline, 0, inline.capacity()), new VoxelFrame().wrap(frame, 0, frame.capacity()));
    }

    /** The rig and the masks of all cameras but one. */
    private FrameRef[] inputs(final SyntheticScene scene, final CarveRule.Method method, final int seed) {
        final boolean isHull = method == CarveRule.Method.HULL;
        final UnsafeBuffer[] masks =
                isHull ? silhouettes(scene) : pipeline.masks(scene, PixelFormat.GREY8, MaskRule.difference(12), 3);
        final FrameRef[] inputs = new FrameRef[masks.length + 1];
        final UnsafeBuffer rig = new UnsafeBuffer(new byte[scene.rig().encodedLength()]);
        scene.rig().encode(rig, 0);
        inputs[0] = bench.publish(FrameFormat.RIG, 0, 0, rig, rig.capacity());
        for (int i = 0; i < masks.length; i++) {
            if (i != seed) {
                inputs[i + 1] = bench.publish(FrameFormat.MASK, 0, 0, masks[i], masks[i].capacity());
            }
        }
        return inputs;
    }

    private UnsafeBuffer[] silhouettes(final SyntheticScene scene) {
        final MaskRule rule = new MaskRule(MaskRule.Kind.BACKGROUND, 40, false, 0, 0, MaskRule.DEFAULT_LIST_LIMIT, -1);
        final UnsafeBuffer[] masks = new UnsafeBuffer[scene.rig().size()];
        for (int i = 0; i < masks.length; i++) {
            final Camera c = scene.rig().camera(i);
            final UnsafeBuffer empty = new UnsafeBuffer(new byte[c.width() * c.height()]);
            empty.setMemory(0, empty.capacity(), (byte) 120);
            final UnsafeBuffer frame = Pipeline.render(scene, PixelFormat.GREY8, i, 3);
            masks[i] = pipeline.mask(rule, PixelFormat.GREY8, c.width(), c.height(), frame, empty);
        }
        return masks;
    }

    private void release(final FrameRef[] refs) {
        for (final FrameRef ref : refs) {
            if (ref != null) {
                bench.release(ref);
            }
        }
    }

    private static byte[] encoded(final CarveRule rule) {
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[CarveRule.ENCODED_LENGTH]);
        rule.encode(bytes, 0);
        return bytes.byteArray();
    }
}
