package io.dragon.engine.client;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameRef;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A task to be submitted: its type, inputs, dependencies and wishes. Filled by one thread, and the same request can be submitted again: every
 * submission is a task of its own.
 */
public final class TaskRequest {
    /** Most dependencies of a task. */
    public static final int MAX_DEPENDENCIES = 32;

    /** Most inputs of a task, the outputs of its dependencies included. */
    public static final int MAX_INPUTS = 40;

    /** Longest parameters in bytes. */
    public static final int MAX_PARAMETERS = 1024;

    /** Priority when none is set. */
    public static final int DEFAULT_PRIORITY = 3;

    private static final DirectBuffer NOTHING = new UnsafeBuffer(new byte[0]);

    private final String taskType;
    private final long[] dependencies = new long[MAX_DEPENDENCIES];
    private final InputList inputs = new InputList();
    private int dependencyCount;
    private boolean optionalDependencies;
    private DirectBuffer parameters = NOTHING;
    private int priority = DEFAULT_PRIORITY;
    private int attempts;
    private long deadlineMs;
    private long memoryBytes;
    private long capturedNs;
    private long publishedNs;
    private TaskListener listener;

    private TaskRequest(final String taskType) {
        this.taskType = taskType;
    }

    /**
     * A task of a type.
     *
     * @param taskType name of the type, as its handler has it.
     * @return the request.
     */
    public static TaskRequest of(final String taskType) {
        return new TaskRequest(Objects.requireNonNull(taskType, "taskType"));
    }

    /**
     * Sets the parameters.
     *
     * @param value at most {@link #MAX_PARAMETERS} bytes, not copied: unchanged until it was submitted.
     * @return this.
     */
    public TaskRequest parameters(final byte[] value) {
        return parameters(new UnsafeBuffer(value), 0, value.length);
    }

    /**
     * Sets the parameters.
     *
     * @param buffer not copied: unchanged until the request was submitted.
     * @param offset of the first byte.
     * @param length at most {@link #MAX_PARAMETERS} bytes.
     * @return this.
     */
    public TaskRequest parameters(final DirectBuffer buffer, final int offset, final int length) {
        if (length > MAX_PARAMETERS) {
            throw new DragonException("parameters take at most " + MAX_PARAMETERS + " bytes and these have " + length
                    + ": give them as an input instead");
        }
        parameters = new UnsafeBuffer(buffer, offset, length);
        return this;
    }

    /**
     * Adds a dependency: the task runs when it has completed, with its outputs behind the own inputs. One that is finished already gives
     * its outputs as long as its outcome is not closed; they come before those of the others, as inputs without a dependency's index.
     *
     * @param task a task of the same client, finished or not.
     * @return this.
     */
    public TaskRequest dependsOn(final TaskHandle task) {
        return dependsOn(task.taskId());
    }

    /**
     * Adds a dependency by id.
     *
     * @param taskId a task of the same client, finished or not.
     * @return this.
     */
    public TaskRequest dependsOn(final long taskId) {
        if (dependencyCount == MAX_DEPENDENCIES) {
            throw new DragonException("a task has at most " + MAX_DEPENDENCIES + " dependencies");
        }
        dependencies[dependencyCount++] = taskId;
        return this;
    }

    /**
     * Whether a dependency that fails is left out of the inputs, instead of failing this task.
     *
     * @param value false when it is not set.
     * @return this.
     */
    public TaskRequest optionalDependencies(final boolean value) {
        optionalDependencies = value;
        return this;
    }

    /**
     * Adds an input that lies in a pool already. It must have been published for a task ({@link FramePublisher#publishForTask}) or be
     * held by a lease until the task is done. A frame of another host that lies here as a copy, as an output of a result that came from
     * there, is copied once more, into a pool of the client; its outcome or lease has to be open until the task was submitted.
     *
     * @param frame the frame; copied.
     * @return this.
     */
    public TaskRequest input(final FrameRef frame) {
        checkInputs();
        inputs.add(frame);
        return this;
    }

    /**
     * Adds an input by value: it is copied once, into a pool of the client.
     *
     * @param value unchanged until {@link DragonClient#submit} returned.
     * @return this.
     */
    public TaskRequest input(final byte[] value) {
        return input(new UnsafeBuffer(value));
    }

    /**
     * Adds an input by value: the bytes between position and limit are copied once, into a pool of the client.
     *
     * @param value unchanged until {@link DragonClient#submit} returned.
     * @return this.
     */
    public TaskRequest input(final ByteBuffer value) {
        return input(new UnsafeBuffer(value, value.position(), value.remaining()));
    }

    /**
     * Adds an input by value: it is copied once, into a pool of the client.
     *
     * @param value unchanged until {@link DragonClient#submit} returned.
     * @return this.
     */
    public TaskRequest input(final DirectBuffer value) {
        return input(FrameFormat.RAW, value);
    }

    /**
     * Adds an input by value that a handler sees as a frame of a format.
     *
     * @param format what the bytes are.
     * @param value  unchanged until {@link DragonClient#submit} returned.
     * @return this.
     */
    public TaskRequest input(final FrameFormat format, final DirectBuffer value) {
        checkInputs();
        inputs.add(format, value);
        return this;
    }

    /**
     * Sets the urgency.
     *
     * @param value 0 to 7, 7 most urgent; {@link #DEFAULT_PRIORITY} when it is not set.
     * @return this.
     */
    public TaskRequest priority(final int value) {
        if (value < 0 || value > 7) {
            throw new DragonException("a priority lies between 0 and 7, and this one is " + value);
        }
        priority = value;
        return this;
    }

    /**
     * Sets the deadline: a task that is not done by then ends as EXPIRED.
     *
     * @param value counted from when the task is sequenced, at least 1 ms; zero means none.
     * @return this.
     */
    public TaskRequest deadline(final Duration value) {
        final long ms = value.toMillis();
        if (value.isNegative() || ms > 0xFFFF_FFFEL || (ms == 0 && !value.isZero())) {
            throw new DragonException("a deadline lies between 1 ms and 49 days, and this one is " + value);
        }
        deadlineMs = ms;
        return this;
    }

    /**
     * Sets how often it may be tried. The loss of a worker does not count.
     *
     * @param value 1 to 255; 0, when it is not set, means the sequencer's configured number.
     * @return this.
     */
    public TaskRequest attempts(final int value) {
        if (value < 0 || value > 254) {
            throw new DragonException("a task is tried 1 to 254 times, not " + value);
        }
        attempts = value;
        return this;
    }

    /**
     * Sets the device memory it needs. With strategies {@code weighted} and {@code scored} it waits for a worker that has so much
     * free, and fails with {@code OUT_OF_MEMORY} when no registered worker could hold it even in the most pieces.
     *
     * @param bytes 0 when it is not known.
     * @return this.
     */
    public TaskRequest memory(final long bytes) {
        memoryBytes = bytes;
        return this;
    }

    /**
     * Sets the first stamps of its passport, when its input is a frame.
     *
     * @param captured  {@link System#nanoTime} when the picture was there; 0 unknown.
     * @param published {@link System#nanoTime} when the frame was readable; 0 unknown.
     * @return this.
     */
    public TaskRequest stamps(final long captured, final long published) {
        capturedNs = captured;
        publishedNs = published;
        return this;
    }

    /**
     * Sets who is told of the result. Without a listener the result is kept for {@link TaskHandle#await}.
     *
     * @param value called on the client's agent thread; it owns the outcome and closes it.
     * @return this.
     */
    public TaskRequest onDone(final TaskListener value) {
        listener = value;
        return this;
    }

    /**
     * The task's type.
     *
     * @return its name.
     */
    public String taskType() {
        return taskType;
    }

    /** A copy that later changes of this request do not touch; parameters and inputs by value are still the caller's. */
    TaskRequest copy() {
        final TaskRequest copy = copyWithoutDependencies();
        System.arraycopy(dependencies, 0, copy.dependencies, 0, dependencyCount);
        copy.dependencyCount = dependencyCount;
        return copy;
    }

    TaskRequest copyWithoutDependencies() {
        final TaskRequest copy = new TaskRequest(taskType);
        copy.inputs.addAll(inputs);
        copy.optionalDependencies = optionalDependencies;
        copy.parameters = parameters;
        copy.priority = priority;
        copy.attempts = attempts;
        copy.deadlineMs = deadlineMs;
        copy.memoryBytes = memoryBytes;
        copy.capturedNs = capturedNs;
        copy.publishedNs = publishedNs;
        copy.listener = listener;
        return copy;
    }

    TaskRequest ownParameters() {
        final byte[] own = new byte[parameters.capacity()];
        parameters.getBytes(0, own);
        parameters = new UnsafeBuffer(own);
        return this;
    }

    int dependencyCount() {
        return dependencyCount;
    }

    long dependency(final int index) {
        return dependencies[index];
    }

    boolean optionalDependencies() {
        return optionalDependencies;
    }

    InputList inputs() {
        return inputs;
    }

    DirectBuffer parameters() {
        return parameters;
    }

    int priority() {
        return priority;
    }

    int attempts() {
        return attempts;
    }

    long deadlineMs() {
        return deadlineMs;
    }

    long memoryBytes() {
        return memoryBytes;
    }

    long capturedNs() {
        return capturedNs;
    }

    long publishedNs() {
        return publishedNs;
    }

    TaskListener listener() {
        return listener;
    }

    /** Adds an input that is a copy of a frame. */
    void inputCopy(final FrameLease original) {
        checkInputs();
        inputs.addCopy(original);
    }

    private void checkInputs() {
        if (inputs.size() == MAX_INPUTS) {
            throw new DragonException("a task has at most " + MAX_INPUTS + " inputs");
        }
    }
}
