package io.dragon.engine.client;

/**
 * The pool of a camera on its way from the publisher to the agent. When the camera is fenced, its pool belongs to the incarnation that is
 * over: the agent begins a generation, the publisher makes a pool for it, and until then the agent has none that it may name.
 *
 * @param <P> the pool
 */
final class FeedPool<P> {
    private volatile int generation;
    private volatile P pool;
    private volatile int poolGeneration;

    FeedPool(final P first) {
        pool = first;
    }

    /** The pool it had is of no use any more. Agent thread. */
    void fence() {
        generation++;
    }

    /** The generation for which a pool is wanted. Any thread. */
    int generation() {
        return generation;
    }

    /** A new pool for that generation, which may be over meanwhile. Publisher's thread. */
    void renew(final P value, final int ofGeneration) {
        pool = value;
        poolGeneration = ofGeneration; // after the pool: who sees the generation has it
    }

    /** Whether {@link #latest} is of the present generation; it stays so until the next fence. Agent thread. */
    boolean isCurrent() {
        return poolGeneration == generation;
    }

    /** The pool that was made last. Any thread. */
    P latest() {
        return pool;
    }
}
