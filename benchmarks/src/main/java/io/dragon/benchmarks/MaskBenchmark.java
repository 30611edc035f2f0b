package io.dragon.benchmarks;

import io.dragon.worker.voxel.MaskRule;
import io.dragon.worker.voxel.Masker;
import io.dragon.worker.voxel.PixelFormat;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The mask of a grey 4K frame against the one before, encoded as its task's result. A noisy background below the threshold,
 * and a bright square that has moved: half a percent of the pixels differ, and those where it was are told from those where it is. The baseline copies both frames.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MaskBenchmark {
    static final int WIDTH = 3840;
    static final int HEIGHT = 2160;
    static final int THRESHOLD = 12;

    private static final int LENGTH = WIDTH * HEIGHT;
    private static final int SIDE = 150;
    private static final int BACKGROUND = 60;
    private static final int NOISE = 6;
    private static final int BRIGHT = 180;

    /** Two frames. */
    @State(Scope.Thread)
    public static class Frames {
        private final UnsafeBuffer before = frame(1, 1000);
        private final UnsafeBuffer now = frame(2, 1400);

        UnsafeBuffer before() {
            return before;
        }

        UnsafeBuffer now() {
            return now;
        }
    }

    /** A maker of masks, and where the mask goes. */
    @State(Scope.Thread)
    public static class Mask {
        @Param({"scalar", "vector"})
        public String kind;

        private Masker masker;
        private final MaskRule rule = MaskRule.difference(THRESHOLD);
        private final UnsafeBuffer encoded = direct(LENGTH);

        @Setup
        public void open() throws ReflectiveOperationException {
            masker = "vector".equals(kind) ? Masker.vectors() : Masker.scalar();
        }

        String description() {
            return masker.description();
        }

        static Mask of(final String kind) throws ReflectiveOperationException {
            final Mask mask = new Mask();
            mask.kind = kind;
            mask.open();
            return mask;
        }

        UnsafeBuffer encoded() {
            return encoded;
        }
    }

    /** Where the copies go. */
    @State(Scope.Thread)
    public static class Copies {
        private final UnsafeBuffer before = direct(LENGTH);
        private final UnsafeBuffer now = direct(LENGTH);

        UnsafeBuffer before() {
            return before;
        }

        UnsafeBuffer now() {
            return now;
        }
    }

    /**
     * One mask.
     *
     * @param frames the frames
     * @param mask   where it goes
     * @return bytes of the encoded mask
     */
    @Benchmark
    public int greyMask(final Frames frames, final Mask mask) {
        mask.masker.mask(mask.rule, PixelFormat.GREY8, WIDTH, HEIGHT, frames.now, 0, LENGTH, frames.before, 0, LENGTH);
        return mask.masker.encode(mask.encoded, 0);
    }

    /**
     * Both frames copied.
     *
     * @param frames the frames
     * @param copies where they go
     * @return a byte of a copy
     */
    @Benchmark
    public byte copyOfBothFrames(final Frames frames, final Copies copies) {
        copies.before.putBytes(0, frames.before, 0, LENGTH);
        copies.now.putBytes(0, frames.now, 0, LENGTH);
        return copies.now.getByte(LENGTH - 1);
    }

    private static UnsafeBuffer direct(final int length) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(length));
    }

    private static UnsafeBuffer frame(final long seed, final int left) {
        final UnsafeBuffer frame = direct(LENGTH);
        final Random random = new Random(seed);
        for (int i = 0; i < LENGTH; i++) {
            frame.putByte(i, (byte) (BACKGROUND + random.nextInt(NOISE)));
        }
        for (int y = 0; y < SIDE; y++) {
            frame.setMemory((800 + y) * WIDTH + left, SIDE, (byte) BRIGHT);
        }
        return frame;
    }
}
