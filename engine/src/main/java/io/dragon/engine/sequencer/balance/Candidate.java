package io.dragon.engine.sequencer.balance;

/**
 * A worker as a strategy sees it; the sequencer has one for every worker and task type. What it tells is always of now; its
 * place among the others changes with {@link Strategy#offer}, {@link Strategy#full} and {@link Strategy#withdraw} only.
 */
public abstract class Candidate {
    /** Its place among all that have a free place. */
    final Place place = new Place(this);

    /** Its place among those of its node, for {@link PreferLocal}; and as what it is counted there. */
    final Place home = new Place(this);

    PreferLocal.Node node;
    int countedAssigned;
    int countedWindow;

    final int workerId;
    private long stamp;
    private long credit;

    /**
     * A worker that no strategy knows yet.
     *
     * @param workerId its party id
     */
    protected Candidate(final int workerId) {
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
     * Tasks the worker has, of whatever type.
     *
     * @return the number
     */
    public abstract int assigned();

    /**
     * Tasks the worker takes at a time.
     *
     * @return the number, at least 1
     */
    public abstract int window();

    /**
     * Tasks the worker has, of whatever type, that are as urgent or more.
     *
     * @param priority 0 to 7, 7 most urgent
     * @return the number
     */
    public abstract int assignedAtLeast(int priority);

    /**
     * The node the worker runs on.
     *
     * @return its party id; 0 unknown
     */
    public abstract int nodeId();

    /**
     * Memory of its device in all.
     *
     * @return bytes; 0 unknown
     */
    public abstract long memoryBytes();

    /**
     * Memory of its device that was free by its last word.
     *
     * @return bytes; -1 unknown
     */
    public abstract long freeBytes();

    /**
     * In how many pieces, one after the other, tasks of this type begin on it.
     *
     * @return at least 1
     */
    public abstract int pieces();

    /**
     * How long it takes for a task of this type: its own exponential average, or that of all workers while it has none.
     *
     * @return nanoseconds; -1 while nobody has done one
     */
    public abstract long meanNs();

    /**
     * The length of the inputs of the tasks that {@link #meanNs} is made of, averaged alike.
     *
     * @return bytes; 0 unknown or none
     */
    public abstract long meanBytes();

    /**
     * When a task last failed on it.
     *
     * @return on the clock of {@link Demand#at}; -1 never
     */
    public abstract long erredMs();

    /**
     * Whether its device can hold a task, by what is known.
     *
     * @param demand of the task
     * @return true also when the task does not tell its need, or nobody knows the memory
     */
    public final boolean fits(final Demand demand) {
        if (demand.memoryBytes == 0) {
            return true;
        }
        final long free = known();
        return free < 0 || need(demand) <= free;
    }

    /** Free memory, or all of it where only that is known; -1 when nothing is. */
    final long known() {
        final long free = freeBytes();
        return free >= 0 || memoryBytes() <= 0 ? free : memoryBytes();
    }

    /** What the task needs at a time, in as many pieces as it would be worked here. */
    final long need(final Demand demand) {
        return ceil(demand.memoryBytes, pieces(demand.memoryBytes, demand.leastPieces, demand.mostPieces));
    }

    /**
     * In how many pieces a task would be worked: as tasks of this type begin here, or as many as the task is known to need, or
     * in as many as its device can hold one of at all.
     *
     * @param taskBytes what the task needs in one piece; 0 unknown
     * @param least     pieces that the task is known to need
     * @param most      pieces that any task is worked in
     * @return at least 1
     */
    public final int pieces(final long taskBytes, final int least, final int most) {
        final long deviceBytes = memoryBytes();
        int pieces = Math.max(pieces(), least);
        while (pieces < most && deviceBytes > 0 && ceil(taskBytes, pieces) > deviceBytes) {
            pieces *= 2;
        }
        return Math.min(most, pieces);
    }

    private static long ceil(final long bytes, final int pieces) {
        return bytes / pieces + (bytes % pieces == 0 ? 0 : 1);
    }

    /**
     * The stamp that decides its place among equals.
     *
     * @return the stamp
     */
    public final long stamp() {
        return stamp;
    }

    final void stamp(final long newStamp) {
        this.stamp = newStamp;
    }

    /**
     * What {@link Strategy#WEIGHTED_ROUND_ROBIN} owes it.
     *
     * @return in the unit of that strategy's weights; negative when it had more than its share
     */
    public final long credit() {
        return credit;
    }

    /**
     * Sets what {@link Strategy#WEIGHTED_ROUND_ROBIN} owes it, as read from a snapshot.
     *
     * @param newCredit as {@link #credit()} told
     */
    public final void credit(final long newCredit) {
        this.credit = newCredit;
    }

    /**
     * Whether it is entered with its strategy as one with a free place.
     *
     * @return true between offer and withdraw, or full
     */
    public final boolean isOffered() {
        return place.list != null;
    }
}
