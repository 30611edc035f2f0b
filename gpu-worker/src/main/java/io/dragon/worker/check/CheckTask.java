package io.dragon.worker.check;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FramePool;
import io.dragon.worker.TaskContext;
import io.dragon.worker.TaskFailedException;
import io.dragon.worker.device.Device;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A task that nobody has submitted: for calling a handler as a worker does. Its outputs are looked at and given back. */
final class CheckTask implements TaskContext {
    private static final int BYTE = 0xFF;

    private final Device device;
    private final FramePool outputPool;
    private final List<FrameLease> inputs;
    private final UnsafeBuffer parameters;
    private final int part;
    private final int parts;
    private final int split;
    private final UnsafeBuffer inlineResult = new UnsafeBuffer(new byte[MAX_INLINE_RESULT]);
    private final FrameClaim[] claims = new FrameClaim[MAX_OUTPUTS];
    private final int[] lengths = new int[MAX_OUTPUTS];
    private int outputs;
    private int inlineLength;

    /**
     * A task.
     *
     * @param outputPool where its outputs are claimed.
     * @param inputs     leased by the caller; null where one is absent.
     */
    CheckTask(
            final Device device,
            final FramePool outputPool,
            final List<FrameLease> inputs,
            final UnsafeBuffer parameters,
            final int part,
            final int parts,
            final int split) {
        this.device = device;
        this.outputPool = outputPool;
        this.inputs = inputs;
        this.parameters = parameters;
        this.part = part;
        this.parts = parts;
        this.split = split;
        for (int i = 0; i < claims.length; i++) {
            claims[i] = new FrameClaim();
        }
    }

    /** All that the handler has answered, byte for byte: what travels with the completion, then its output frames. */
    byte[] answer() {
        int length = inlineLength;
        for (int i = 0; i < outputs; i++) {
            length += lengths[i];
        }
        final byte[] bytes = new byte[length];
        inlineResult.getBytes(0, bytes, 0, inlineLength);
        int at = inlineLength;
        for (int i = 0; i < outputs; i++) {
            claims[i].buffer().getBytes(0, bytes, at, lengths[i]);
            at += lengths[i];
        }
        return bytes;
    }

    /** Where in {@link #answer} a byte is, in words. */
    String place(final int index) {
        int at = index;
        if (at < inlineLength) {
            return "byte " + at + " of the inline result";
        }
        at -= inlineLength;
        int output = 0;
        while (output < outputs - 1 && at >= lengths[output]) {
            at -= lengths[output++];
        }
        return "byte " + at + " of output " + output;
    }

    /** Gives back the outputs, and is as new. */
    void reset() {
        for (int i = 0; i < outputs; i++) {
            claims[i].abort();
        }
        outputs = 0;
        inlineLength = 0;
        inlineResult.setMemory(0, MAX_INLINE_RESULT, (byte) BYTE);
    }

    @Override
    public long taskId() {
        return 1;
    }

    @Override
    public int attempt() {
        return 1;
    }

    @Override
    public long jobId() {
        return 0;
    }

    @Override
    public long step() {
        return 1;
    }

    @Override
    public int part() {
        return part;
    }

    @Override
    public int parts() {
        return parts;
    }

    @Override
    public int cameraBits() {
        return 0;
    }

    @Override
    public int split() {
        return split;
    }

    @Override
    public DirectBuffer parameters() {
        return parameters;
    }

    @Override
    public int parametersLength() {
        return parameters.capacity();
    }

    @Override
    public int inputCount() {
        return inputs.size();
    }

    @Override
    public FrameLease input(final int index) {
        return inputs.get(index);
    }

    /** The masks of a carve task come in the order of the cameras, after the rig. */
    @Override
    public int inputSource(final int index) {
        return index == 0 ? OWN_INPUT : index - 1;
    }

    @Override
    public FrameClaim claimOutput(final int length) throws TaskFailedException {
        final int code =
                outputs == MAX_OUTPUTS ? FramePool.BACK_PRESSURED : outputPool.tryClaim(claims[outputs], length);
        if (code < 0) {
            throw new TaskFailedException(
                    Reason.NO_OUTPUT_SLOT, "an output of " + length + " bytes finds no slot (code " + code + ")");
        }
        lengths[outputs] = length;
        return claims[outputs++];
    }

    @Override
    public MutableDirectBuffer inlineResult() {
        return inlineResult;
    }

    @Override
    public void inlineResultLength(final int length) {
        inlineLength = length;
    }

    @Override
    public boolean isRevoked() {
        return false;
    }

    @Override
    public Device device() {
        return device;
    }
}
