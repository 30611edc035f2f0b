package io.dragon.worker.voxel;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * The mask of a frame of moving balls, and the rays of its pixels that walk the grid. The frame is small, so that there are operations enough to
 * see whether each of them allocates. The baseline copies the two frames of which the mask is made.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class VoxelBenchmark {
    static final int WIDTH = 480;
    static final int HEIGHT = 270;

    private static final int LENGTH = WIDTH * HEIGHT;
    private static final int CELLS = 64;
    private static final int CAMERAS = 4;
    private static final int BALLS = 3;
    private static final int CAMERA = 0;
    private static final int THRESHOLD = 12;

    /** Two frames of one camera, and their mask. */
    @State(Scope.Thread)
    public static class Frames {
        final SyntheticScene scene = new SyntheticScene(CAMERAS, WIDTH, HEIGHT, BALLS);
        final UnsafeBuffer before = direct();
        final UnsafeBuffer now = direct();
        final UnsafeBuffer copyBefore = direct();
        final UnsafeBuffer copyNow = direct();
        final Masker masker = Masker.scalar();
        final MaskRule rule = MaskRule.difference(THRESHOLD);
        final UnsafeBuffer encoded;
        final MaskFrame mask;
        final SlabVotes votes = new SlabVotes();
        final Scatter scatter = new Scatter();
        final Camera camera;
        final Grid grid = scene.grid(CELLS);

        public Frames() {
            scene.render(CAMERA, 1, PixelFormat.GREY8, before, 0);
            scene.render(CAMERA, 2, PixelFormat.GREY8, now, 0);
            masker.mask(rule, PixelFormat.GREY8, WIDTH, HEIGHT, now, 0, LENGTH, before, 0, LENGTH);
            encoded = new UnsafeBuffer(ByteBuffer.allocateDirect(masker.encodedLength()));
            mask = new MaskFrame().wrap(encoded, 0, masker.encode(encoded, 0));
            camera = scene.rig().camera(CAMERA);
        }

        private static UnsafeBuffer direct() {
            return new UnsafeBuffer(ByteBuffer.allocateDirect(LENGTH));
        }
    }

    /**
     * One mask, encoded as its task's result.
     *
     * @param frames the frames
     * @return its bytes
     */
    @Benchmark
    public int mask(final Frames frames) {
        frames.masker.mask(
                frames.rule, PixelFormat.GREY8, WIDTH, HEIGHT, frames.now, 0, LENGTH, frames.before, 0, LENGTH);
        return frames.masker.encode(frames.encoded, 0);
    }

    /**
     * The rays of all pixels of the mask through the whole grid.
     *
     * @param frames the frames
     * @return how many voxels they have met
     */
    @Benchmark
    public int rays(final Frames frames) {
        frames.votes.reset(frames.grid, 0, frames.grid.nx());
        frames.scatter.begin(frames.votes);
        frames.scatter.add(frames.camera, 1, frames.mask);
        return frames.votes.touchedCount();
    }

    /**
     * Both frames copied.
     *
     * @param frames the frames
     * @return a byte of a copy
     */
    @Benchmark
    public byte copyOfBothFrames(final Frames frames) {
        frames.copyBefore.putBytes(0, frames.before, 0, LENGTH);
        frames.copyNow.putBytes(0, frames.now, 0, LENGTH);
        return frames.copyNow.getByte(LENGTH - 1);
    }
}
