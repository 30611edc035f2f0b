package io.dragon.tools.demo;

/** Tells a person what happens, as it happens. Called from the demo's thread. */
public interface Narrator {
    /**
     * Something that stays on the screen.
     *
     * @param text one line.
     */
    void line(String text);

    /**
     * How far the run is.
     *
     * @param steps steps that have come out.
     */
    void progress(long steps);
}
