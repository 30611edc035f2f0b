package io.dragon.engine.client;

import io.dragon.engine.config.DragonException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Submitting a task where it may take a while: until there is room in the window, and until the inputs by value are copied. Any thread. */
final class Submission {
    private final DragonClient client;
    private final String name;
    private final ClientAgent agent;
    private final ClientState state;
    private final ClientCommandProxy proxy;

    Submission(
            final DragonClient client,
            final String name,
            final ClientAgent agent,
            final ClientState state,
            final ClientCommandProxy proxy) {
        this.client = client;
        this.name = name;
        this.agent = agent;
        this.state = state;
        this.proxy = proxy;
    }

    TaskHandle submit(final TaskRequest request, final Duration timeout) {
        if (request.inputs().byteInputs() > 0) {
            client.checkMayBlock(); // it waits until they are copied
        }
        long result = proxy.trySubmit(request);
        if (result == DragonClient.BACK_PRESSURED
                || result == DragonClient.NOT_ACTIVE
                || result == DragonClient.TYPE_PENDING) {
            client.checkMayBlock();
            final long deadlineNs = System.nanoTime() + DragonClient.nanos(timeout);
            do {
                if (System.nanoTime() - deadlineNs >= 0) {
                    throw new DragonException(DragonException.TIMED_OUT, notSubmitted(request, result, timeout));
                }
                if (Thread.currentThread().isInterrupted()) { // parking would be spinning from here on
                    throw new DragonException("a task of type '" + request.taskType()
                            + "' was not submitted: its thread was interrupted while it waited for room");
                }
                LockSupport.parkNanos(DragonClient.WAIT_STEP_NS);
                result = proxy.trySubmit(request);
            } while (result == DragonClient.BACK_PRESSURED
                    || result == DragonClient.NOT_ACTIVE
                    || result == DragonClient.TYPE_PENDING);
        }
        if (result == DragonClient.CLOSED) {
            final String ended = client.isClosed() ? null : state.endedText;
            throw new DragonException("client '" + name + "' is closed" + (ended == null ? "" : ", because " + ended));
        }
        final TaskHandle task = state.tasks.get(result);
        if (!task.inputsCopied()) {
            if (!client.awaitTrue(task::inputsCopied, timeout) && task.withdraw()) {
                throw new DragonException(
                        DragonException.TIMED_OUT,
                        "a task of type '" + request.taskType() + "' could not be submitted within "
                                + timeout.toMillis() + " ms: the pool for inputs by value is full ("
                                + agent.session().state() + ')');
            }
        }
        return task;
    }

    private String notSubmitted(final TaskRequest request, final long code, final Duration timeout) {
        final String why =
                switch ((int) code) {
                    case DragonClient.NOT_ACTIVE -> "the client is not registered with a master";
                    case DragonClient.TYPE_PENDING -> "no master gave the type an id";
                    default -> state.openTasks.get() + " tasks are open and " + state.maxOpenTasks + " is the limit";
                };
        return "a task of type '" + request.taskType() + "' could not be submitted within " + timeout.toMillis()
                + " ms: " + why + " (" + agent.session().state() + ')';
    }
}
