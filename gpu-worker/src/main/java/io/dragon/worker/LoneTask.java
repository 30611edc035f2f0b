package io.dragon.worker;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FramePool;
import io.dragon.worker.device.Device;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A task that nobody has submitted, for calling a handler as a worker does: a check, a test. Its outputs are looked at and given back. May be
 * extended by what leases inputs for it. One thread.
 */
public class LoneTask implements TaskContext {
    private static final int BYTE = 0xFF;

    private final Device device;
    private final FramePool outputPool;
    private final List<FrameLease> inputs;
    private final DirectBuffer parameters;
    private int part;
    private int parts = 1;
    private int split = 1;
    private boolean isRevoked;
    private final UnsafeBuffer inlineResult = new UnsafeBuffer(new byte[MAX_INLINE_RESULT]);
    private final FrameClaim[] claims = new FrameClaim[MAX_OUTPUTS];
    private final int[] lengths = new int[MAX_OUTPUTS];
    private int outputs;
    private int inlineLength;

    /**
     * A task in one piece, of one part.
     *
     * @param device     on which it runs; null where its handler does not ask.
     * @param outputPool where its outputs are claimed.
     * @param inputs     leased by whoever runs it; null where one is absent.
     * @param parameters of the task.
     */
    public LoneTask(
            final Device device,
            final FramePool outputPool,
            final List<FrameLease> inputs,
            final DirectBuffer parameters) {
        this.device = device;
        this.outputPool = outputPool;
        this.inputs = inputs;
        this.parameters = parameters;
        for (int i = 0; i < claims.length; i++) {
            claims[i] = new FrameClaim();
        }
        inlineResult.setMemory(0, MAX_INLINE_RESULT, (byte) BYTE);
    }

    /**
     * Makes it one of several parts.
     *
     * @param index from 0.
     * @param of    how many there are.
     * @return this.
     */
    public LoneTask part(final int index, final int of) {
        part = index;
        parts = of;
        return this;
    }

    /**
     * Has it done in pieces.
     *
     * @param pieces at least 1.
     * @return this.
     */
    public LoneTask split(final int pieces) {
        split = pieces;
        return this;
    }

    /** Nobody wants it any more. */
    public void revoke() {
        isRevoked = true;
    }

    /**
     * What the handler has written inline.
     *
     * @return a copy.
     */
    public byte[] inlineAnswer() {
        final byte[] bytes = new byte[inlineLength];
        inlineResult.getBytes(0, bytes);
        return bytes;
    }

    /**
     * The outputs that were claimed.
     *
     * @return in their order; to be given back by {@link #reset}, unless they are published before it.
     */
    public List<FrameClaim> outputs() {
        return List.of(claims).subList(0, outputs);
    }

    /**
     * All that the handler has answered, byte for byte: what travels with the completion, then its output frames.
     *
     * @return a copy.
     */
    public byte[] answer() {
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

    /**
     * Where in {@link #answer} a byte is.
     *
     * @param index of the byte.
     * @return in words.
     */
    public String place(final int index) {
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
    public void reset() {
        for (int i = 0; i < outputs; i++) {
            claims[i].abort();
        }
        forget();
    }

    /** Is as new; its outputs were published. */
    public void forget() {
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
        return isRevoked;
    }

    @Override
    public Device device() {
        return device;
    }
}
