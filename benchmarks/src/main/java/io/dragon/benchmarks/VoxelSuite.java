package io.dragon.benchmarks;

import io.dragon.benchmarks.harness.Better;
import io.dragon.benchmarks.harness.Contest;
import io.dragon.benchmarks.harness.Sample;
import io.dragon.benchmarks.harness.Suite;
import io.dragon.benchmarks.harness.SuiteRun;
import io.dragon.worker.voxel.CarveRule;
import io.dragon.worker.voxel.Carver;
import io.dragon.worker.voxel.MaskRule;
import io.dragon.worker.voxel.Masker;
import io.dragon.worker.voxel.PixelFormat;
import io.dragon.worker.voxel.SyntheticScene;
import java.nio.ByteBuffer;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The kernels of the reconstruction on one CPU core, beside copying the frames that they are about: a mark of memory speed that divides the
 * machine out.
 */
final class VoxelSuite implements Suite {
    private static final String NAME = "voxel";
    private static final String COPY = "copying both frames";
    private static final String COPY_STEP = "copying the frames of the step";
    private static final String MASK = "mask, scalar";
    private static final String VECTOR_MASK = "mask, vectorised";
    private static final String SCATTER = "scatter";
    private static final String GATHER = "gather";
    private static final String FRAMES = "frames";
    private static final String RATE = "MB/s of frames";
    private static final double SECONDS = 1;
    private static final double WARM_UP_SECONDS = 1.5;
    private static final int ROUNDS = 5;
    private static final int WARM_UPS = 1;
    private static final int CAMERAS = 20;
    private static final int WIDTH = 960;
    private static final int HEIGHT = 540;
    private static final int BALLS = 3;
    private static final int CELLS = 128;
    private static final int LEAST_CAMERAS = 5;
    private static final int PEAKS = 64;
    private static final int STEP = 2;
    private static final String SOURCE = "10 to 50 ms a frame (on a GPU)";

    private double seconds;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String about() {
        return "mask, scatter and gather on one core, beside copying their frames";
    }

    @Override
    public void run(final SuiteRun run) throws Exception {
        seconds = run.seconds(SECONDS);
        final MaskBenchmark masks = new MaskBenchmark();
        final MaskBenchmark.Frames frames = new MaskBenchmark.Frames();
        final MaskBenchmark.Mask mask = MaskBenchmark.Mask.of("scalar");
        final MaskBenchmark.Mask vectors = vectors();
        final MaskBenchmark.Copies copies = new MaskBenchmark.Copies();
        final Step step = new Step();
        final double pair = 2.0 * MaskBenchmark.WIDTH * MaskBenchmark.HEIGHT;
        final Contest contest = new Contest(NAME)
                .side(MASK, round -> rate(round, pair, () -> masks.greyMask(frames, mask)))
                .side(
                        COPY,
                        round ->
                                rate(round, pair, () -> 1 + Byte.toUnsignedInt(masks.copyOfBothFrames(frames, copies))))
                .side(SCATTER, round -> rate(round, Step.BYTES, () -> step.carve(CarveRule.Method.SCATTER)))
                .side(GATHER, round -> rate(round, Step.BYTES, () -> step.carve(CarveRule.Method.GATHER)))
                .side(COPY_STEP, round -> rate(round, Step.BYTES, step::copy));
        if (vectors != null) {
            contest.side(VECTOR_MASK, round -> rate(round, pair, () -> masks.greyMask(frames, vectors)));
        }
        contest.run(WARM_UPS, run.rounds(ROUNDS), run::say);
        for (final String kind : vectors == null ? new String[] {MASK} : new String[] {MASK, VECTOR_MASK}) {
            run.add(contest.row(kind + ", grey, 3840x2160", kind, FRAMES, COPY, FRAMES, COPY, RATE, Better.HIGHER)
                    .withSource(SOURCE));
        }
        for (final String kernel : new String[] {SCATTER, GATHER}) {
            run.add(contest.row(
                            kernel + ", 128^3 voxels, 20 cameras of 960x540",
                            kernel,
                            FRAMES,
                            COPY_STEP,
                            FRAMES,
                            COPY_STEP,
                            RATE,
                            Better.HIGHER)
                    .withSource(SOURCE));
        }
        run.remark(
                vectors == null
                        ? "voxel: this Java has no Vector API, so there is no vectorised mask; it is to reach 0.4"
                        : "voxel: vectorised masks use the " + vectors.description()
                                + "; a worker uses them once they are the faster");
    }

    private static MaskBenchmark.Mask vectors() {
        try {
            return MaskBenchmark.Mask.of("vector");
        } catch (final ReflectiveOperationException | LinkageError ex) {
            return null;
        }
    }

    /** Gives something that depends on the result, and is not 0. */
    private interface Kernel {
        int run();
    }

    private Map<String, Sample> rate(final int round, final double bytes, final Kernel kernel) {
        final long beginNs = System.nanoTime();
        final long lengthNs = (long) ((round < 0 ? Math.max(seconds, WARM_UP_SECONDS) : seconds) * 1e9);
        int times = 0;
        long nowNs = beginNs;
        while (times == 0 || nowNs - beginNs < lengthNs) {
            if (kernel.run() == 0) {
                throw new IllegalStateException("a kernel has found nothing");
            }
            times++;
            nowNs = System.nanoTime();
        }
        return Map.of(FRAMES, Sample.of(bytes * times / (nowNs - beginNs) * 1e3));
    }

    /** The masks of one step of moving balls, and the frames that they were made of. */
    private static final class Step {
        private static final int FRAME = WIDTH * HEIGHT;
        static final double BYTES = 2.0 * CAMERAS * FRAME;

        private final SyntheticScene scene = new SyntheticScene(CAMERAS, WIDTH, HEIGHT, BALLS);
        private final UnsafeBuffer[] masks = new UnsafeBuffer[CAMERAS];
        private final UnsafeBuffer frames = direct((int) BYTES);
        private final UnsafeBuffer copies = direct((int) BYTES);
        private final UnsafeBuffer result = direct(1 << 20);
        private final Carver carver = new Carver();

        Step() {
            final Masker masker = new Masker();
            final MaskRule rule = MaskRule.difference(MaskBenchmark.THRESHOLD);
            for (int camera = 0; camera < CAMERAS; camera++) {
                final int before = 2 * camera * FRAME;
                final int now = before + FRAME;
                scene.render(camera, STEP - 1, PixelFormat.GREY8, frames, before);
                scene.render(camera, STEP, PixelFormat.GREY8, frames, now);
                masker.mask(rule, PixelFormat.GREY8, WIDTH, HEIGHT, frames, now, FRAME, frames, before, FRAME);
                masks[camera] = direct(masker.encodedLength());
                masker.encode(masks[camera], 0);
            }
        }

        int carve(final CarveRule.Method method) {
            final CarveRule rule = new CarveRule(scene.grid(CELLS), method, LEAST_CAMERAS, PEAKS, false, 0, 0);
            carver.begin(scene.rig(), rule, 0, 1);
            for (int camera = 0; camera < CAMERAS; camera++) {
                carver.mask(camera, masks[camera], 0, masks[camera].capacity());
            }
            carver.carve();
            return carver.encodeResult(result, 0);
        }

        int copy() {
            copies.putBytes(0, frames, 0, (int) BYTES);
            return 1 + Byte.toUnsignedInt(copies.getByte((int) BYTES - 1));
        }

        private static UnsafeBuffer direct(final int length) {
            return new UnsafeBuffer(ByteBuffer.allocateDirect(length));
        }
    }
}
