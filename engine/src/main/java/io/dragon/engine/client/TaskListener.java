package io.dragon.engine.client;

/** Told of a task's one result, on the client's agent thread: it must return quickly and must not block. */
@FunctionalInterface
public interface TaskListener {
    /**
     * A task is done.
     *
     * @param outcome its result; the listener owns it and closes it, now or later.
     */
    void onTaskDone(TaskOutcome outcome);
}
