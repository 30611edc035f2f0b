package io.dragon.worker;

import io.dragon.codecs.control.AssignTaskDecoder;
import io.dragon.codecs.control.FrameRefDecoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.Reason;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;
import io.dragon.worker.device.Device;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The task in hand: an assignment decoded, its inputs leased. Used again for every task, so that none allocates. Compute thread only. */
final class RunningTask implements TaskContext {
    static final int MAX_INPUTS = 40;

    private final WorkerLink link;
    private final FrameReader reader;
    private final OutputFrames outputs;
    private final Device device;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final AssignTaskDecoder assign = new AssignTaskDecoder();
    private final FrameLease[] own = new FrameLease[MAX_INPUTS];

    /** By input: one of our own, or that of a frame that was fetched; null for an absent one. */
    private final FrameLease[] leases = new FrameLease[MAX_INPUTS];

    private final int[] sources = new int[MAX_INPUTS];
    private final UnsafeBuffer parameters = new UnsafeBuffer(new byte[0]);
    private final MutableDirectBuffer inlineResult = new UnsafeBuffer(new byte[MAX_INLINE_RESULT]);
    private final FrameRef ref = new FrameRef();
    private FrameLease[] fetched;
    private volatile long taskId;
    private volatile int attempt;
    private volatile int incarnation;
    private int typeId;
    private long jobId;
    private long step;
    private int part;
    private int parts;
    private int cameraBits;
    private int split;
    private int inputCount;
    private int inlineLength;
    private boolean mayClaim = true;

    RunningTask(final WorkerLink link, final FrameReader reader, final OutputFrames outputs, final Device device) {
        this.link = link;
        this.reader = reader;
        this.outputs = outputs;
        this.device = device;
        for (int i = 0; i < own.length; i++) {
            own[i] = new FrameLease();
        }
    }

    /** Takes an assignment, with the leases of inputs that were fetched, or null; the others are leased by {@link #acquire}. */
    void wrap(final DirectBuffer buffer, final int offset, final int ofIncarnation, final FrameLease[] fetchedLeases) {
        fetched = fetchedLeases;
        assign.wrapAndApplyHeader(buffer, offset, header);
        taskId = assign.taskId();
        attempt = assign.attempt();
        incarnation = ofIncarnation;
        typeId = (int) assign.typeId();
        jobId = assign.jobId();
        step = assign.step();
        part = assign.part();
        parts = assign.parts();
        cameraBits = (int) assign.cameraBits();
        split = assign.split() == AssignTaskDecoder.splitNullValue() ? 1 : Math.max(1, assign.split());
        inputCount = 0;
        inlineLength = 0;
    }

    void acquire() throws TaskFailedException {
        final AssignTaskDecoder.InputsDecoder inputs = assign.inputs();
        if (inputs.count() > MAX_INPUTS) {
            throw new TaskFailedException(Reason.TOO_MANY_INPUTS, "a task has at most " + MAX_INPUTS + " inputs");
        }
        while (inputs.hasNext()) {
            inputs.next();
            final int index = inputCount;
            sources[index] = inputs.source();
            leases[index] = inputs.flags().absent() ? null : lease(index, inputs.frame());
            inputCount = index + 1;
        }
        assign.wrapParameters(parameters);
    }

    private FrameLease lease(final int index, final FrameRefDecoder frame) throws TaskFailedException {
        if (fetched != null && fetched[index] != null) {
            return fetched[index];
        }
        ref.set(frame.poolId(), frame.sequence(), (int) frame.slot(), (int) frame.length());
        final int code = reader.acquire(ref, own[index]);
        if (code != 0) {
            throw new TaskFailedException(Reason.INPUT_LOST, refusal(index, code));
        }
        return own[index];
    }

    /** False when an input was taken away while the task ran, so that its result is worth nothing. */
    boolean holdsInputs() {
        for (int i = 0; i < inputCount; i++) {
            if (leases[i] != null && !leases[i].isHeld()) {
                return false;
            }
        }
        return true;
    }

    void release() {
        for (int i = 0; i < inputCount; i++) {
            if (leases[i] != null) {
                leases[i].release();
                leases[i] = null;
            }
        }
        inputCount = 0;
    }

    /** Whether outputs may be claimed: only of the task that is about to be reported. */
    void mayClaim(final boolean value) {
        mayClaim = value;
    }

    int typeId() {
        return typeId;
    }

    int incarnation() {
        return incarnation;
    }

    int inlineLength() {
        return inlineLength;
    }

    @Override
    public long taskId() {
        return taskId;
    }

    @Override
    public int attempt() {
        return attempt;
    }

    @Override
    public long jobId() {
        return jobId;
    }

    @Override
    public long step() {
        return step;
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
        return cameraBits;
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
        return inputCount;
    }

    @Override
    public FrameLease input(final int index) {
        checkInput(index);
        return leases[index];
    }

    @Override
    public int inputSource(final int index) {
        checkInput(index);
        return sources[index];
    }

    @Override
    public FrameClaim claimOutput(final int length) throws TaskFailedException {
        if (!mayClaim) {
            throw new IllegalStateException("a pipelined task claims its outputs when it is finished, not before");
        }
        return outputs.claim(this, length);
    }

    @Override
    public MutableDirectBuffer inlineResult() {
        return inlineResult;
    }

    @Override
    public void inlineResultLength(final int length) {
        if (length < 0 || length > MAX_INLINE_RESULT) {
            throw new IllegalArgumentException("an inline result has at most " + MAX_INLINE_RESULT + " bytes, not "
                    + length + ": claim an output frame");
        }
        inlineLength = length;
    }

    @Override
    public boolean isRevoked() {
        return link.isRevoked(taskId, attempt, incarnation);
    }

    @Override
    public Device device() {
        return device;
    }

    private void checkInput(final int index) {
        if (index < 0 || index >= inputCount) {
            throw new IndexOutOfBoundsException("the task has " + inputCount + " inputs and no input " + index);
        }
    }

    private String refusal(final int index, final int code) {
        final String words = reader.refusal();
        return "input " + index + " is gone (" + (words == null ? "code " + code : words) + ')';
    }
}
