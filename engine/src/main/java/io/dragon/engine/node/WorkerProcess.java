package io.dragon.engine.node;

/** A worker's process, as its supervisor sees it. Any thread; nothing here blocks. */
public interface WorkerProcess {
    /**
     * The operating system's id of it.
     *
     * @return the id.
     */
    long pid();

    /**
     * Whether it has not ended.
     *
     * @return false from the moment on that the operating system told its end.
     */
    boolean isAlive();

    /**
     * When it ended.
     *
     * @return nanoseconds of {@link System#nanoTime}; only of one that has ended.
     */
    long endedNs();

    /**
     * How it ended.
     *
     * @return its exit code; 128 and the number of the signal that ended it. Only of one that has ended.
     */
    int exitCode();

    /**
     * What it said last.
     *
     * @return the last line of its log, without time and level; empty when it said nothing.
     */
    String lastWords();

    /** Asks it to finish what it has in hand and to end: SIGTERM. */
    void terminate();

    /** Ends it at once, whatever it does, also when it is stopped: SIGKILL. */
    void kill();
}
