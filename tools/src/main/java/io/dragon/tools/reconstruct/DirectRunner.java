package io.dragon.tools.reconstruct;

import io.dragon.engine.config.DragonException;
import io.dragon.worker.voxel.CarveResult;
import io.dragon.worker.voxel.CarveStep;
import io.dragon.worker.voxel.Carver;
import io.dragon.worker.voxel.Masker;
import io.dragon.worker.voxel.PixelFormat;
import io.dragon.worker.voxel.VoxelFrame;
import java.util.ArrayDeque;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Masks and carves in the calling thread, without a cluster: the reference that the others must equal bit for bit. */
final class DirectRunner implements StepRunner {
    private final Masker masker = new Masker();
    private final Carver carver = new Carver();
    private final UnsafeBuffer result = new UnsafeBuffer(new byte[512]);
    private final MutableDirectBuffer frame = new ExpandableArrayBuffer();
    private final VoxelFrame voxels = new VoxelFrame();
    private final ArrayDeque<StepInput> steps = new ArrayDeque<>();
    private final int slabs;

    /** A runner that cuts each step into so many slabs. */
    DirectRunner(final int slabs) {
        this.slabs = slabs;
    }

    @Override
    public int window() {
        return 1;
    }

    @Override
    public void submit(final StepInput input) {
        steps.add(input);
    }

    @Override
    public void take(final Consumer consumer) {
        final StepInput input = steps.remove();
        try {
            run(input, consumer);
        } catch (final IllegalArgumentException e) {
            throw new DragonException("Step " + input.step() + ": " + e.getMessage() + ".");
        }
    }

    private void run(final StepInput input, final Consumer consumer) {
        final UnsafeBuffer[] masks = new UnsafeBuffer[input.rig().size()];
        for (int i = 0; i < masks.length; i++) {
            if (input.takesPart(i)) {
                masks[i] = mask(input, i);
            }
        }
        final CarveStep step = new CarveStep(input.carve());
        for (int part = 0; part < slabs; part++) {
            carver.begin(input.rig(), input.carve(), part, slabs);
            for (int i = 0; i < masks.length; i++) {
                if (masks[i] != null) {
                    carver.mask(i, masks[i], 0, masks[i].capacity());
                }
            }
            carver.carve();
            final CarveResult part1 = CarveResult.decode(result, 0, carver.encodeResult(result, 0));
            VoxelFrame view = null;
            if (carver.hasFrame()) {
                final int length = carver.frameLength();
                frame.checkLimit(length);
                carver.encodeFrame(frame, 0);
                view = voxels.wrap(frame, 0, length);
                consumer.onVoxels(input, view);
            }
            step.add(part1, view);
        }
        consumer.onStep(input, step);
    }

    private UnsafeBuffer mask(final StepInput input, final int camera) {
        final Picture picture = input.current()[camera];
        final Picture compared = input.compared()[camera];
        masker.mask(
                input.mask().forCamera(camera),
                PixelFormat.valueOf(picture.format().name()),
                picture.width(),
                picture.height(),
                new UnsafeBuffer(picture.pixels()),
                0,
                picture.pixels().length,
                compared == null ? null : new UnsafeBuffer(compared.pixels()),
                0,
                compared == null ? 0 : compared.pixels().length);
        final UnsafeBuffer mask = new UnsafeBuffer(new byte[masker.encodedLength()]);
        masker.encode(mask, 0);
        return mask;
    }

    @Override
    public void close() {}
}
