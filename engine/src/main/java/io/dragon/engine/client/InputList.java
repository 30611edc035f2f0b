package io.dragon.engine.client;

import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameRef;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/** What a task or the steps of a job begin with, in its order: frames that lie in a pool, and bytes that are to be copied into one. */
final class InputList {
    /**
     * One of them.
     *
     * @param frame    null for one by value.
     * @param bytes    null for one that lies in a pool.
     * @param original the frame of which it is a copy; null for any other.
     */
    private record Input(FrameRef frame, DirectBuffer bytes, FrameFormat format, FrameLease original) {}

    private final List<Input> inputs = new ArrayList<>(2);
    private int byteInputs;

    void add(final FrameRef frame) {
        inputs.add(new Input(new FrameRef().set(frame), null, FrameFormat.RAW, null));
    }

    void add(final FrameFormat format, final DirectBuffer value) {
        inputs.add(new Input(null, value, format, null));
        byteInputs++;
    }

    /** One that is a copy of a frame, with all that is known of it. */
    void addCopy(final FrameLease original) {
        inputs.add(copyOf(original));
        byteInputs++;
    }

    /** Makes one that lies in a pool one by value. */
    void copy(final int index, final FrameLease original) {
        inputs.set(index, copyOf(original));
        byteInputs++;
    }

    private static Input copyOf(final FrameLease original) {
        return new Input(null, original.buffer(), original.format(), original);
    }

    void addAll(final InputList others) {
        inputs.addAll(others.inputs);
        byteInputs += others.byteInputs;
    }

    int size() {
        return inputs.size();
    }

    FrameRef frame(final int index) {
        return inputs.get(index).frame;
    }

    DirectBuffer bytes(final int index) {
        return inputs.get(index).bytes;
    }

    FrameFormat format(final int index) {
        return inputs.get(index).format;
    }

    FrameLease original(final int index) {
        return inputs.get(index).original;
    }

    /** How many are by value. */
    int byteInputs() {
        return byteInputs;
    }

    /** Bytes of the longest of these. */
    int longestBytes() {
        int longest = 0;
        for (final Input input : inputs) {
            longest = input.bytes == null ? longest : Math.max(longest, input.bytes.capacity());
        }
        return longest;
    }
}
