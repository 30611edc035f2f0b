package io.dragon.engine.sequencer.balance;

/**
 * A task that wants a worker, and what holds for all tasks now. One instance, filled anew for each choice.
 *
 * <p>The rule for every strategy: a worker on the node of the task's inputs first, a remote one only when a local one would keep the
 * task waiting for longer than its inputs need to get there.
 */
public final class Demand {
    /** In place of a time to wait for a local worker: there is none, and the task may go to any. */
    public static final long ANYWHERE = -1;

    private static final int NOBODY = -1;

    int exceptWorkerId;
    int priority;
    long memoryBytes;
    int leastPieces = 1;
    int mostPieces = 1;
    long inputBytes;
    long homeBytes;
    int homeNodeId;
    long localWaitNs = ANYWHERE;
    private int farNodeId = NOBODY;
    private long farNs;
    long nowMs;
    long recentErrorMs;
    long scoredThreshold;
    int spillPercent = 100;
    Links links = Links.UNMEASURED;

    /** A task of priority 0 that needs nothing. */
    public Demand() {}

    /**
     * Sets the task, with all its inputs on one node, and free to go anywhere.
     *
     * @param newPriority   0 to 7, 7 most urgent
     * @param newInputBytes length of all its inputs
     * @param newHomeNodeId the node that holds most bytes of them; 0 unknown
     * @return this
     */
    public Demand task(final int newPriority, final long newInputBytes, final int newHomeNodeId) {
        this.priority = newPriority;
        this.inputBytes = newInputBytes;
        this.homeBytes = newInputBytes;
        this.homeNodeId = newHomeNodeId;
        this.localWaitNs = ANYWHERE;
        this.farNodeId = NOBODY;
        return this;
    }

    /**
     * Sets how much of the inputs lies on the task's node: what any other node needs to be sent.
     *
     * @param newHomeBytes length of those inputs
     * @return this
     */
    public Demand atHome(final long newHomeBytes) {
        this.homeBytes = newHomeBytes;
        return this;
    }

    /**
     * Sets how long the task would wait for a worker on its own node: a remote one must have the inputs sooner.
     *
     * @param ns nanoseconds; {@link #ANYWHERE} when no local worker can have it
     * @return this
     */
    public Demand localWait(final long ns) {
        this.localWaitNs = ns;
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
        this.farNodeId = NOBODY;
        return this;
    }

    boolean isLocal(final Candidate candidate) {
        return homeNodeId != 0 && candidate.nodeId() == homeNodeId;
    }

    /**
     * Whether the worker is on the task's node, or the task would wait longer for one that is than for its inputs.
     *
     * @param candidate the worker
     * @return true when it may have the task
     */
    public boolean mayGoTo(final Candidate candidate) {
        return localWaitNs < 0 || isLocal(candidate) || transferNs(candidate.nodeId()) < localWaitNs;
    }

    /**
     * How long the task's inputs take from its node to another: latency and, at the rate of the way, length.
     *
     * @param nodeId party id of the other node; 0 unknown
     * @return nanoseconds
     */
    public long transferNs(final int nodeId) {
        if (nodeId != farNodeId) {
            final long rate = homeBytes == 0 ? 0 : links.bytesPerSecond(homeNodeId, nodeId);
            final long latencyNs = links.latencyNs(homeNodeId, nodeId);
            final long ns = latencyNs + (rate == 0 ? 0 : Fixed.scaled(Fixed.NS_PER_SECOND, homeBytes, rate));
            farNs = latencyNs >= Links.UNREACHABLE_NS ? ns : Math.min(ns, Links.UNREACHABLE_NS - 1); // slow is a way
            farNodeId = nodeId;
        }
        return farNs;
    }

    /**
     * Whether not every worker may have it, because of where its inputs lie.
     *
     * @return true when a time to wait for a local worker is set
     */
    public boolean isForLocals() {
        return localWaitNs >= 0;
    }

    /** Why a remote worker may not have it now. */
    String tooFar(final Candidate candidate) {
        final long ns = transferNs(candidate.nodeId());
        if (ns >= Links.UNREACHABLE_NS) {
            return "there is no way for the inputs to its host";
        }
        return localWaitNs == 0
                ? "it is remote, and a local worker is free or is to have it"
                : "it is remote: the inputs take " + Fixed.text(ns) + " ms to it, a local worker is expected in "
                        + Fixed.text(localWaitNs) + " ms";
    }
}
