package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * What is shown again and again: over the whole terminal where there is one, and as plain blocks where there is none. {@code q}, Ctrl-C and
 * SIGTERM end it, and a reader that has left a pipe. One thread.
 */
final class LiveView implements AutoCloseable {
    /** As wide as reports are, where nobody says how wide it may be. */
    static final int PLAIN_COLUMNS = 120;

    private static final long SHORTEST_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_NS = TimeUnit.HOURS.toNanos(1);
    private static final long LOOK_MS = 50;

    private final PrintStream out;
    private final StopSignal stop;
    private final boolean isShown;
    private final Screen screen;
    private Picture last;
    private boolean isFirst = true;

    /** What is shown, for the room that there is. */
    interface Picture {
        /**
         * The lines.
         *
         * @param columns characters a line.
         * @param rows    lines; 0 for as many as it takes.
         */
        List<String> lines(int columns, int rows);
    }

    private LiveView(final PrintStream out, final StopSignal stop, final boolean isShown, final Screen screen) {
        this.out = out;
        this.stop = stop;
        this.isShown = isShown;
        this.screen = screen;
    }

    /** Nanoseconds between two pictures, as an option of a command gives them. */
    static long nanos(final String option, final Duration interval) {
        final long nanos = interval.toNanos();
        if (nanos < SHORTEST_NS || nanos > LONGEST_NS) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "'" + option + " " + nanos / 1e9 + "s' is out of range, expected 100ms to 1h");
        }
        return nanos;
    }

    /**
     * Takes the terminal, where standard output is one.
     *
     * @param out     standard output.
     * @param stop    ends it.
     * @param isShown false to show nothing, because what goes to standard output is for a program.
     */
    static LiveView open(final PrintStream out, final StopSignal stop, final boolean isShown) {
        return new LiveView(out, stop, isShown, isShown ? Screen.open(out) : null);
    }

    /** Whether it has the whole terminal. */
    boolean isOnScreen() {
        return screen != null;
    }

    /** Shows something until the next is shown. */
    void show(final Picture picture) {
        if (!isShown) {
            return;
        }
        last = picture;
        if (screen != null) {
            screen.refreshSize();
            draw();
            return;
        }
        if (!isFirst) {
            out.println();
        }
        isFirst = false;
        picture.lines(PLAIN_COLUMNS, 0).forEach(out::println);
        out.flush();
    }

    private void draw() {
        final Terminal.Size size = screen.size();
        screen.draw(last.lines(size.columns(), size.rows()));
    }

    /**
     * Waits, and follows the terminal's size meanwhile.
     *
     * @param nanos how long, at most.
     * @param news  true when there is something else to show.
     * @return false when it is to end.
     */
    boolean await(final long nanos, final BooleanSupplier news) throws InterruptedException {
        final long startNs = System.nanoTime();
        for (; ; ) {
            final long leftNs = nanos - (System.nanoTime() - startNs);
            if (leftNs <= 0 || news.getAsBoolean()) {
                return !stop.isRequested() && !out.checkError();
            }
            if (stop.await(Math.min(leftNs, TimeUnit.MILLISECONDS.toNanos(LOOK_MS)), TimeUnit.NANOSECONDS)) {
                return false;
            }
            if (screen != null) {
                if (screen.isEndAsked()) {
                    return false;
                }
                if (screen.refreshSize()) {
                    draw();
                }
            }
        }
    }

    /** Gives the terminal back. */
    @Override
    public void close() {
        if (screen != null) {
            screen.close();
        }
    }
}
