package io.dragon.worker;

import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameLease;
import org.agrona.DirectBuffer;

/**
 * The {@code echo} task type: its inline result is the beginning of its parameters, and its outputs are copies of its first eight
 * inputs. Shows that what goes in comes out.
 */
public final class EchoHandler implements TaskHandler {
    /** Name of the task type. */
    public static final String TYPE = "echo";

    /** A handler. */
    public EchoHandler() {}

    @Override
    public String taskType() {
        return TYPE;
    }

    @Override
    public void execute(final TaskContext task) throws TaskFailedException {
        final int length = Math.min(task.parametersLength(), TaskContext.MAX_INLINE_RESULT);
        task.inlineResult().putBytes(0, task.parameters(), 0, length);
        task.inlineResultLength(length);
        for (int i = 0, outputs = 0; i < task.inputCount() && outputs < TaskContext.MAX_OUTPUTS; i++) {
            final FrameLease input = task.input(i);
            if (input != null) {
                copy(input, task);
                outputs++;
            }
        }
    }

    private static void copy(final FrameLease input, final TaskContext task) throws TaskFailedException {
        final DirectBuffer pixels = input.buffer();
        final int length = input.ref().length();
        final FrameClaim output = task.claimOutput(length)
                .format(input.format())
                .width(input.width())
                .height(input.height())
                .camera(input.camera())
                .step(input.step());
        output.buffer().putBytes(0, pixels, 0, length);
        output.metadata().putBytes(0, input.metadata(), 0, input.metadataLength());
        output.metadataLength(input.metadataLength());
    }
}
