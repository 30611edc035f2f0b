package io.dragon.engine.frame;

/**
 * The places between two effects of the slot protocol, where a process may die. In production the one implementation
 * does nothing and is compiled away; tests put another in its place that throws, or lets another party go on.
 */
class Steps {
    static final Steps NONE = new Steps();

    void reached(final String step) {}

    /** A place of a hot path: nothing is called, and so nothing loaded of its object, where nobody looks. */
    static void at(final Steps steps, final String step) {
        if (steps != NONE) {
            steps.reached(step);
        }
    }
}
