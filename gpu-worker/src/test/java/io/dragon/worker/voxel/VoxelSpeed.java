package io.dragon.worker.voxel;

import java.nio.ByteBuffer;
import java.util.Locale;
import org.agrona.concurrent.UnsafeBuffer;

/** How fast masks and carving are on one core, beside a plain copy of the same frames in the same run. Not a test: has a main. */
final class VoxelSpeed {
    private static final int WIDTH = 3840;
    private static final int HEIGHT = 2160;

    private VoxelSpeed() {}

    public static void main(final String[] args) {
        final SyntheticScene scene = new SyntheticScene(2, WIDTH, HEIGHT, 3);
        for (final PixelFormat format : PixelFormat.values()) {
            mask(scene, format);
        }
        carve(CarveRule.Method.SCATTER);
        carve(CarveRule.Method.GATHER);
        carve(CarveRule.Method.HULL);
    }

    private static UnsafeBuffer direct(final long bytes) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect((int) bytes));
    }

    private static void mask(final SyntheticScene scene, final PixelFormat format) {
        final int bytes = WIDTH * HEIGHT * format.bytesPerPixel();
        final UnsafeBuffer before = direct(bytes);
        final UnsafeBuffer now = direct(bytes);
        final UnsafeBuffer out = direct(2L * bytes + (1 << 20));
        scene.render(0, 1, format, before, 0);
        scene.render(0, 2, format, now, 0);
        final Masker masker = new Masker();
        final MaskRule rule = MaskRule.difference(12);
        long copyNs = Long.MAX_VALUE;
        long maskNs = Long.MAX_VALUE;
        for (int i = 0; i < 25; i++) {
            long start = System.nanoTime();
            out.putBytes(0, before, 0, bytes);
            out.putBytes(bytes, now, 0, bytes);
            copyNs = Math.min(copyNs, System.nanoTime() - start);
            start = System.nanoTime();
            masker.mask(rule, format, WIDTH, HEIGHT, now, 0, bytes, before, 0, bytes);
            masker.encode(out, 0);
            maskNs = Math.min(maskNs, System.nanoTime() - start);
        }
        System.out.printf(
                Locale.ROOT,
                "mask %-6s %dx%d: %6.0f MB/s of both frames, copy of both %6.0f MB/s, ratio %.2f%n",
                format,
                WIDTH,
                HEIGHT,
                2e3 * bytes / maskNs,
                2e3 * bytes / copyNs,
                (double) copyNs / maskNs);
    }

    private static void carve(final CarveRule.Method method) {
        final SyntheticScene scene = new SyntheticScene(20, 960, 540, 3);
        final Pipeline pipeline = new Pipeline();
        final UnsafeBuffer[] masks = pipeline.masks(scene, PixelFormat.GREY8, MaskRule.difference(12), 2);
        long pixels = 0;
        for (final UnsafeBuffer mask : masks) {
            pixels += new MaskFrame().wrap(mask, 0, mask.capacity()).count();
        }
        final CarveRule rule = new CarveRule(scene.grid(128), method, 5, CarveResult.INLINE_PEAKS, false, 0, 0);
        for (final boolean skipping : new boolean[] {true, false}) {
            if (!skipping && method == CarveRule.Method.SCATTER) {
                break;
            }
            final Carver carver = new Carver();
            carver.gather().skipping(skipping);
            long best = Long.MAX_VALUE;
            for (int i = 0; i < (skipping ? 20 : 3); i++) {
                final long start = System.nanoTime();
                carver.begin(scene.rig(), rule, 0, 1);
                for (int camera = 0; camera < masks.length; camera++) {
                    carver.mask(camera, masks[camera], 0, masks[camera].capacity());
                }
                carver.carve();
                best = Math.min(best, System.nanoTime() - start);
            }
            System.out.printf(
                    Locale.ROOT,
                    "%s 128^3, 20 cameras 960x540, %d pixels in masks%s: %.1f ms%n",
                    method,
                    pixels,
                    method == CarveRule.Method.SCATTER
                            ? ""
                            : skipping ? ", empty blocks skipped" : ", every voxel looked at",
                    best / 1e6);
        }
    }
}
