package io.dragon.tools.demo;

/** kill -9 of a part of the demo half-way, and what was seen of it. Called from the demo's thread. */
interface Kill extends AutoCloseable {
    /** Kills at the first call, and then looks until all is known. */
    void poll();

    /** What was killed: {@code worker} or {@code master}. */
    String kind();

    /** Which one. */
    String name();

    /** {@link System#nanoTime} of the kill; 0 when it never came to it. */
    long killedNs();

    /** Milliseconds until the others knew; -1 when they never did. */
    double detectedMillis();

    /** Milliseconds until its work was done by another; -1 when it never was. */
    double recoveredMillis(Ledger ledger);

    /** What recovered means, in words that follow the name and the times. */
    String recovery();

    @Override
    default void close() {}
}
