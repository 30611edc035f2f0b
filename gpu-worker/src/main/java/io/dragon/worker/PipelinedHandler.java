package io.dragon.worker;

import java.util.concurrent.locks.LockSupport;

/**
 * A handler whose device works by itself: it is given up to {@value #MOST_IN_FLIGHT} tasks before the first of them is done, so that
 * the inputs of the next are copied while the present one is computed. Any pipelined handlers of a worker share its places.
 *
 * <p>For each task, all on the worker's compute thread: {@link #start}, {@link #isDone} until it is true, then either {@link #finish} or
 * {@link #abandon}. Tasks end in the order they were started. Inputs stay leased until the end, whatever comes before it: so a device may read them
 * until {@link #isDone} says true, and no longer.
 */
public interface PipelinedHandler extends TaskHandler {
    /** Most tasks that are started and not ended. */
    int MOST_IN_FLIGHT = 3;

    /**
     * Gives a task to the device, and does not wait for it. Outputs are not claimed here. When it throws, the task has failed;
     * {@link #isDone} and {@link #abandon} are called all the same.
     *
     * @param task the task and its inputs, valid until it ends; the same object stands for it in all calls.
     * @return false when there is no room for it now: it is offered again when an earlier task has ended.
     * @throws TaskFailedException when it fails for a reason the submitter should see.
     * @throws Exception           any other failure; its message is what the submitter sees.
     */
    boolean start(TaskContext task) throws TaskFailedException, Exception;

    /**
     * Whether the device has done what there is to do for the oldest task, well or not, and touches nothing of it any more.
     * Asked often; never waits.
     *
     * @param task the oldest that was started.
     * @return true from then on.
     */
    boolean isDone(TaskContext task);

    /**
     * Ends a task that is done: claims its outputs and writes its result, as {@link #execute} does.
     *
     * @param task that is done.
     * @throws TaskFailedException when it fails for a reason the submitter should see.
     * @throws Exception           any other failure; its message is what the submitter sees.
     */
    void finish(TaskContext task) throws TaskFailedException, Exception;

    /**
     * Ends a task that is done and whose result nobody wants.
     *
     * @param task that is done, whether or not it could be started.
     */
    void abandon(TaskContext task);

    /** One task at a time, for whoever has no pipeline. */
    @Override
    default void execute(final TaskContext task) throws TaskFailedException, Exception {
        Exception failure = null;
        try {
            if (!start(task)) {
                throw new IllegalStateException("'" + taskType() + "' has no room for its only task");
            }
        } catch (final Exception ex) {
            failure = ex;
        }
        while (!isDone(task)) {
            LockSupport.parkNanos(20_000);
        }
        if (failure == null) {
            finish(task);
        } else {
            abandon(task);
            throw failure;
        }
    }
}
