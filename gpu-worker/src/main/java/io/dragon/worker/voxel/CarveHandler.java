package io.dragon.worker.voxel;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import io.dragon.worker.TaskContext;
import io.dragon.worker.TaskFailedException;
import io.dragon.worker.TaskHandler;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.Device;
import org.agrona.DirectBuffer;

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
    private final DecodedRig rigs = new DecodedRig();

    /** A handler. */
    public CarveHandler() {}

    @Override
    public String taskType() {
        return TYPE;
    }

    @Override
    public TaskHandler on(final Device device) {
        return device instanceof CudaDevice cuda ? new GpuCarve(cuda) : this;
    }

    /** The frame of the rig. */
    static FrameLease rigFrame(final TaskContext task) throws TaskFailedException {
        final FrameLease rigFrame = task.inputCount() > 0 ? task.input(0) : null;
        if (rigFrame == null || rigFrame.format() != FrameFormat.RIG) {
            throw new TaskFailedException(Reason.BAD_INPUT, "carve: the first input must be the rig");
        }
        return rigFrame;
    }

    @Override
    public void execute(final TaskContext task) throws TaskFailedException {
        final FrameLease rigFrame = rigFrame(task);
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
        begin(task, carver, rigs.of(rigFrame), rule, mask, null);
        carver.carve();
        finish(task, carver, null);
    }

    /**
     * Gives a carver what a task is about.
     *
     * @param scratch  to look at masks with
     * @param byCamera receives the frames of the masks; may be null
     */
    static void begin(
            final TaskContext task,
            final Carver carver,
            final Rig rig,
            final CarveRule rule,
            final MaskFrame scratch,
            final FrameLease[] byCamera) {
        final boolean ruleSaysSlab = rule.parts() > 0;
        carver.begin(
                rig,
                rule,
                ruleSaysSlab ? rule.part() : task.part(),
                ruleSaysSlab ? rule.parts() : Math.max(task.parts(), 1),
                task.split());
        for (int i = 1; i < task.inputCount(); i++) {
            final FrameLease input = task.input(i);
            if (input != null) {
                final int length = input.ref().length();
                scratch.wrap(input.buffer(), 0, length);
                final int camera = scratch.camera() >= 0 ? scratch.camera() : task.inputSource(i);
                carver.mask(camera, input.buffer(), 0, length);
                if (byCamera != null) {
                    byCamera[camera] = input;
                }
            }
        }
    }

    /**
     * Writes the result of a task.
     *
     * @param runs of voxels that were found elsewhere; null: the carver's own
     */
    static void finish(final TaskContext task, final Carver carver, final DirectBuffer runs)
            throws TaskFailedException {
        task.inlineResultLength(carver.encodeResult(task.inlineResult(), 0));
        if (carver.hasFrame()) {
            final FrameClaim output = task.claimOutput(carver.frameLength())
                    .format(FrameFormat.VOXELS)
                    .width(0)
                    .height(0)
                    .step(task.step());
            output.metadataLength(0);
            carver.encodeFrame(output.buffer(), 0, runs);
        }
    }
}
