package io.dragon.worker;

import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameLease;
import io.dragon.worker.device.Device;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * One task, as its handler sees it. Valid until {@link TaskHandler#execute} returns, and only on the thread that called it,
 * except for {@link #isRevoked()}, which any thread may ask.
 */
public interface TaskContext {
    /** Longest inline result in bytes. */
    int MAX_INLINE_RESULT = 512;

    /** Most output frames of one task. */
    int MAX_OUTPUTS = 8;

    /** Value of {@link #inputSource} for an input that the submitter named itself. */
    int OWN_INPUT = 65534;

    /**
     * Id of the task.
     *
     * @return unique in the cluster.
     */
    long taskId();

    /**
     * Number of this assignment.
     *
     * @return 1 for the first; higher after a retry or the loss of a worker.
     */
    int attempt();

    /**
     * Job that made the task.
     *
     * @return its id; 0 for a task submitted on its own.
     */
    long jobId();

    /**
     * Step of the job.
     *
     * @return the step number that cameras published under.
     */
    long step();

    /**
     * Which part of the step this is.
     *
     * @return per-frame task: index of the camera in its job; per-step task: index of the slab.
     */
    int part();

    /**
     * Number of parts.
     *
     * @return per-frame task: number of cameras; per-step task: number of slabs.
     */
    int parts();

    /**
     * Cameras that took part in a per-step task.
     *
     * @return one bit for each camera, in the order of the job.
     */
    int cameraBits();

    /**
     * In how many pieces the work is to be done, one after the other, so that each needs so much less memory of the device:
     * by rows, blocks, layers, whatever fits the work. The result must not depend on it. A handler that runs out of memory throws
     * {@link TaskFailedException} with {@code OUT_OF_MEMORY} (an {@link OutOfMemoryError} is taken for that), and the task comes again with
     * twice as many pieces, up to a limit; the worker remembers what worked.
     *
     * @return 1 for all at once, 2, 4, 8 ...
     */
    int split();

    /**
     * Parameters as the submitter or the job gave them.
     *
     * @return a view; {@link #parametersLength()} bytes of it are valid.
     */
    DirectBuffer parameters();

    /**
     * Length of the parameters.
     *
     * @return bytes, 0 when there are none.
     */
    int parametersLength();

    /**
     * Number of inputs, absent ones included. Own inputs come first, then the outputs of dependencies in their order; of a
     * per-frame task the newest frame first; of a per-step task the job's own inputs, then the cameras in order.
     *
     * @return 0 to 40.
     */
    int inputCount();

    /**
     * One input, leased for the duration of the task.
     *
     * @param index 0 to {@link #inputCount()} - 1.
     * @return the frame; null when the input is optional and absent.
     */
    FrameLease input(int index);

    /**
     * Where an input comes from.
     *
     * @param index 0 to {@link #inputCount()} - 1.
     * @return index of the dependency or of the camera; {@link #OWN_INPUT} for an input of the submitter or of the job.
     */
    int inputSource(int index);

    /**
     * Claims an output frame in the worker's output pool, to be filled in place. It is published when the handler returns
     * normally and given back when it throws.
     *
     * @param length bytes of payload.
     * @return the claim; format, size and metadata can be set on it. Its {@code publish} and {@code abort} are the worker's to call.
     * @throws TaskFailedException with {@code NO_OUTPUT_SLOT} when no slot became free in time, the length is beyond the limit of the
     *                             worker, or this would be the ninth output.
     */
    FrameClaim claimOutput(int length) throws TaskFailedException;

    /**
     * Buffer for a result of up to {@link #MAX_INLINE_RESULT} bytes, which travels with the completion.
     *
     * @return the buffer.
     */
    MutableDirectBuffer inlineResult();

    /**
     * Sets how much of {@link #inlineResult()} is the result.
     *
     * @param length bytes, 0 to {@link #MAX_INLINE_RESULT}.
     */
    void inlineResultLength(int length);

    /**
     * Whether the result is no longer wanted: the task was cancelled, expired, or given to another worker. A long handler asks
     * now and then and returns or throws; whatever it returns is ignored.
     *
     * @return true when the work can stop.
     */
    boolean isRevoked();

    /**
     * The device to run on.
     *
     * @return the worker's device.
     */
    Device device();
}
