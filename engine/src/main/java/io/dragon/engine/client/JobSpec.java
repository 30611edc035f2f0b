package io.dragon.engine.client;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameRef;
import java.time.Duration;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A camera job: which cameras, what is computed of every frame, what is computed of every step. Filled by one thread.
 */
public final class JobSpec {
    /** Most cameras of a job. */
    public static final int MAX_CAMERAS = 32;

    /** Pair number of a camera without a pair. */
    public static final int NO_PAIR = 65534;

    private static final DirectBuffer NOTHING = new UnsafeBuffer(new byte[0]);

    private final int[] cameraIds = new int[MAX_CAMERAS];
    private final int[] pairs = new int[MAX_CAMERAS];
    private final InputList inputs = new InputList();
    private int cameraCount;
    private String frameType;
    private String stepType;
    private int historyDepth = 1;
    private int slabs = 1;
    private int priority = TaskRequest.DEFAULT_PRIORITY;
    private boolean deliverFrameResults;
    private long pairSkewNs;
    private long stepDeadlineMs = 1000;
    private DirectBuffer frameParameters = NOTHING;
    private DirectBuffer stepParameters = NOTHING;

    /** A job without cameras yet. */
    public JobSpec() {}

    /**
     * Adds a camera without a pair.
     *
     * @param cameraId as {@link FramePublisher#cameraId()}.
     * @return this.
     */
    public JobSpec camera(final int cameraId) {
        return camera(cameraId, NO_PAIR);
    }

    /**
     * Adds a camera.
     *
     * @param cameraId as {@link FramePublisher#cameraId()}.
     * @param pair     the same number for both cameras of a pair, below {@link #NO_PAIR}.
     * @return this.
     */
    public JobSpec camera(final int cameraId, final int pair) {
        if (cameraCount == MAX_CAMERAS) {
            throw new DragonException("a job has at most " + MAX_CAMERAS + " cameras");
        }
        cameraIds[cameraCount] = cameraId;
        pairs[cameraCount++] = pair;
        return this;
    }

    /**
     * Sets the task type that runs for every frame.
     *
     * @param taskType name of the type.
     * @param history  frames it gets: 1, frame n; 2, frames n and n-1.
     * @return this.
     */
    public JobSpec perFrame(final String taskType, final int history) {
        frameType = taskType;
        historyDepth = history;
        return this;
    }

    /**
     * Sets the task type that runs for every step, over what the per-frame tasks made of its frames.
     *
     * @param taskType  name of the type.
     * @param slabCount tasks a step is cut into, at least 1.
     * @return this.
     */
    public JobSpec perStep(final String taskType, final int slabCount) {
        stepType = taskType;
        slabs = slabCount;
        return this;
    }

    /**
     * Sets the parameters of every per-frame task.
     *
     * @param value bytes, not copied; per-frame and per-step parameters, cameras and inputs share 1,200 bytes.
     * @return this.
     */
    public JobSpec frameParameters(final byte[] value) {
        frameParameters = new UnsafeBuffer(value);
        return this;
    }

    /**
     * Sets the parameters of every per-step task.
     *
     * @param value bytes, not copied.
     * @return this.
     */
    public JobSpec stepParameters(final byte[] value) {
        stepParameters = new UnsafeBuffer(value);
        return this;
    }

    /**
     * Adds an input that every per-step task gets before those of the cameras (a rig, a grid). It is held until the job is closed.
     *
     * @param frame a frame that is held in its pool.
     * @return this.
     */
    public JobSpec stepInput(final FrameRef frame) {
        inputs.add(frame);
        return this;
    }

    /**
     * Adds such an input by value: it is copied once, into a pool of the client.
     *
     * @param format what the bytes are, as the handler reads it from the frame.
     * @param value  unchanged until {@link DragonClient#startJob} returned.
     * @return this.
     */
    public JobSpec stepInput(final FrameFormat format, final byte[] value) {
        inputs.add(format, new UnsafeBuffer(value));
        return this;
    }

    /**
     * Sets the urgency of its tasks.
     *
     * @param value 0 to 7, 7 most urgent.
     * @return this.
     */
    public JobSpec priority(final int value) {
        priority = value;
        return this;
    }

    /**
     * Sets the largest difference in capture time within a pair.
     *
     * @param value zero, when it is not set, does not check.
     * @return this.
     */
    public JobSpec pairSkew(final Duration value) {
        pairSkewNs = value.toNanos();
        return this;
    }

    /**
     * Sets how long a step waits for its cameras, from its first frame: then it runs with those it has.
     *
     * @param value at least 1 ms; 1 s when it is not set.
     * @return this.
     */
    public JobSpec stepDeadline(final Duration value) {
        stepDeadlineMs = value.toMillis();
        return this;
    }

    /**
     * Whether results of per-frame tasks are delivered too, to {@link StepListener#onFrame}.
     *
     * @param value false when it is not set.
     * @return this.
     */
    public JobSpec deliverFrameResults(final boolean value) {
        deliverFrameResults = value;
        return this;
    }

    /**
     * Number of cameras.
     *
     * @return at most {@link #MAX_CAMERAS}.
     */
    public int cameraCount() {
        return cameraCount;
    }

    /**
     * Number of slabs.
     *
     * @return tasks a step is cut into.
     */
    public int slabs() {
        return slabs;
    }

    void check() {
        if (cameraCount == 0) {
            throw new DragonException("a job needs at least one camera");
        }
        if (frameType == null || stepType == null) {
            throw new DragonException("a job needs a task type per frame and one per step");
        }
        if (historyDepth < 1 || historyDepth > 2) {
            throw new DragonException("a per-frame task gets 1 or 2 frames, not " + historyDepth);
        }
        if (slabs < 1 || slabs > 1024) {
            throw new DragonException("a step is cut into 1 to 1,024 slabs, not " + slabs);
        }
        if (priority < 0 || priority > 7) {
            throw new DragonException("a priority lies between 0 and 7, and this one is " + priority);
        }
        if (stepDeadlineMs < 1 || stepDeadlineMs > 0xFFFF_FFFEL) {
            throw new DragonException("the deadline of a step is at least 1 ms, not " + stepDeadlineMs + " ms");
        }
        final int length =
                80 + cameraCount * 6 + inputs.size() * 24 + frameParameters.capacity() + stepParameters.capacity();
        if (length > Commands.MAX_LENGTH) {
            throw new DragonException("the description of the job takes " + length + " bytes and " + Commands.MAX_LENGTH
                    + " is the limit: give parameters as an input");
        }
    }

    int cameraId(final int index) {
        return cameraIds[index];
    }

    int pair(final int index) {
        return pairs[index];
    }

    String frameType() {
        return frameType;
    }

    String stepType() {
        return stepType;
    }

    int historyDepth() {
        return historyDepth;
    }

    int priority() {
        return priority;
    }

    boolean deliversFrameResults() {
        return deliverFrameResults;
    }

    long pairSkewNs() {
        return pairSkewNs;
    }

    long stepDeadlineMs() {
        return stepDeadlineMs;
    }

    InputList inputs() {
        return inputs;
    }

    DirectBuffer frameParameters() {
        return frameParameters;
    }

    DirectBuffer stepParameters() {
        return stepParameters;
    }
}
