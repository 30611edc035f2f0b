package io.dragon.worker.voxel;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameRef;
import io.dragon.worker.TaskContext;
import io.dragon.worker.TaskFailedException;
import io.dragon.worker.TaskHandler;

/**
 * The {@code carve} task type. Inputs: the rig (format RIG), then masks. A mask belongs to the camera it names, or else to the one its
 * place says ({@link TaskContext#inputSource}). Parameters: a {@link CarveRule}. Inline result: a {@link CarveResult}; output, when
 * there is more to say: one frame of format VOXELS, as {@link VoxelFrame} reads it. {@link TaskContext#split} cuts the slab.
 */
public final class CarveHandler implements TaskHandler {
    /** Name of the task type. */
    public static final String TYPE = "carve";

    private Carver carver = new Carver();
    private final MaskFrame mask = new MaskFrame();
    private final FrameRef rigRef = new FrameRef();
    private Rig rig;

    /** A handler. */
    public CarveHandler() {}

    @Override
    public String taskType() {
        return TYPE;
    }

    @Override
    public void execute(final TaskContext task) throws TaskFailedException {
        final FrameLease rigFrame = task.inputCount() > 0 ? task.input(0) : null;
        if (rigFrame == null || rigFrame.format() != FrameFormat.RIG) {
            throw new TaskFailedException(Reason.BAD_INPUT, "carve: the first input must be the rig");
        }
        try {
            carve(task, rigFrame);
        } catch (final IllegalArgumentException e) {
            throw new TaskFailedException(Reason.BAD_INPUT, e.getMessage());
        } catch (final OutOfMemoryError e) {
            carver = new Carver();
            throw new TaskFailedException(
                    Reason.OUT_OF_MEMORY,
                    "carve: the slab does not fit into memory in " + task.split()
                            + (task.split() == 1 ? " piece" : " pieces") + ": cut the grid into more slabs");
        }
    }

    private void carve(final TaskContext task, final FrameLease rigFrame) throws TaskFailedException {
        final CarveRule rule = CarveRule.decode(task.parameters(), 0, task.parametersLength());
        final boolean ruleSaysSlab = rule.parts() > 0;
        carver.begin(
                rig(rigFrame),
                rule,
                ruleSaysSlab ? rule.part() : task.part(),
                ruleSaysSlab ? rule.parts() : Math.max(task.parts(), 1),
                task.split());
        for (int i = 1; i < task.inputCount(); i++) {
            final FrameLease input = task.input(i);
            if (input != null) {
                final int length = input.ref().length();
                mask.wrap(input.buffer(), 0, length);
                final int camera = mask.camera() >= 0 ? mask.camera() : task.inputSource(i);
                carver.mask(camera, input.buffer(), 0, length);
            }
        }
        carver.carve();
        task.inlineResultLength(carver.encodeResult(task.inlineResult(), 0));
        if (carver.hasFrame()) {
            final FrameClaim output = task.claimOutput(carver.frameLength())
                    .format(FrameFormat.VOXELS)
                    .width(0)
                    .height(0)
                    .step(task.step());
            output.metadataLength(0);
            carver.encodeFrame(output.buffer(), 0);
        }
    }

    /** The rig of a job stays the same frame for all its steps, and is decoded once. */
    private Rig rig(final FrameLease frame) {
        final FrameRef ref = frame.ref();
        if (rig == null
                || ref.poolId() != rigRef.poolId()
                || ref.sequence() != rigRef.sequence()
                || ref.slot() != rigRef.slot()) {
            rig = Rig.decode(frame.buffer(), 0, ref.length());
            rigRef.set(ref);
        }
        return rig;
    }
}
