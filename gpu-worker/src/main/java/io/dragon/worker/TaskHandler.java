package io.dragon.worker;

import io.dragon.engine.config.DragonException;
import io.dragon.worker.device.Device;
import java.util.Objects;

/**
 * The code that runs tasks of one type.
 *
 * <p>A handler is found by {@link java.util.ServiceLoader} (a jar with a provider of this interface makes its task type
 * schedulable), or registered by name in an embedded system ({@link #of}). Every worker has instances of its own; all methods
 * of an instance are called by one thread, the worker's compute thread.
 *
 * <p>Execution is at least once: a task may run again elsewhere when its worker is lost or late, so a handler must not have
 * effects outside its result that would hurt when repeated.
 */
public interface TaskHandler extends AutoCloseable {
    /**
     * Name of the task type.
     *
     * @return 1 to 48 bytes of UTF-8, the same in every worker.
     */
    String taskType();

    /**
     * The handler that does the same work on a device: asked once, before {@link #open}, and then this one is not used unless it answers
     * itself.
     *
     * @param device of the worker.
     * @return a handler of the same task type with the same results; itself when the device makes no difference to it.
     */
    default TaskHandler on(final Device device) {
        return this;
    }

    /**
     * Called once before the first task.
     *
     * @param context the worker that will run this handler.
     */
    default void open(final HandlerContext context) {}

    /**
     * Runs one task. Returning normally completes it: outputs claimed from the task are published, the inline result is sent.
     *
     * @param task the task and its inputs, valid until this method returns.
     * @throws TaskFailedException when it fails for a reason the submitter should see.
     * @throws Exception           any other failure; its message is what the submitter sees.
     */
    void execute(TaskContext task) throws TaskFailedException, Exception;

    /** Called once after the last task. */
    @Override
    default void close() {}

    /** The body of a handler made from a lambda. */
    @FunctionalInterface
    interface Body {
        /**
         * Runs one task.
         *
         * @param task the task and its inputs, valid until this method returns.
         * @throws Exception when it fails.
         */
        void execute(TaskContext task) throws Exception;
    }

    /**
     * Makes a handler from a name and a lambda.
     *
     * @param taskType name of the task type.
     * @param body     what runs a task; shared by all workers it is given to, so it must be thread-safe when there are several.
     * @return the handler.
     */
    static TaskHandler of(final String taskType, final Body body) {
        Objects.requireNonNull(body, "body");
        if (taskType == null || taskType.isBlank()) {
            throw new DragonException("a task type needs a name, and this one has none");
        }
        return new TaskHandler() {
            @Override
            public String taskType() {
                return taskType;
            }

            @Override
            public void execute(final TaskContext task) throws Exception {
                body.execute(task);
            }

            @Override
            public String toString() {
                return "TaskHandler{" + taskType + '}';
            }
        };
    }
}
