package io.dragon.engine.client;

import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.TaskState;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameRef;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The one result of a task: how it ended, what it produced, when each stage happened. The frames among its outputs are leased: they stay in
 * the worker's memory, unchanged, until the outcome is closed. May be used from any thread, by one at a time.
 */
public final class TaskOutcome implements AutoCloseable {
    /** Most output frames of a task. */
    public static final int MAX_OUTPUTS = 8;

    private static final byte[] NOTHING = {};

    private final long taskId;
    private final TaskState state;
    private final Reason reason;
    private final String errorText;
    private final Passport passport;
    private final AtomicBoolean closed = new AtomicBoolean();
    private byte[] inlineResult = NOTHING;
    private List<FrameLease> outputs = List.of();
    private List<FrameRef> outputRefs = List.of();
    private int attempts;
    private int workerId;
    private long jobId;
    private long step;
    private int part;
    private int parts;
    private boolean ofFrame;
    private boolean fetched;
    private int cameraBits;
    private int split = 1;

    TaskOutcome(
            final long taskId,
            final TaskState state,
            final Reason reason,
            final String errorText,
            final Passport passport) {
        this.taskId = taskId;
        this.state = state;
        this.reason = reason;
        this.errorText = errorText;
        this.passport = passport;
    }

    TaskOutcome results(final byte[] inline, final List<FrameLease> leases) {
        this.inlineResult = inline;
        this.outputs = leases;
        this.outputRefs =
                leases.stream().map(lease -> new FrameRef().set(lease.ref())).toList();
        return this;
    }

    TaskOutcome fromAnotherHost() {
        fetched = true;
        return this;
    }

    /** Whether its outputs are copies on this host, which the sequencer does not know. */
    boolean isFetched() {
        return fetched;
    }

    /** What the outputs were, also when they are given back. */
    List<FrameRef> outputRefs() {
        return outputRefs;
    }

    TaskOutcome ran(final int attempts, final int workerId) {
        this.attempts = attempts;
        this.workerId = workerId;
        return this;
    }

    TaskOutcome inPieces(final int split) {
        this.split = split;
        return this;
    }

    TaskOutcome ofJob(
            final boolean ofFrame,
            final long jobId,
            final long step,
            final int part,
            final int parts,
            final int cameraBits) {
        this.ofFrame = ofFrame;
        this.jobId = jobId;
        this.step = step;
        this.part = part;
        this.parts = parts;
        this.cameraBits = cameraBits;
        return this;
    }

    /**
     * Id of the task.
     *
     * @return as {@link TaskHandle#taskId()}.
     */
    public long taskId() {
        return taskId;
    }

    /**
     * How it ended.
     *
     * @return COMPLETED, FAILED, CANCELLED or EXPIRED.
     */
    public TaskState state() {
        return state;
    }

    /**
     * Whether it produced its result.
     *
     * @return true for COMPLETED.
     */
    public boolean isCompleted() {
        return state == TaskState.COMPLETED;
    }

    /**
     * Why it did not complete.
     *
     * @return {@link Reason#NONE} when it did.
     */
    public Reason reason() {
        return reason;
    }

    /**
     * Why it did not complete, in words.
     *
     * @return a sentence, or an empty string.
     */
    public String errorText() {
        return errorText;
    }

    /**
     * This outcome, if the task completed.
     *
     * @return itself.
     * @throws DragonException when it did not complete, with the reason; the outcome is then closed.
     */
    public TaskOutcome orThrow() {
        if (!isCompleted()) {
            close();
            throw new DragonException("task " + taskId + " ended as " + state + " (" + reason + ')' + why());
        }
        return this;
    }

    private String why() {
        if (!errorText.isEmpty()) {
            return ": " + errorText;
        }
        return state == TaskState.EXPIRED && attempts == 0
                ? ": its deadline came before any worker took it; 'dragon status' names the types that tasks wait for and no worker runs"
                : "";
    }

    /**
     * Inline part of the result.
     *
     * @return at most 512 bytes; empty when there is none. The array belongs to the caller.
     */
    public byte[] inlineResult() {
        return inlineResult;
    }

    /**
     * Frames the task produced, leased until {@link #close()}.
     *
     * @return at most 8, in the order in which the handler claimed them.
     */
    public List<FrameLease> outputs() {
        return outputs;
    }

    /**
     * In how many pieces the last attempt worked, for want of device memory.
     *
     * @return 1 when it was not cut.
     */
    public int split() {
        return split;
    }

    /**
     * How often the task was given to a worker.
     *
     * @return 0 when it never was.
     */
    public int attempts() {
        return attempts;
    }

    /**
     * Worker that ran it last.
     *
     * @return its party id; 0 when none did.
     */
    public int workerId() {
        return workerId;
    }

    /**
     * Job that made the task.
     *
     * @return its id; 0 for a task submitted on its own.
     */
    public long jobId() {
        return jobId;
    }

    /**
     * Step of the job.
     *
     * @return the step number.
     */
    public long step() {
        return step;
    }

    /**
     * Which part of its step this is.
     *
     * @return per-frame task: index of the camera; per-step task: index of the slab.
     */
    public int part() {
        return part;
    }

    /**
     * Number of parts.
     *
     * @return per-frame task: number of cameras; per-step task: number of slabs.
     */
    public int parts() {
        return parts;
    }

    /**
     * Cameras whose frame took part in a per-step task.
     *
     * @return one bit for each camera in the job's order; 0 for other tasks.
     */
    public int cameraBits() {
        return cameraBits;
    }

    /** Whether it is the result of a job's per-frame task, not of a per-step one. */
    boolean isOfFrame() {
        return ofFrame;
    }

    /**
     * When each stage happened.
     *
     * @return the stamps.
     */
    public Passport passport() {
        return passport;
    }

    /** Releases the output frames; their slots can be used again. A second call does nothing. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            for (final FrameLease lease : outputs) {
                lease.release();
            }
        }
    }

    @Override
    public String toString() {
        return "TaskOutcome{" + taskId + ' ' + state + (reason == Reason.NONE ? "" : " " + reason)
                + (errorText.isEmpty() ? "" : " '" + errorText + '\'') + ", " + inlineResult.length + " bytes inline, "
                + outputs.size() + " frames}";
    }
}
