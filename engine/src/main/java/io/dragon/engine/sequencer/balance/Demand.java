package io.dragon.engine.sequencer.balance;

/** A task that wants a worker, and what holds for all tasks now. One instance, filled anew for each choice. */
public final class Demand {
    int exceptWorkerId;
    int priority;
    long memoryBytes;
    int leastPieces = 1;
    int mostPieces = 1;
    long inputBytes;
    int homeNodeId;
    long nowMs;
    long recentErrorMs;
    long scoredThreshold;
    int spillPercent = 100;
    Links links = Links.UNMEASURED;

    /** A task of priority 0 that needs nothing. */
    public Demand() {}

    /**
     * Sets the task.
     *
     * @param newPriority   0 to 7, 7 most urgent
     * @param newInputBytes length of all its inputs
     * @param newHomeNodeId the node that holds its first input; 0 unknown
     * @return this
     */
    public Demand task(final int newPriority, final long newInputBytes, final int newHomeNodeId) {
        this.priority = newPriority;
        this.inputBytes = newInputBytes;
        this.homeNodeId = newHomeNodeId;
        return this;
    }

    /**
     * Sets the memory of a device that the task needs.
     *
     * @param bytes in one piece; 0 unknown
     * @param least the pieces it is known to need, worked one after the other, each needing so much less
     * @param most  the pieces that any task is worked in
     * @return this
     */
    public Demand memory(final long bytes, final int least, final int most) {
        this.memoryBytes = Math.max(0, bytes);
        this.leastPieces = least;
        this.mostPieces = most;
        return this;
    }

    /**
     * Sets the worker that is not to get the task.
     *
     * @param workerId 0 for none
     * @return this
     */
    public Demand except(final int workerId) {
        this.exceptWorkerId = workerId;
        return this;
    }

    /**
     * Sets the time.
     *
     * @param upMs milliseconds that the masters were up
     * @return this
     */
    public Demand at(final long upMs) {
        this.nowMs = upMs;
        return this;
    }

    /**
     * Sets what the configuration says.
     *
     * @param newScoredThreshold the score in thousandths below which {@link Strategy#SCORED} gives a worker nothing
     * @param newRecentErrorMs   for how long an error halves the score of {@link Strategy#SCORED}: milliseconds
     * @param newSpillPercent    the use of the local workers from which {@link Strategy#PREFER_LOCAL} takes remote ones too
     * @return this
     */
    public Demand settings(final int newScoredThreshold, final int newRecentErrorMs, final int newSpillPercent) {
        this.scoredThreshold = newScoredThreshold;
        this.recentErrorMs = newRecentErrorMs;
        this.spillPercent = newSpillPercent;
        return this;
    }

    /**
     * Sets what is known of the ways between nodes.
     *
     * @param newLinks asked at each choice
     * @return this
     */
    public Demand links(final Links newLinks) {
        this.links = newLinks;
        return this;
    }

    boolean isLocal(final Candidate candidate) {
        return homeNodeId != 0 && candidate.nodeId() == homeNodeId;
    }
}
