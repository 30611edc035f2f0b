package io.dragon.engine.client;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.frame.FrameRef;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * A running camera job. Results come to the listener it was started with, or wait here to be polled. Methods may be called from any
 * thread; those that wait, from any but the client's own.
 */
public final class JobHandle implements AutoCloseable {
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private final DragonClient client;
    private final long jobId;
    private final JobSpec spec;
    private final StepListener listener;
    private final LinkedBlockingQueue<StepResult> ready = new LinkedBlockingQueue<>();
    private final Object closing = new Object();
    private volatile Report report;
    private volatile boolean closeSent;
    private volatile boolean started;
    private volatile boolean givenUp;

    // agent's
    private final Long2ObjectHashMap<TaskOutcome[]> open = new Long2ObjectHashMap<>();
    private final int frameTypeId;
    private final int stepTypeId;
    private final FrameRef[] staged;
    private int stagedCount;
    private int pinned;
    private boolean isStaged;

    JobHandle(
            final DragonClient client,
            final long jobId,
            final JobSpec spec,
            final int frameTypeId,
            final int stepTypeId,
            final StepListener listener) {
        this.client = client;
        this.jobId = jobId;
        this.spec = spec;
        this.frameTypeId = frameTypeId;
        this.stepTypeId = stepTypeId;
        this.listener = listener;
        this.staged = new FrameRef[spec.inputs().size()];
        this.pinned = spec.inputs().byteInputs();
    }

    /**
     * Id of the job.
     *
     * @return unique in the cluster.
     */
    public long jobId() {
        return jobId;
    }

    /**
     * Takes the result of a step that is done, if there is one. Only without a listener.
     *
     * @return null when there is none; otherwise to be closed.
     */
    public StepResult poll() {
        return ready.poll();
    }

    /**
     * Waits for the result of a step. Only without a listener.
     *
     * @param timeout how long, at most.
     * @return null when the time is over; otherwise to be closed.
     */
    public StepResult poll(final Duration timeout) {
        client.checkMayBlock();
        try {
            return ready.poll(DragonClient.nanos(timeout), TimeUnit.NANOSECONDS);
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /**
     * Whether the job has ended, in order or because it was refused.
     *
     * @return true when {@link #report()} is there.
     */
    public boolean isClosed() {
        return report != null;
    }

    /**
     * How the job ended.
     *
     * @return null while it runs.
     */
    public Report report() {
        return report;
    }

    /**
     * Ends the job: steps that have begun are run with the frames they have, then it is closed. Results can be polled meanwhile and
     * afterwards.
     *
     * @param timeout how long to wait for the end.
     * @return how it ended; null when the time is over and the end is still to come.
     */
    public Report close(final Duration timeout) {
        client.checkMayBlock();
        final long deadlineNs = System.nanoTime() + DragonClient.nanos(timeout);
        // not under the lock: the agent takes it, and this may wait for the agent; to be closed twice does a job no
        // harm
        if (!closeSent && report == null) {
            client.closeJob(jobId);
            closeSent = true;
        }
        synchronized (closing) {
            try {
                while (report == null) {
                    final long leftMs = (deadlineNs - System.nanoTime() + 999_999) / 1_000_000;
                    if (leftMs <= 0) {
                        return null;
                    }
                    closing.wait(leftMs);
                }
            } catch (final InterruptedException ex) {
                Thread.currentThread().interrupt();
            }
        }
        return report;
    }

    /** Ends the job and waits up to 30 s for it; results that nobody polled are released, and without a listener those that come later, too. */
    @Override
    public void close() {
        close(CLOSE_TIMEOUT);
        if (listener == null) {
            giveUp();
        }
    }

    private void closeReady() {
        StepResult left;
        while ((left = ready.poll()) != null) {
            left.close();
        }
    }

    @Override
    public String toString() {
        return "JobHandle{" + jobId + (report == null ? "" : ", " + report) + '}';
    }

    /** Agent: a task of the job is done. */
    void onResult(final TaskOutcome outcome) {
        if (givenUp) {
            outcome.close();
            closeOpen();
            return;
        }
        if (outcome.isOfFrame()) {
            if (listener != null) {
                client.tell(() -> listener.onFrame(outcome));
            } else {
                outcome.close();
            }
            return;
        }
        final long step = outcome.step();
        TaskOutcome[] slabs = open.get(step);
        if (slabs == null) {
            slabs = new TaskOutcome[Math.max(1, outcome.parts())];
            open.put(step, slabs);
        }
        final int part = outcome.part();
        if (part >= slabs.length || slabs[part] != null) {
            outcome.close();
            return;
        }
        slabs[part] = outcome;
        for (final TaskOutcome slab : slabs) {
            if (slab == null) {
                return;
            }
        }
        open.remove(step);
        final StepResult result = new StepResult(jobId, step, outcome.cameraBits(), List.of(slabs));
        if (listener != null) {
            client.tell(() -> listener.onStep(result));
        } else {
            ready.add(result);
            if (givenUp) { // meanwhile
                closeReady();
            }
        }
    }

    /** Agent: the masters have taken the job. */
    void onStarted() {
        started = true;
    }

    /** Any thread. */
    boolean isStarted() {
        return started;
    }

    /** Any thread: nobody waits for the job any more, nor asks this handle; results that come nevertheless are given back. */
    void giveUp() {
        givenUp = true;
        closeReady();
    }

    /** Agent: the job has ended. */
    void onClosed(final Report end) {
        synchronized (closing) {
            if (report == null) {
                report = end;
            }
            closing.notifyAll();
        }
    }

    /** Agent: the cluster does not know the client any more, or the client closes. */
    void onLost() {
        onClosed(new Report(Reason.ABANDONED, 0, 0, 0, 0));
        closeOpen();
    }

    private void closeOpen() {
        for (final TaskOutcome[] slabs : open.values()) {
            for (final TaskOutcome slab : slabs) {
                if (slab != null) {
                    slab.close();
                }
            }
        }
        open.clear();
    }

    /** Under the lock of the client's state: slots its inputs take, once. */
    int takePinned() {
        final int taken = pinned;
        pinned = 0;
        return taken;
    }

    /** Agent: slots its inputs take from now on; 0 when it was told already. */
    int takeSlots() {
        final boolean wasStaged = isStaged;
        isStaged = true;
        return wasStaged ? 0 : spec.inputs().byteInputs();
    }

    /** Agent: slots its inputs took. */
    int giveSlots() {
        final boolean wasStaged = isStaged;
        isStaged = false;
        return wasStaged ? spec.inputs().byteInputs() : 0;
    }

    JobSpec spec() {
        return spec;
    }

    int frameTypeId() {
        return frameTypeId;
    }

    int stepTypeId() {
        return stepTypeId;
    }

    FrameRef[] staged() {
        return staged;
    }

    int stagedCount() {
        return stagedCount;
    }

    void stagedCount(final int count) {
        stagedCount = count;
    }

    /**
     * How a job ended.
     *
     * @param reason          {@link Reason#NONE}: in order; otherwise why it was refused or lost.
     * @param steps           steps it ran.
     * @param stepsIncomplete of these, those that ran without all cameras.
     * @param framesAccepted  frames it took.
     * @param framesRefused   frames it did not take: late, twice, out of order.
     */
    public record Report(Reason reason, long steps, long stepsIncomplete, long framesAccepted, long framesRefused) {}
}
