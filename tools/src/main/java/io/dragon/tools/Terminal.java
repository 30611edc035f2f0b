package io.dragon.tools;

import io.dragon.engine.config.StandardError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** What the streams of this process are connected to. */
final class Terminal {
    private static final int DEFAULT_COLUMNS = 80;

    private Terminal() {}

    /** True where standard output is a terminal. */
    static boolean isOutput() {
        return isTerminal(1);
    }

    /** True where standard error is a terminal. */
    static boolean isError() {
        return isTerminal(StandardError.descriptor());
    }

    /** True where colour is welcome: a terminal, not a dumb one, and no {@code NO_COLOR}. */
    static boolean colour() {
        final String none = System.getenv("NO_COLOR");
        return (none == null || none.isEmpty()) && !isDumb() && isOutput() && isError();
    }

    /** True where a line can be drawn over. */
    static boolean canRedraw() {
        return isError() && !isDumb();
    }

    /** The width of the terminal, 80 where it cannot be told. */
    static int columns() {
        final String variable = System.getenv("COLUMNS");
        if (variable != null && variable.matches("[1-9][0-9]{1,3}")) {
            return Integer.parseInt(variable);
        }
        try {
            final Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(Path.of("/dev/tty").toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            final String answer = new String(stty.getInputStream().readNBytes(64)).trim();
            stty.waitFor(1, TimeUnit.SECONDS);
            final int columns = Integer.parseInt(answer.substring(answer.indexOf(' ') + 1));
            return columns > 0 ? columns : DEFAULT_COLUMNS;
        } catch (final IOException | NumberFormatException ex) {
            return DEFAULT_COLUMNS;
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            return DEFAULT_COLUMNS;
        }
    }

    private static boolean isDumb() {
        final String term = System.getenv("TERM");
        return term == null || term.isEmpty() || "dumb".equals(term);
    }

    private static boolean isTerminal(final int descriptor) {
        try {
            final String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (final IOException | UnsupportedOperationException ex) {
            return false;
        }
    }
}
