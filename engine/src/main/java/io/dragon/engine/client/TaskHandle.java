package io.dragon.engine.client;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A submitted task. Its methods may be called from any thread; those that wait, from any thread but the client's own.
 */
public final class TaskHandle {
    private final DragonClient client;
    private final long taskId;
    private final TaskListener listener;
    private volatile TaskOutcome outcome;

    // of a task with inputs by value: what the agent copies into the client's pool; cleared once it has done so
    private TaskRequest request;
    private int typeId;
    private long submittedNs;
    private FrameRef[] staged;
    private int stagedCount;
    private volatile boolean copied = true;
    private boolean isWithdrawn;

    // of a task with dependencies that were finished: their outputs, leased until it is done
    private final List<FrameLease> kept = new ArrayList<>(0);

    TaskHandle(final DragonClient client, final long taskId, final TaskListener listener) {
        this.client = client;
        this.taskId = taskId;
        this.listener = listener;
    }

    /**
     * Id of the task, known before it is sequenced, so that dependants can be submitted at once.
     *
     * @return unique in the cluster.
     */
    public long taskId() {
        return taskId;
    }

    /**
     * Whether its result is there.
     *
     * @return true when {@link #await} returns at once.
     */
    public boolean isDone() {
        return outcome != null;
    }

    /**
     * Its result, if it is there.
     *
     * @return null while the task is not done. The caller closes it, once; a task with a listener leaves that to the listener.
     */
    public TaskOutcome outcome() {
        return outcome;
    }

    /**
     * Waits for the result.
     *
     * @param timeout how long, at most.
     * @return the result, to be closed; null when the time is over and the task goes on.
     */
    public TaskOutcome await(final Duration timeout) {
        if (outcome == null) {
            client.checkMayBlock();
            awaitDone(timeout);
        }
        return outcome;
    }

    /**
     * Waits for the result, which has to come in time.
     *
     * @param timeout how long, at most.
     * @return the result, to be closed.
     * @throws DragonException when the time is over, exit code {@link DragonException#TIMED_OUT}; the task goes on.
     */
    public TaskOutcome get(final Duration timeout) {
        final TaskOutcome result = await(timeout);
        if (result == null) {
            throw new DragonException(
                    DragonException.TIMED_OUT,
                    "task " + taskId + " is not done after " + timeout.toMillis() + " ms; it goes on");
        }
        return result;
    }

    /**
     * Asks for the task to be cancelled. It ends as CANCELLED unless it was done already; wait for the outcome to know.
     */
    public void cancel() {
        client.cancel(taskId);
    }

    @Override
    public String toString() {
        return "TaskHandle{" + taskId + (outcome == null ? "" : ", " + outcome.state()) + '}';
    }

    private synchronized void awaitDone(final Duration timeout) {
        final long deadlineNs = System.nanoTime() + DragonClient.nanos(timeout);
        try {
            while (outcome == null) {
                final long leftNs = deadlineNs - System.nanoTime();
                if (leftNs <= 0) {
                    return;
                }
                wait(leftNs / 1_000_000, (int) (leftNs % 1_000_000));
            }
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
    }

    /** Agent thread only, once. */
    void complete(final TaskOutcome result) {
        releaseKept();
        synchronized (this) {
            outcome = result;
            request = null;
            copied = true;
            notifyAll();
        }
        if (listener != null) {
            client.tell(() -> listener.onTaskDone(result));
        }
    }

    /** Submitter, before the agent sees the task. */
    void stage(final TaskRequest source, final boolean isCopied, final int type, final long nowNs) {
        request = isCopied ? source : source.copy().ownParameters();
        typeId = type;
        submittedNs = nowNs;
        staged = new FrameRef[source.inputs().size()];
        copied = !isCopied;
    }

    /** Submitter: gives up waiting for the copy of its inputs. False when they are copied already. */
    synchronized boolean withdraw() {
        isWithdrawn = !copied;
        return isWithdrawn;
    }

    /** Under this task's lock, which the agent holds while it reads the inputs. */
    boolean isWithdrawn() {
        return isWithdrawn;
    }

    boolean inputsCopied() {
        return copied;
    }

    TaskRequest request() {
        return request;
    }

    int typeId() {
        return typeId;
    }

    long submittedNs() {
        return submittedNs;
    }

    FrameRef[] staged() {
        return staged;
    }

    /** Agent: with the outputs of its dependencies it has more inputs than it was submitted with. */
    void growStaged(final int inputs) {
        if (staged.length < inputs) {
            staged = Arrays.copyOf(staged, inputs);
        }
    }

    int stagedCount() {
        return stagedCount;
    }

    void stagedCount(final int count) {
        stagedCount = count;
    }

    /** Agent. */
    List<FrameLease> kept() {
        return kept;
    }

    void releaseKept() {
        kept.forEach(FrameLease::release);
        kept.clear();
    }

    /** Agent: the task was encoded and offered, its request is the caller's again. */
    synchronized void offered() {
        request = null;
        copied = true;
    }
}
