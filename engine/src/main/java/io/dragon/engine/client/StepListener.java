package io.dragon.engine.client;

/** Told of a job's results, on the client's agent thread: it must return quickly and must not block. */
@FunctionalInterface
public interface StepListener {
    /**
     * Every slab of a step is done.
     *
     * @param result what came out; the listener owns it and closes it, now or later.
     */
    void onStep(StepResult result);

    /**
     * A per-frame task is done, in a job that delivers these results too.
     *
     * @param outcome what came out, with {@link TaskOutcome#step()} and {@link TaskOutcome#part()}, the camera's index; the listener
     *                owns it and closes it.
     */
    default void onFrame(final TaskOutcome outcome) {
        outcome.close();
    }
}
