package io.dragon.worker.check;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FramePool;
import io.dragon.worker.HandlerContext;
import io.dragon.worker.LoneTask;
import io.dragon.worker.PipelinedHandler;
import io.dragon.worker.TaskFailedException;
import io.dragon.worker.TaskHandler;
import io.dragon.worker.device.CpuDevice;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.Device;
import io.dragon.worker.device.DeviceOptions;
import io.dragon.worker.device.GpuDriver;
import io.dragon.worker.device.GpuException;
import io.dragon.worker.hash.HashHandler;
import io.dragon.worker.voxel.CarveHandler;
import io.dragon.worker.voxel.CarveRule;
import io.dragon.worker.voxel.MaskHandler;
import io.dragon.worker.voxel.MaskRule;
import io.dragon.worker.voxel.PixelFormat;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The check of one GPU, with the handlers that workers run: what they answer, against the same work on the processor; then how fast they
 * are, against what the bus can carry. What fails is told, and the rest is measured all the same. One thread, but for {@link #unfinished}.
 */
public final class GpuCheck {
    private static final long SEED = 20_240_229;
    private static final int OUTPUTS = 4;
    private static final long LEAST_OUTPUT_BYTES = 1 << 20;
    private static final Map<String, List<String>> KERNELS = Map.of(
            "blake3", List.of("blake3_chunks", "blake3_trees"),
            "sha256", List.of("sha256_blocks"),
            "mask", List.of("mask_bits", "mask_list"),
            "carve", List.of("gather", "scatter", "peaks"));

    private final GpuDriver driver;
    private final DragonDirectory directory;
    private final CheckPlan plan;
    private final Consumer<String> progress;
    private final BiFunction<TaskHandler, Device, TaskHandler> onDevice;
    private final GpuFacts facts;
    private final Supplier<GpuDriver> second;
    private final List<GpuReport.Start> starts = new CopyOnWriteArrayList<>();
    private final List<GpuReport.Comparison> comparisons = new CopyOnWriteArrayList<>();
    private final List<GpuReport.RateRow> rates = new CopyOnWriteArrayList<>();
    private final List<String> faults = new CopyOnWriteArrayList<>();
    private volatile Map<String, String> known = Map.of();
    private volatile CopyRates.Rates copyRates;
    private volatile Spread pair;
    private volatile String doing = "its beginning";
    private CheckFrames maskFrames;
    private CudaDevice checked;
    private boolean isLost;

    /**
     * A check.
     *
     * @param driver    of the GPU; the check closes it.
     * @param second    opens another GPU, which is measured beside the first one at the end, and closed; null where there is none.
     * @param directory where frames are put, in shared memory.
     * @param plan      how much is done.
     * @param progress  is told what comes next, a few words each time.
     */
    public GpuCheck(
            final GpuDriver driver,
            final Supplier<GpuDriver> second,
            final DragonDirectory directory,
            final CheckPlan plan,
            final Consumer<String> progress) {
        this(driver, second, directory, plan, progress, TaskHandler::on, new GpuFacts());
    }

    GpuCheck(
            final GpuDriver driver,
            final Supplier<GpuDriver> second,
            final DragonDirectory directory,
            final CheckPlan plan,
            final Consumer<String> progress,
            final BiFunction<TaskHandler, Device, TaskHandler> onDevice,
            final GpuFacts facts) {
        this.driver = driver;
        this.second = second;
        this.directory = directory;
        this.plan = plan;
        this.progress = progress;
        this.onDevice = onDevice;
        this.facts = facts;
    }

    /**
     * Does all of it.
     *
     * @param earlier starts that were timed in other processes.
     * @return what was found.
     */
    public GpuReport run(final List<GpuReport.Start> earlier) {
        directory.create();
        final Timeline timeline = new Timeline(driver);
        known = facts.of(driver.info());
        starts.addAll(earlier);
        try (CudaDevice device = new CudaDevice(timeline, DeviceOptions.DEFAULT)) {
            checked = device;
            section("kernels", () -> starts.add(new GpuReport.Start("this process", start(timeline))));
            section("hash", () -> compare(device, new HashHandler(), "hash", Comparisons::hash));
            section("hash, sha256", () -> compare(device, new HashHandler(), "hash, sha256", Comparisons::sha256));
            section("mask", () -> compare(device, new MaskHandler(), "mask", Comparisons::mask));
            for (final CarveRule.Method method :
                    List.of(CarveRule.Method.GATHER, CarveRule.Method.SCATTER, CarveRule.Method.HULL)) {
                final String name = "carve, " + method.name().toLowerCase(Locale.ROOT) + " and peaks";
                section(name, () -> compare(device, new CarveHandler(), name, all -> all.carve(method, this::mask)));
            }
            measure(device, timeline);
            if (second != null) {
                section("two GPUs", () -> measurePair(device));
            }
        } catch (final GpuException ex) {
            faults.add("closing: " + ex.getMessage());
        }
        return report();
    }

    /**
     * What was found up to now, when a check does not end. Any thread.
     *
     * @param after how long it took, in words.
     * @return the same report, with that as a fault.
     */
    public GpuReport unfinished(final String after) {
        faults.add("the check has not ended within " + after + ": " + doing + " goes on");
        return report();
    }

    private GpuReport report() {
        return new GpuReport(
                known,
                List.copyOf(starts),
                List.copyOf(comparisons),
                copyRates == null ? null : copyRates.pinning(),
                copyRates == null ? List.of() : copyRates.rows(),
                List.copyOf(rates),
                Targets.of(
                        List.copyOf(rates),
                        copyRates == null ? "" : copyRates.pinning().refusal(),
                        pair),
                List.copyOf(faults));
    }

    /**
     * Makes the kernels ready to run, as a worker does at its start.
     *
     * @param driver of the GPU.
     * @return milliseconds for each module.
     */
    public static Map<String, Double> start(final GpuDriver driver) {
        final Map<String, Double> millis = new LinkedHashMap<>();
        for (final String module : List.of("blake3", "sha256", "mask", "carve")) {
            final long beginNs = System.nanoTime();
            KERNELS.get(module).forEach(name -> driver.kernel(module, name));
            millis.put(module, (System.nanoTime() - beginNs) / 1e6);
        }
        return millis;
    }

    private void section(final String words, final Callable<?> body) {
        if (isLost) {
            return;
        }
        progress.accept(words);
        doing = words;
        try {
            body.call();
        } catch (final GpuException ex) {
            faults.add(words + ": " + ex.getMessage());
            if (ex.isSticky()) {
                isLost = true;
                checked.failed(ex);
            }
        } catch (final Exception | AssertionError ex) {
            faults.add(words + ": " + (ex.getMessage() == null ? ex.toString() : ex.getMessage()));
        }
    }

    // ---- answers

    /** Makes cases. */
    @FunctionalInterface
    private interface Cases {
        List<Comparisons.Case> of(Comparisons comparisons) throws Exception;
    }

    private Object compare(final CudaDevice device, final TaskHandler handler, final String work, final Cases cases)
            throws Exception {
        final Device processor = new CpuDevice();
        int different = 0;
        int count = 0;
        String first = "";
        final TaskHandler on = onDevice.apply(handler, device);
        try (CheckFrames frames = new CheckFrames(directory);
                handler;
                TaskHandler gpu = on) {
            handler.open(context(processor));
            if (gpu != handler) {
                gpu.open(context(device));
            }
            maskFrames = frames;
            final FramePool outputs =
                    frames.pool(OUTPUTS, Math.max(LEAST_OUTPUT_BYTES, 2L * plan.width() * plan.height()));
            for (final Comparisons.Case each : cases.of(new Comparisons(frames, SEED, plan))) {
                final LoneTask expected = task(processor, outputs, each);
                final LoneTask actual = task(device, outputs, each);
                handler.execute(expected);
                final byte[] right = expected.answer();
                final String difference = difference(expected, right, answer(gpu, actual));
                expected.reset();
                actual.reset();
                count++;
                if (!difference.isEmpty() && different++ == 0) {
                    first = each.words() + ": " + difference;
                }
            }
        }
        comparisons.add(new GpuReport.Comparison(work, count, different, first, on instanceof PipelinedHandler));
        return null;
    }

    private static LoneTask task(final Device device, final FramePool outputs, final Comparisons.Case each) {
        return new LoneTask(device, outputs, each.inputs(), each.parameters())
                .part(each.part(), each.parts())
                .split(each.split());
    }

    /** What the GPU answers; why, when it refuses what the processor takes. */
    private static byte[] answer(final TaskHandler handler, final LoneTask task) throws Exception {
        try {
            if (handler instanceof PipelinedHandler pipelined) {
                PipelinedRun.run(pipelined, task, PipelinedRun.LONGEST_NS);
            } else {
                handler.execute(task);
            }
            return task.answer();
        } catch (final TaskFailedException ex) {
            return ("refused: " + ex.getMessage()).getBytes(StandardCharsets.UTF_8);
        }
    }

    static String difference(final LoneTask task, final byte[] expected, final byte[] actual) {
        final int common = Math.min(expected.length, actual.length);
        for (int i = 0; i < common; i++) {
            if (expected[i] != actual[i]) {
                return String.format(
                        Locale.ROOT,
                        "%s is 0x%02X on the processor and 0x%02X on the GPU",
                        task.place(i),
                        expected[i],
                        actual[i]);
            }
        }
        return expected.length == actual.length
                ? ""
                : expected.length + " bytes of answer on the processor and " + actual.length + " on the GPU";
    }

    // ---- masks for carving, from the processor

    private FrameLease mask(final List<FrameLease> inputs, final MaskRule rule) throws Exception {
        final UnsafeBuffer parameters = new UnsafeBuffer(new byte[MaskRule.ENCODED_LENGTH]);
        rule.encode(parameters, 0);
        final int width = inputs.get(0).width();
        final int height = inputs.get(0).height();
        final FramePool outputs = maskFrames.pool(1, 1L << 20 | (long) width * height);
        final LoneTask task = new LoneTask(new CpuDevice(), outputs, inputs, parameters);
        final byte[] answer;
        try (MaskHandler handler = new MaskHandler()) {
            handler.execute(task);
            answer = task.answer();
        }
        task.reset();
        final int length = answer.length - Integer.BYTES; // behind the number of pixels
        return maskFrames.put(
                maskFrames.pool(1, length),
                FrameFormat.MASK,
                width,
                height,
                inputs.get(0).step(),
                length,
                to -> to.putBytes(0, answer, Integer.BYTES, length));
    }

    // ---- speed

    private void measure(final CudaDevice device, final Timeline timeline) {
        if (isLost) {
            return;
        }
        final CopyRates copies = new CopyRates(timeline, plan);
        section("copies", () -> {
            try (CheckFrames frames = new CheckFrames(directory)) {
                copyRates = copies.measure(frames);
            }
            return null;
        });
        final WorkRates work = new WorkRates(device, timeline, copies, plan);
        rate(device, new HashHandler(), "rate of hash", work::hash);
        for (final PixelFormat pixels : List.of(PixelFormat.RGB8, PixelFormat.GREY8)) {
            rate(
                    device,
                    new MaskHandler(),
                    "rate of mask, " + pixels,
                    (handler, processor, frames) -> work.mask(handler, processor, frames, pixels));
        }
        for (final CarveRule.Method method : List.of(CarveRule.Method.GATHER, CarveRule.Method.SCATTER)) {
            rate(
                    device,
                    new CarveHandler(),
                    "rate of carve, " + method,
                    (handler, processor, frames) -> work.carve(
                            handler, processor, frames, method, new Comparisons(frames, SEED, plan), this::mask));
        }
        rate(device, new HashHandler(), "rate of hash, sha256", work::sha256);
        if (!isLost) {
            copies.close();
        }
    }

    private Object measurePair(final CudaDevice device) throws Exception {
        try (CudaDevice other = new CudaDevice(second.get(), DeviceOptions.DEFAULT)) {
            try {
                pair = new PairRate(directory, plan, this::context).measure(device, other);
            } catch (final GpuException ex) {
                if (ex.isSticky()) {
                    other.failed(ex); // whose of both it is, it is not told
                }
                throw ex;
            }
        }
        return null;
    }

    /** Measures a handler. */
    @FunctionalInterface
    private interface Measure {
        GpuReport.RateRow of(PipelinedHandler handler, TaskHandler processor, CheckFrames frames) throws Exception;
    }

    private void rate(final CudaDevice device, final TaskHandler handler, final String words, final Measure measure) {
        section(words, () -> {
            try (CheckFrames frames = new CheckFrames(directory);
                    handler;
                    TaskHandler gpu = onDevice.apply(handler, device)) {
                if (gpu instanceof PipelinedHandler pipelined) {
                    handler.open(context(new CpuDevice()));
                    gpu.open(context(device));
                    maskFrames = frames;
                    rates.add(measure.of(pipelined, handler, frames));
                }
            }
            return null;
        });
    }

    private HandlerContext context(final Device device) {
        return new HandlerContext() {
            @Override
            public String workerName() {
                return "gpu-check";
            }

            @Override
            public Device device() {
                return device;
            }

            @Override
            public DragonDirectory directory() {
                return directory;
            }
        };
    }
}
