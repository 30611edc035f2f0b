package io.dragon.tools;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.CloseHelper;

/**
 * The whole terminal as a place to draw on: an alternate screen without cursor and echo, which gives the terminal back as it was however the
 * process ends, but for SIGKILL. One thread; closing: any.
 */
final class Screen implements AutoCloseable {
    private static final String ESCAPE = "\u001b[";

    /** Alternate screen; no cursor; what is longer than a line is cut and not wrapped. */
    private static final String ENTER = ESCAPE + "?1049h" + ESCAPE + "?25l" + ESCAPE + "?7l";

    private static final String LEAVE = ESCAPE + "?7h" + ESCAPE + "?25h" + ESCAPE + "?1049l";
    private static final String HOME = ESCAPE + "H";
    private static final String END_OF_LINE = ESCAPE + "K";
    private static final String END_OF_SCREEN = ESCAPE + "J";

    /** Where a terminal does not tell its size, as on a serial line. */
    private static final Terminal.Size USUAL = new Terminal.Size(24, 80);

    private static final int ATTEMPTS = 3;
    private static final long HALT_MS = 2_000;

    private static volatile Screen taken;

    private final PrintStream out;
    private final String settings;
    private final FileInputStream keys;
    private final Thread hook;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean isResized = true;
    private Terminal.Size size = USUAL;

    private Screen(final PrintStream out, final String settings, final FileInputStream keys) {
        this.out = out;
        this.settings = settings;
        this.keys = keys;
        this.hook = new Thread(this::restore, "terminal-restorer");
    }

    /**
     * Takes the terminal.
     *
     * @param out standard output.
     * @return the screen; null where standard output is no terminal that can be drawn on.
     */
    static Screen open(final PrintStream out) {
        final String settings = Terminal.canDraw() ? Terminal.stty("-g") : null;
        if (settings == null) {
            return null;
        }
        final Screen screen;
        try {
            screen = new Screen(out, settings, new FileInputStream(Terminal.DEVICE.toFile()));
        } catch (final IOException ex) {
            return null;
        }
        Runtime.getRuntime().addShutdownHook(screen.hook); // before anything is changed
        taken = screen;
        screen.enter();
        return screen;
    }

    private void enter() {
        try {
            Signals.handle(signal -> isResized = true, "WINCH");
        } catch (final ReflectiveOperationException ex) {
            isResized = true; // it keeps the size that it has now
        }
        // No Ctrl-Z: the shell would get the terminal as it is here.
        Terminal.stty("-icanon", "-echo", "susp", "undef");
        out.print(ENTER);
        out.flush();
    }

    /** Looks at the size of the terminal where it may have changed; false where it has not. */
    boolean refreshSize() {
        if (!isResized) {
            return false;
        }
        isResized = false;
        final Terminal.Size now = Terminal.size();
        size = now.rows() > 0 && now.columns() > 0 ? now : USUAL;
        return true;
    }

    /** The size at the last look. */
    Terminal.Size size() {
        return size;
    }

    /** True when {@code q} was pressed, or nobody can press a key any more. */
    boolean isEndAsked() {
        try {
            while (keys.available() > 0) {
                final int key = keys.read();
                if (key == 'q' || key == 'Q') {
                    return true;
                }
            }
            return false;
        } catch (final IOException ex) {
            return true;
        }
    }

    /** Draws over what is there; of more lines than there is room for it says how many. */
    void draw(final List<String> lines) {
        final StringBuilder text = new StringBuilder(HOME);
        final int shown = Math.min(lines.size(), size.rows());
        for (int i = 0; i < shown; i++) {
            final boolean isCut = i == shown - 1 && shown < lines.size();
            text.append(i == 0 ? "" : "\r\n")
                    .append(fitting(isCut ? "... and " + (lines.size() - i) + " lines more" : lines.get(i)))
                    .append(END_OF_LINE);
        }
        out.print(shown < size.rows() ? text.append("\r\n" + END_OF_SCREEN) : text);
        out.flush();
    }

    /** Without anything that would do more than be shown: names come from anywhere. */
    private String fitting(final String line) {
        final StringBuilder fitting = new StringBuilder(size.columns());
        for (int i = 0; i < line.length() && i < size.columns(); i++) {
            final char c = line.charAt(i);
            fitting.append(Character.isISOControl(c) ? '?' : c);
        }
        return fitting.toString();
    }

    @Override
    public void close() {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (final IllegalStateException ex) {
            return; // it runs, and finds that all is done
        }
        CloseHelper.quietClose(keys);
    }

    /** Before a halt, which runs no hooks: gives a terminal back that was taken, if that goes at all. */
    static void giveBack() {
        final Screen screen = taken;
        if (screen == null) {
            return;
        }
        final Thread last = new Thread(screen::restore, "terminal-restorer-at-halt");
        last.setDaemon(true);
        last.start();
        try {
            last.join(HALT_MS);
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
    }

    /** Who comes second waits until it is done: the process may end right behind it. */
    private synchronized void restore() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        out.print(LEAVE);
        out.flush();
        // A second Ctrl-C goes to this program, too.
        for (int i = 0; i < ATTEMPTS && Terminal.stty(settings) == null; i++) {
            Thread.onSpinWait();
        }
    }
}
