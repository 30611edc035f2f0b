package io.dragon.worker.check;

import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FramePool;
import io.dragon.worker.LoneTask;
import io.dragon.worker.PipelinedHandler;
import io.dragon.worker.TaskHandler;
import io.dragon.worker.device.CpuDevice;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.GpuStream;
import io.dragon.worker.hash.BlockTable;
import io.dragon.worker.hash.HashAlgorithm;
import io.dragon.worker.voxel.CarveRule;
import io.dragon.worker.voxel.MaskRule;
import io.dragon.worker.voxel.PixelFormat;
import io.dragon.worker.voxel.SyntheticScene;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;

/** How fast kinds of work are from frames in a pool to their answers, beside nothing but the copies of the same frames. */
final class WorkRates {
    /** More frames than can be on their way, and than a device keeps for the next of their camera. */
    private static final int FRAMES = 8;

    private static final int OUTPUTS = 6;
    private static final int TIMED_TASKS = 16;
    private static final int WARM_TASKS = 4;
    private static final long WAIT_NS = 30_000_000_000L;
    private static final int THRESHOLD = 12;
    private static final int BALLS = 5;
    private static final long STEP = 3;

    private final CudaDevice device;
    private final Timeline timeline;
    private final CopyRates copies;
    private final CheckPlan plan;

    WorkRates(final CudaDevice device, final Timeline timeline, final CopyRates copies, final CheckPlan plan) {
        this.device = device;
        this.timeline = timeline;
        this.copies = copies;
        this.plan = plan;
    }

    /** Hashing of blocks. */
    GpuReport.RateRow hash(final PipelinedHandler handler, final TaskHandler processor, final CheckFrames frames)
            throws Exception {
        return hash("hash", HashAlgorithm.BLAKE3, plan.blocks(), plan.blockBytes(), handler, processor, frames);
    }

    /** The same bytes in as many blocks as a table takes: each is serial. */
    GpuReport.RateRow sha256(final PipelinedHandler handler, final TaskHandler processor, final CheckFrames frames)
            throws Exception {
        final int blockBytes = Math.max(1, plan.blocks() * plan.blockBytes() / BlockTable.MAX_ENTRIES);
        return hash("sha256", HashAlgorithm.SHA256, BlockTable.MAX_ENTRIES, blockBytes, handler, processor, frames);
    }

    private GpuReport.RateRow hash(
            final String words,
            final HashAlgorithm algorithm,
            final int blocks,
            final int blockBytes,
            final PipelinedHandler handler,
            final TaskHandler processor,
            final CheckFrames frames)
            throws Exception {
        final int begin = BlockTable.dataOffset(blocks);
        final int length = begin + blocks * blockBytes;
        final FramePool pool = frames.pool(FRAMES, length);
        final FramePool outputs = frames.pool(OUTPUTS, (long) blocks * BlockTable.RESULT_LENGTH);
        final List<LoneTask> tasks = new ArrayList<>();
        for (int i = 0; i < FRAMES; i++) {
            final int seed = i;
            final FrameLease frame = frames.put(pool, FrameFormat.BLOCKS, 0, 0, i, length, to -> {
                Comparisons.noise(to, 1_000 + seed);
                BlockTable.header(to, blocks);
                for (int block = 0; block < blocks; block++) {
                    // as the blocks of one file: both values of each are wanted
                    final long chunk = ((long) seed * blocks + block) * (blockBytes / 1_024);
                    BlockTable.entry(to, block, begin + block * blockBytes, blockBytes, chunk, false);
                }
            });
            tasks.add(task(outputs, List.of(frame), new UnsafeBuffer(algorithm.parameters())));
        }
        return row(
                words + ", " + blocks + " blocks of " + blockBytes + " bytes",
                handler,
                right(processor, outputs, tasks),
                tasks,
                length,
                true);
    }

    /** Masks by the difference from the frame before. */
    GpuReport.RateRow mask(
            final PipelinedHandler handler,
            final TaskHandler processor,
            final CheckFrames frames,
            final PixelFormat pixels)
            throws Exception {
        final FrameFormat format = pixels == PixelFormat.RGB8 ? FrameFormat.RGB8 : FrameFormat.GREY8;
        final int length = (int) format.bytes(plan.width(), plan.height());
        final FramePool pool = frames.pool(FRAMES, length);
        final FramePool outputs = frames.pool(OUTPUTS, 1L << 20 | (long) plan.width() * plan.height() / 4);
        final SyntheticScene scene = new SyntheticScene(2, plan.width(), plan.height(), BALLS);
        final List<FrameLease> pictures = new ArrayList<>();
        for (int i = 0; i < FRAMES; i++) {
            final int step = i;
            pictures.add(frames.put(
                    pool, format, plan.width(), plan.height(), i, length, to -> scene.render(0, step, pixels, to, 0)));
        }
        final UnsafeBuffer parameters = new UnsafeBuffer(new byte[MaskRule.ENCODED_LENGTH]);
        new MaskRule(MaskRule.Kind.DIFFERENCE, THRESHOLD, false, 0, 0, MaskRule.DEFAULT_LIST_LIMIT, 0)
                .encode(parameters, 0);
        final List<LoneTask> tasks = new ArrayList<>();
        for (int i = 0; i < FRAMES; i++) {
            // the frame before is that of the task before, as with a camera
            tasks.add(task(outputs, List.of(pictures.get(i), pictures.get((i + FRAMES - 1) % FRAMES)), parameters));
        }
        return row(
                "mask, " + format + " " + plan.width() + " x " + plan.height(),
                handler,
                right(processor, outputs, tasks),
                tasks,
                length,
                true);
    }

    /** Votes of all masks of a step for a cube of voxels. */
    GpuReport.RateRow carve(
            final PipelinedHandler handler,
            final TaskHandler processor,
            final CheckFrames frames,
            final CarveRule.Method method,
            final Comparisons pictures,
            final Comparisons.MaskMaker masks)
            throws Exception {
        final SyntheticScene scene = new SyntheticScene(plan.cameras(), plan.width(), plan.height(), BALLS);
        final int rigLength = scene.rig().encodedLength();
        final List<FrameLease> inputs = new ArrayList<>();
        inputs.add(frames.put(frames.pool(1, rigLength), FrameFormat.RIG, 0, 0, 0, rigLength, to -> scene.rig()
                .encode(to, 0)));
        for (int camera = 0; camera < plan.cameras(); camera++) {
            inputs.add(masks.mask(
                    List.of(
                            pictures.picture(scene, camera, STEP, false),
                            pictures.picture(scene, camera, STEP - 1, false)),
                    MaskRule.difference(THRESHOLD).forCamera(camera)));
        }
        final CarveRule motion = scene.rule(plan.cells());
        final CarveRule rule =
                new CarveRule(motion.grid(), method, motion.minCameras(), motion.peakLimit(), false, 0, 0);
        final UnsafeBuffer parameters = new UnsafeBuffer(new byte[CarveRule.ENCODED_LENGTH]);
        rule.encode(parameters, 0);
        final FramePool outputs = frames.pool(OUTPUTS, 1 << 20);
        final List<LoneTask> tasks = new ArrayList<>();
        for (int i = 0; i < FRAMES; i++) {
            tasks.add(task(outputs, inputs, parameters));
        }
        return row(
                method.name().toLowerCase(Locale.ROOT) + ", " + plan.cells() + " voxels along each axis, "
                        + plan.cameras() + " masks of " + plan.width() + " x " + plan.height(),
                handler,
                right(processor, outputs, tasks),
                tasks,
                inputs.stream().mapToLong(input -> input.buffer().capacity()).sum(),
                false);
    }

    private LoneTask task(final FramePool outputs, final List<FrameLease> inputs, final UnsafeBuffer parameters) {
        return new LoneTask(device, outputs, inputs, parameters);
    }

    /** What each task answers on the processor; tasks that read the same answer the same. */
    private static List<byte[]> right(final TaskHandler processor, final FramePool outputs, final List<LoneTask> tasks)
            throws Exception {
        final List<byte[]> right = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            final LoneTask task = tasks.get(i);
            if (i > 0 && task.input(0) == tasks.get(0).input(0)) {
                right.add(right.get(0));
            } else {
                final List<FrameLease> inputs = new ArrayList<>();
                for (int input = 0; input < task.inputCount(); input++) {
                    inputs.add(task.input(input));
                }
                final LoneTask expected = new LoneTask(new CpuDevice(), outputs, inputs, task.parameters());
                processor.execute(expected);
                right.add(expected.answer());
                expected.reset();
            }
        }
        return right;
    }

    /** A row; beside copies where the bus is what bounds it. */
    private GpuReport.RateRow row(
            final String work,
            final PipelinedHandler handler,
            final List<byte[]> right,
            final List<LoneTask> tasks,
            final long bytes,
            final boolean isStreamed)
            throws Exception {
        final PipelinedRun runs = new PipelinedRun(handler, tasks, right);
        runs.run(WARM_TASKS);
        final double onceNs = runs.run(WARM_TASKS) / (double) WARM_TASKS;
        final int count = (int) Math.max(WARM_TASKS, Math.min(10_000, plan.roundNs() / onceNs));
        final double[] perSecond = new double[plan.rounds()];
        final double[] rates = new double[plan.rounds()];
        final double[] ceilings = new double[plan.rounds()];
        final double[] shares = new double[plan.rounds()];
        final long target = device.memory().allocate(bytes);
        try {
            for (int round = 0; round < plan.rounds(); round++) {
                ceilings[round] = isStreamed ? copies.ceiling(tasks, target, count) : 0;
                perSecond[round] = count * 1e9 / runs.run(count);
                rates[round] = perSecond[round] * bytes / 1e9;
                shares[round] = rates[round] / ceilings[round];
            }
        } finally {
            device.memory().free(target);
        }
        timeline.begin();
        runs.run(TIMED_TASKS);
        final List<Timeline.Span> spans = timeline.end(WAIT_NS);
        final Map<String, Double> kernels = new TreeMap<>();
        long copied = 0;
        for (final Timeline.Span span : spans) {
            if (span.isKernel() || span.words().equals(Timeline.Span.FILL)) {
                kernels.merge(span.words(), span.ms() / TIMED_TASKS, Double::sum);
            } else if (span.words().equals(Timeline.Span.COPY_IN)) {
                copied += span.bytes();
            }
        }
        final double[] gaps = isStreamed ? gaps(spans) : new double[] {-1, -1};
        return new GpuReport.RateRow(
                work,
                bytes,
                Spread.of(perSecond),
                Spread.of(rates),
                isStreamed ? Spread.of(ceilings) : null,
                isStreamed ? Spread.of(shares) : null,
                kernels,
                kernels.values().stream().mapToDouble(Double::doubleValue).sum(),
                copied / TIMED_TASKS,
                gaps[0],
                gaps[1]);
    }

    /** The longest time between copies as a share of what is copied for a task; all of it as a share of the whole. The first tasks fill the ring. */
    static double[] gaps(final List<Timeline.Span> spans) {
        final List<Timeline.Span> copies = spans.stream()
                .filter(span -> span.stream() == GpuStream.COPY && span.words().equals(Timeline.Span.COPY_IN))
                .toList();
        final int skipped = copies.size() * PipelinedHandler.MOST_IN_FLIGHT / TIMED_TASKS;
        if (copies.size() < skipped + 2) {
            return new double[] {-1, -1};
        }
        double largest = 0;
        double idle = 0;
        for (int i = skipped + 1; i < copies.size(); i++) {
            final double gap =
                    Math.max(0, copies.get(i).beginMs() - copies.get(i - 1).endMs());
            largest = Math.max(largest, gap);
            idle += gap;
        }
        final double taskMs = copies.stream().mapToDouble(Timeline.Span::ms).sum() / TIMED_TASKS;
        final double wholeMs =
                copies.get(copies.size() - 1).endMs() - copies.get(skipped).beginMs();
        return new double[] {largest / Math.max(1e-9, taskMs), idle / Math.max(1e-9, wholeMs)};
    }

    /** Sum of the kernels of a row, and of what is made zero for them, whose names begin so. */
    static double kernelMs(final GpuReport.RateRow row, final String... prefixes) {
        return row.kernels().entrySet().stream()
                .filter(kernel -> Arrays.stream(prefixes).anyMatch(kernel.getKey()::startsWith))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }
}
