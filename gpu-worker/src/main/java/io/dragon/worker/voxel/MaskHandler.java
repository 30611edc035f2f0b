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

/**
 * The {@code mask} task type. Inputs: the frame, then the frame before or a background picture. Parameters: a {@link MaskRule}.
 * Output: one frame of format MASK, as {@link MaskFrame} reads it. Inline result: the number of pixels in the mask, i32.
 * {@link TaskContext#split} changes nothing: frames are read where they lie, and what is allocated is the mask itself.
 */
public final class MaskHandler implements TaskHandler {
    /** Name of the task type. */
    public static final String TYPE = "mask";

    private final Masker masker = new Masker();

    /** A handler. */
    public MaskHandler() {}

    @Override
    public String taskType() {
        return TYPE;
    }

    @Override
    public TaskHandler on(final Device device) {
        return device instanceof CudaDevice cuda ? new GpuMask(cuda) : this;
    }

    @Override
    public void execute(final TaskContext task) throws TaskFailedException {
        final FrameLease frame = frame(task);
        try {
            final MaskRule rule = MaskRule.decode(task.parameters(), 0, task.parametersLength());
            if (begin(masker, rule, frame, compared(task))) {
                masker.mask();
            }
            finish(task, frame, masker);
        } catch (final IllegalArgumentException e) {
            throw new TaskFailedException(Reason.BAD_INPUT, e.getMessage());
        }
    }

    /** The frame to work on. */
    static FrameLease frame(final TaskContext task) throws TaskFailedException {
        final FrameLease frame = task.inputCount() > 0 ? task.input(0) : null;
        if (frame == null) {
            throw new TaskFailedException(Reason.BAD_INPUT, "mask: there is no frame to work on");
        }
        return frame;
    }

    /** What it is compared with, or null. */
    static FrameLease compared(final TaskContext task) {
        return task.inputCount() > 1 ? task.input(1) : null;
    }

    /** Writes the result of a task. */
    static void finish(final TaskContext task, final FrameLease frame, final Masker masker) throws TaskFailedException {
        final FrameClaim output = task.claimOutput(masker.encodedLength())
                .format(FrameFormat.MASK)
                .width(frame.width())
                .height(frame.height())
                .camera(frame.camera())
                .step(frame.step());
        output.metadataLength(0);
        masker.encode(output.buffer(), 0);
        task.inlineResult().putInt(0, masker.count(), Wire.ORDER);
        task.inlineResultLength(4);
    }

    /** False when there is nothing to compare, and the mask is empty. */
    static boolean begin(final Masker masker, final MaskRule rule, final FrameLease frame, final FrameLease compared) {
        if (compared != null
                && (compared.format() != frame.format()
                        || compared.width() != frame.width()
                        || compared.height() != frame.height())) {
            throw new IllegalArgumentException("mask: a frame of " + frame.width() + " x " + frame.height() + " "
                    + frame.format() + " cannot be compared with one of " + compared.width() + " x "
                    + compared.height() + " " + compared.format());
        }
        return masker.begin(
                rule,
                pixelFormat(frame.format()),
                frame.width(),
                frame.height(),
                frame.buffer(),
                0,
                frame.ref().length(),
                compared == null ? null : compared.buffer(),
                0,
                compared == null ? 0 : compared.ref().length());
    }

    /** How the pixels of a frame are read. */
    static PixelFormat pixelFormat(final FrameFormat format) {
        return switch (format) {
            case GREY8, BAYER_RGGB8 -> PixelFormat.GREY8;
            case RGB8 -> PixelFormat.RGB8;
            case RGB32F -> PixelFormat.RGB32F;
            case GREY16 -> PixelFormat.GREY16;
            default -> throw new IllegalArgumentException("mask: a frame of format " + format + " has no pixels");
        };
    }

    @Override
    public String toString() {
        return "MaskHandler{" + masker.description() + '}';
    }
}
