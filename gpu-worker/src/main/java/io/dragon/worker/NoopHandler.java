package io.dragon.worker;

/** The {@code noop} task type: does nothing. Measures what scheduling costs. */
public final class NoopHandler implements TaskHandler {
    /** Name of the task type. */
    public static final String TYPE = "noop";

    /** A handler. */
    public NoopHandler() {}

    @Override
    public String taskType() {
        return TYPE;
    }

    @Override
    public void execute(final TaskContext task) {}
}
