package io.dragon.worker.voxel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A scene in which ever more changes, and then little again: what a device keeps of one step (votes, peaks, lists, rooms for results) neither
 * shows in the next nor is too small for it.
 */
class GpuCarveGrowthTest {
    /** Parts of a picture, in thousandths, that change from step to step. */
    private static final int[] CHANGED = {2, 15, 80, 300, 1_000, 1_000, 5, 400};

    private static final int MOST_BYTES = 4 << 20;

    @TempDir
    Path folder;

    private final SyntheticScene scene = new SyntheticScene(5, 120, 80, 3);
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

    private static CarveRule rule(final SyntheticScene scene, final CarveRule.Method method) {
        return new CarveRule(scene.grid(24), method, 2, 40, true, 0, 0);
    }

    @ParameterizedTest
    @EnumSource(CarveRule.Method.class)
    void shouldGiveTheProcessorsAnswersOfAGrowingScene(final CarveRule.Method method) {
        final byte[] rule = encoded(rule(scene, method));
        final List<TaskBench.Task> tasks = new ArrayList<>();
        final List<TaskBench.Result> expected = new ArrayList<>();
        for (final FrameRef[] inputs : steps()) {
            tasks.add(bench.task(rule, inputs));
            expected.add(
                    bench.run(new CarveHandler(), tasks.get(tasks.size() - 1)).orThrow());
        }
        assertTrue(
                length(expected.get(5)) > 10 * length(expected.get(0)),
                () -> "it grows: " + length(expected.get(0)) + " to " + length(expected.get(5)));
        for (int seed = 0; seed < 3; seed++) {
            final EmulatedDriver driver = new EmulatedDriver(seed);
            // Few peaks have room at first, so that this has to grow too.
            try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT);
                    GpuCarve gpu = bench.open(new GpuCarve(device, seed == 0 ? 2 : 1 << 14), device)) {
                assertEquals(expected, bench.run(gpu, tasks, device, new Random(seed)), "seed " + seed);
            }
            assertEquals("", driver.leaks());
        }
    }

    @ParameterizedTest
    @EnumSource(CarveRule.Method.class)
    void shouldGiveTheSameOfAGrowingSceneOverTwoDevices(final CarveRule.Method method) {
        final byte[] rule = encoded(rule(scene, method));
        final List<FrameRef[]> steps = steps();
        final List<CarveStep> halves = new ArrayList<>();
        steps.forEach(step -> halves.add(new CarveStep(rule(scene, method))));
        for (int part = 0; part < 2; part++) {
            final EmulatedDriver driver = new EmulatedDriver(10 + part);
            try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT);
                    GpuCarve gpu = bench.open(new GpuCarve(device), device)) {
                final List<TaskBench.Task> tasks = new ArrayList<>();
                final List<TaskBench.Result> expected = new ArrayList<>();
                for (final FrameRef[] inputs : steps) {
                    tasks.add(bench.task(rule, inputs).part(part, 2));
                    expected.add(bench.run(new CarveHandler(), tasks.get(tasks.size() - 1)));
                }
                final List<TaskBench.Result> results = bench.run(gpu, tasks, device, new Random(part));
                assertEquals(expected, results, "part " + part);
                for (int i = 0; i < results.size(); i++) {
                    add(halves.get(i), results.get(i));
                }
            }
            assertEquals("", driver.leaks());
        }
        for (int i = 0; i < steps.size(); i++) {
            final CarveStep whole = new CarveStep(rule(scene, method));
            add(whole, bench.run(new CarveHandler(), bench.task(rule, steps.get(i))));
            assertEquals(whole.peaks(), halves.get(i).peaks(), "step " + i);
            assertEquals(whole.occupied(), halves.get(i).occupied(), "step " + i);
        }
    }

    private static int length(final TaskBench.Result result) {
        return result.outputs().stream()
                .mapToInt(output -> output.bytes().capacity())
                .sum();
    }

    private static void add(final CarveStep step, final TaskBench.Result result) {
        final UnsafeBuffer inline = new UnsafeBuffer(result.orThrow().inline());
        VoxelFrame voxels = null;
        if (!result.outputs().isEmpty()) {
            final UnsafeBuffer frame = new UnsafeBuffer(result.outputs().get(0).bytes());
            voxels = new VoxelFrame().wrap(frame, 0, frame.capacity());
        }
        step.add(CarveResult.decode(inline, 0, inline.capacity()), voxels);
    }

    /** The rig and the masks of every step. */
    private List<FrameRef[]> steps() {
        final UnsafeBuffer rig = new UnsafeBuffer(new byte[scene.rig().encodedLength()]);
        scene.rig().encode(rig, 0);
        final FrameRef rigRef = bench.publish(FrameFormat.RIG, 0, 0, rig, rig.capacity());
        final List<FrameRef[]> steps = new ArrayList<>();
        for (final int changed : CHANGED) {
            final FrameRef[] inputs = new FrameRef[1 + scene.rig().size()];
            inputs[0] = rigRef;
            for (int i = 0; i < scene.rig().size(); i++) {
                final UnsafeBuffer mask = mask(scene.rig().camera(i), changed, new Random(100L * changed + i));
                inputs[1 + i] = bench.publish(FrameFormat.MASK, 0, 0, mask, mask.capacity());
            }
            steps.add(inputs);
        }
        return steps;
    }

    /** In the middle of the picture so much of it changes, nearly all pixels there. */
    private UnsafeBuffer mask(final Camera camera, final int changed, final Random random) {
        final int width = camera.width();
        final int height = camera.height();
        final double side = Math.sqrt(changed / 1_000.0);
        final UnsafeBuffer before = new UnsafeBuffer(new byte[width * height]);
        final UnsafeBuffer frame = new UnsafeBuffer(new byte[width * height]);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                final boolean isInside =
                        Math.abs(2.0 * x / width - 1) <= side && Math.abs(2.0 * y / height - 1) <= side;
                if (isInside && random.nextInt(8) != 0) {
                    frame.putByte(y * width + x, (byte) (60 + random.nextInt(190)));
                }
            }
        }
        return pipeline.mask(MaskRule.difference(12), PixelFormat.GREY8, width, height, frame, before);
    }

    private static byte[] encoded(final CarveRule rule) {
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[CarveRule.ENCODED_LENGTH]);
        rule.encode(bytes, 0);
        return bytes.byteArray();
    }
}
