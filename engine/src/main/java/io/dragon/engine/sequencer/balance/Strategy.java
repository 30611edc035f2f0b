package io.dragon.engine.sequencer.balance;

/**
 * Orders the workers of one task type that have a free place. Deterministic: what it answers depends on nothing but the
 * candidates offered, their loads and their stamps. One instance a task type; one thread.
 */
public interface Strategy {
    /** The next available worker. */
    String ROUND_ROBIN = "round-robin";

    /** The worker with the lowest share of its window in use; among equals the one that waited longest. */
    String LEAST_LOADED = "least-loaded";

    /**
     * Enters a worker that has a free place, or puts it where it now belongs.
     *
     * @param candidate the worker, its load up to date
     * @param stamp     larger than every stamp before; decides among equals, the smaller first
     * @param took      whether it has just been given a task of this type; otherwise it has one less, or is new
     */
    void offer(Candidate candidate, long stamp, boolean took);

    /**
     * Takes a worker out: it has no free place any more, or is gone.
     *
     * @param candidate the worker
     */
    void withdraw(Candidate candidate);

    /**
     * The worker that gets the next task.
     *
     * @param exceptWorkerId a worker that is not to get it, 0 for none
     * @return the worker, or null when there is none
     */
    Candidate choose(int exceptWorkerId);

    /**
     * Whether any worker has a free place.
     *
     * @return true when there is none
     */
    boolean isEmpty();

    /**
     * A new instance by name.
     *
     * @param name one of the names above
     * @return the strategy
     * @throws IllegalStateException when there is none of that name
     */
    static Strategy of(final String name) {
        return switch (name) {
            case ROUND_ROBIN -> new RoundRobin();
            case LEAST_LOADED -> new LeastLoaded();
            default -> throw new IllegalStateException(
                    "'" + name + "' is not a strategy, expected " + ROUND_ROBIN + " or " + LEAST_LOADED);
        };
    }
}
