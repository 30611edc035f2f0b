package io.dragon.engine.sequencer.balance;

/** A worker as a strategy sees it; the sequencer has one for every worker and task type. */
public class Candidate {
    final int workerId;
    private int assigned;
    private int window = 1;
    private long stamp;
    CandidateList list;
    Candidate previous;
    Candidate next;

    /**
     * A worker with nothing assigned.
     *
     * @param workerId its party id
     */
    public Candidate(final int workerId) {
        this.workerId = workerId;
    }

    /**
     * The worker.
     *
     * @return its party id
     */
    public final int workerId() {
        return workerId;
    }

    /**
     * Tasks the worker has now, of whatever type.
     *
     * @return the number
     */
    public final int assigned() {
        return assigned;
    }

    /**
     * Tasks the worker takes at a time.
     *
     * @return the number
     */
    public final int window() {
        return window;
    }

    /**
     * The stamp that decides its place among equals.
     *
     * @return the stamp
     */
    public final long stamp() {
        return stamp;
    }

    /**
     * Sets what decides its place; followed by {@link Strategy#offer} or {@link Strategy#withdraw}.
     *
     * @param newAssigned tasks it has now
     * @param newWindow   tasks it takes at a time, at least 1
     */
    public final void load(final int newAssigned, final int newWindow) {
        this.assigned = newAssigned;
        this.window = newWindow;
    }

    final void stamp(final long newStamp) {
        this.stamp = newStamp;
    }

    /**
     * Whether it is entered with its strategy.
     *
     * @return true between offer and withdraw
     */
    public final boolean isOffered() {
        return list != null;
    }
}
