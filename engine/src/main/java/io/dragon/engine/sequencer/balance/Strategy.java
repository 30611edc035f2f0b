package io.dragon.engine.sequencer.balance;

import java.util.List;

/**
 * Orders the workers of one task type that have a free place, and chooses among them. Deterministic: what it answers depends
 * on nothing but the candidates, what they tell, their stamps and credits, and the demand. Fixed point throughout, and no
 * allocation in {@link #choose}. At most 32 candidates are compared, in the order of their load, those that cannot take the
 * task not counted. One instance a task type; one thread.
 */
public interface Strategy {
    /** The next available worker. */
    String ROUND_ROBIN = "round-robin";

    /** Blocks in proportion to what each worker can do: {@link WeightedRoundRobin}. */
    String WEIGHTED_ROUND_ROBIN = "weighted-round-robin";

    /** The worker with the lowest share of its window in use; among equals the one that waited longest. */
    String LEAST_LOADED = "least-loaded";

    /** Load, speed and urgency: {@link Weighted}. The default. */
    String WEIGHTED = "weighted";

    /** The shortest time to an answer, with bonus and malus: {@link Scored}. */
    String SCORED = "scored";

    /** Workers on the node of the data first: {@link PreferLocal}. */
    String PREFER_LOCAL = "prefer-local";

    /** All names, the default first. */
    List<String> NAMES = List.of(WEIGHTED, ROUND_ROBIN, WEIGHTED_ROUND_ROBIN, LEAST_LOADED, SCORED, PREFER_LOCAL);

    /** Candidates that one choice compares, at most. */
    int MOST_COMPARED = 32;

    /**
     * Enters a worker that has a free place, or puts it where it now belongs.
     *
     * @param candidate the worker
     * @param stamp     larger than every stamp before; decides among equals, the smaller first
     * @param took      whether it has just been given a task of this type; otherwise it has one less, or is new
     */
    void offer(Candidate candidate, long stamp, boolean took);

    /**
     * A worker has no free place any more, but goes on working.
     *
     * @param candidate the worker
     */
    default void full(final Candidate candidate) {
        withdraw(candidate);
    }

    /**
     * Takes a worker out: it is gone, or gets nothing for now.
     *
     * @param candidate the worker
     */
    void withdraw(Candidate candidate);

    /**
     * The worker that gets the task.
     *
     * @param demand the task
     * @return the worker, or null when none of those with a free place is to get it
     */
    Candidate choose(Demand demand);

    /**
     * Whether it may refuse a task for another reason than the one excepted worker, so that the same task may be welcome
     * later though nobody has come or become free; {@link #choose} then changes nothing.
     *
     * @return true when it may
     */
    default boolean isChoosy() {
        return false;
    }

    /**
     * Whether {@link #choose} would have an answer now. Changes nothing.
     *
     * @param demand the task
     * @return true when a worker with a free place may have it
     */
    boolean welcomes(Demand demand);

    /**
     * Whether the worker may have such a task at all, be it free or not.
     *
     * @param demand    the task
     * @param candidate the worker
     * @return false when it lacks memory or its score is too low
     */
    default boolean suits(final Demand demand, final Candidate candidate) {
        return true;
    }

    /**
     * Whether any worker has a free place.
     *
     * @return true when there is none
     */
    boolean isEmpty();

    /**
     * Tells how {@link #choose} would come to its answer now. Changes nothing; may allocate.
     *
     * @param demand the task
     * @param to     hears of every worker with a free place
     */
    void explain(Demand demand, Explanation to);

    /** Hears how a choice is made. */
    interface Explanation {
        /**
         * A worker that may be chosen.
         *
         * @param candidate  the worker
         * @param millionths its score
         * @param factors    what the score is made of
         */
        void considered(Candidate candidate, long millionths, String factors);

        /**
         * A worker that is not to get the task.
         *
         * @param candidate the worker
         * @param why       in words
         */
        void excluded(Candidate candidate, String why);
    }

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
            case WEIGHTED_ROUND_ROBIN -> new WeightedRoundRobin();
            case LEAST_LOADED -> new LeastLoaded();
            case WEIGHTED -> new Weighted();
            case SCORED -> new Scored();
            case PREFER_LOCAL -> new PreferLocal();
            default -> throw new IllegalStateException(
                    "'" + name + "' is not a strategy, expected one of " + String.join(", ", NAMES));
        };
    }
}
