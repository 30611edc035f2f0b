package io.dragon.worker.check;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FramePool;
import io.dragon.worker.HandlerContext;
import io.dragon.worker.LoneTask;
import io.dragon.worker.PipelinedHandler;
import io.dragon.worker.TaskHandler;
import io.dragon.worker.device.CpuDevice;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.hash.BlockTable;
import io.dragon.worker.hash.HashAlgorithm;
import io.dragon.worker.hash.HashHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * How much faster two GPUs are than one: blocks hashed by each alone, and by both at the same time, round by round, each from frame pools of its
 * own and on a thread of its own. The sum of both is divided by what the faster one does alone.
 */
final class PairRate {
    /** One more than can be on their way. */
    private static final int FRAMES = PipelinedHandler.MOST_IN_FLIGHT + 1;

    private static final int WARM_TASKS = 4;
    private static final int MOST_TASKS = 10_000;

    private final DragonDirectory directory;
    private final CheckPlan plan;
    private final Function<CudaDevice, HandlerContext> contexts;

    PairRate(
            final DragonDirectory directory,
            final CheckPlan plan,
            final Function<CudaDevice, HandlerContext> contexts) {
        this.directory = directory;
        this.plan = plan;
        this.contexts = contexts;
    }

    /** Tasks of both a second over those of the faster one alone, in each round. */
    Spread measure(final CudaDevice first, final CudaDevice second) throws Exception {
        final List<Side> sides = List.of(new Side(first), new Side(second));
        try {
            for (final Side side : sides) {
                wait(side.thread.submit(side::open));
            }
            final double[] ratios = new double[plan.rounds()];
            for (int round = 0; round < ratios.length; round++) {
                double fastest = 0;
                for (final Side side : sides) {
                    fastest = Math.max(fastest, wait(side.thread.submit(side::perSecond)));
                }
                final List<Future<Double>> both = new ArrayList<>();
                sides.forEach(side -> both.add(side.thread.submit(side::perSecond)));
                double sum = 0;
                for (final Future<Double> rate : both) {
                    sum += wait(rate);
                }
                ratios[round] = sum / fastest;
            }
            return Spread.of(ratios);
        } finally {
            for (final Side side : sides) {
                side.thread.submit(side::close);
                side.thread.shutdown();
            }
            for (final Side side : sides) {
                side.thread.awaitTermination(PipelinedRun.LONGEST_NS, TimeUnit.NANOSECONDS);
            }
        }
    }

    private static <T> T wait(final Future<T> future) throws Exception {
        try {
            return future.get();
        } catch (final ExecutionException ex) {
            if (ex.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw ex;
        }
    }

    /** One GPU, its frames, and the thread that uses it. */
    private final class Side {
        private final CudaDevice device;
        private final ExecutorService thread = Executors.newSingleThreadExecutor(runnable -> {
            final Thread made = new Thread(runnable, "gpu-check-pair");
            made.setDaemon(true);
            return made;
        });
        private CheckFrames frames;
        private TaskHandler handler;
        private PipelinedRun runs;
        private int count;

        Side(final CudaDevice device) {
            this.device = device;
        }

        private Void open() throws Exception {
            frames = new CheckFrames(directory);
            final PipelinedHandler pipelined = (PipelinedHandler) new HashHandler().on(device);
            handler = pipelined;
            pipelined.open(contexts.apply(device));
            final int blocks = plan.blocks();
            final int begin = BlockTable.dataOffset(blocks);
            final int length = begin + blocks * plan.blockBytes();
            final FramePool pool = frames.pool(FRAMES, length);
            final FramePool outputs = frames.pool(FRAMES + 1, (long) blocks * BlockTable.RESULT_LENGTH);
            final UnsafeBuffer parameters = new UnsafeBuffer(HashAlgorithm.BLAKE3.parameters());
            final List<LoneTask> tasks = new ArrayList<>();
            final List<byte[]> right = new ArrayList<>();
            try (HashHandler processor = new HashHandler()) {
                for (int i = 0; i < FRAMES; i++) {
                    final int seed = i;
                    final FrameLease frame = frames.put(pool, FrameFormat.BLOCKS, 0, 0, i, length, to -> {
                        Comparisons.noise(to, 2_000 + seed);
                        BlockTable.header(to, blocks);
                        for (int block = 0; block < blocks; block++) {
                            BlockTable.entry(to, block, begin + block * plan.blockBytes(), plan.blockBytes(), 0, true);
                        }
                    });
                    tasks.add(new LoneTask(device, outputs, List.of(frame), parameters));
                    final LoneTask expected = new LoneTask(new CpuDevice(), outputs, List.of(frame), parameters);
                    processor.execute(expected);
                    right.add(expected.answer());
                    expected.reset();
                }
            }
            runs = new PipelinedRun(pipelined, tasks, right);
            runs.run(WARM_TASKS);
            final double onceNs = runs.run(WARM_TASKS) / (double) WARM_TASKS;
            count = (int) Math.max(WARM_TASKS, Math.min(MOST_TASKS, plan.roundNs() / onceNs));
            return null;
        }

        private double perSecond() throws Exception {
            return count * 1e9 / runs.run(count);
        }

        private Void close() {
            try {
                if (handler != null) {
                    handler.close();
                }
            } finally {
                if (frames != null) {
                    frames.close();
                }
            }
            return null;
        }
    }
}
