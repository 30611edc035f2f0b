package io.dragon.worker.voxel;

import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/** Mask and carve in one thread, without frames or tasks. */
final class Pipeline {
    private final Masker masker = new Masker();
    private final Carver carver = new Carver();
    private final UnsafeBuffer result = new UnsafeBuffer(new byte[512]);

    static UnsafeBuffer render(
            final SyntheticScene scene, final PixelFormat format, final int camera, final long step) {
        final Camera c = scene.rig().camera(camera);
        final UnsafeBuffer frame = new UnsafeBuffer(new byte[c.width() * c.height() * format.bytesPerPixel()]);
        scene.render(camera, step, format, frame, 0);
        return frame;
    }

    UnsafeBuffer mask(
            final MaskRule rule,
            final PixelFormat format,
            final int width,
            final int height,
            final UnsafeBuffer frame,
            final UnsafeBuffer compared) {
        masker.mask(
                rule,
                format,
                width,
                height,
                frame,
                0,
                frame.capacity(),
                compared,
                0,
                compared == null ? 0 : compared.capacity());
        final UnsafeBuffer mask = new UnsafeBuffer(new byte[masker.encodedLength()]);
        masker.encode(mask, 0);
        return mask;
    }

    UnsafeBuffer[] masks(final SyntheticScene scene, final PixelFormat format, final MaskRule rule, final long step) {
        final UnsafeBuffer[] masks = new UnsafeBuffer[scene.rig().size()];
        for (int i = 0; i < masks.length; i++) {
            final Camera c = scene.rig().camera(i);
            masks[i] = mask(
                    rule,
                    format,
                    c.width(),
                    c.height(),
                    render(scene, format, i, step),
                    render(scene, format, i, step - 1));
        }
        return masks;
    }

    /** Carve in slabs and put them together; also all runs of voxels, in the order of slabs. */
    Outcome carve(final Rig rig, final CarveRule rule, final UnsafeBuffer[] masks, final int parts) {
        final CarveStep step = new CarveStep(rule);
        final int cells = (int) rule.grid().voxels();
        final int[] bits = new int[cells];
        final int[] sums = new int[cells];
        for (int part = 0; part < parts; part++) {
            carver.begin(rig, rule, part, parts);
            for (int i = 0; i < masks.length; i++) {
                if (masks[i] != null) {
                    carver.mask(i, masks[i], 0, masks[i].capacity());
                }
            }
            carver.carve();
            final int length = carver.encodeResult(result, 0);
            VoxelFrame frame = null;
            if (carver.hasFrame()) {
                final UnsafeBuffer encoded = new UnsafeBuffer(new byte[carver.frameLength()]);
                carver.encodeFrame(encoded, 0);
                frame = new VoxelFrame().wrap(encoded, 0, encoded.capacity());
                frame.forEachRun((index, run, cameraBits, sum) -> {
                    Arrays.fill(bits, index, index + run, cameraBits);
                    Arrays.fill(sums, index, index + run, sum);
                });
            }
            step.add(CarveResult.decode(result, 0, length), frame);
        }
        return new Outcome(step, bits, sums);
    }

    Carver carver() {
        return carver;
    }

    record Outcome(CarveStep step, int[] bits, int[] sums) {}
}
