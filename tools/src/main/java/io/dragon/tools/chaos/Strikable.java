package io.dragon.tools.chaos;

/** A process that a fault can befall. One thread. */
interface Strikable {
    /** What it is called in tables. */
    String name();

    /** kill -9; its supervisor starts it again, or {@link #start} does. */
    void kill();

    /** SIGSTOP. */
    void pause();

    /** SIGCONT after {@link #pause}. */
    void goOn();

    /** Starts it again, unless somebody else does. */
    void start();
}
