package io.dragon.tools;

import io.dragon.engine.config.StandardError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the streams of this process are connected to. */
final class Terminal {
    /** The terminal that this process belongs to, wherever its standard streams lead. */
    static final Path DEVICE = Path.of("/dev/tty");

    private static final int DEFAULT_COLUMNS = 80;
    private static final Pattern SIZE = Pattern.compile("(\\d{1,5}) (\\d{1,5})");

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
        final int columns = size().columns();
        return columns > 0 ? columns : DEFAULT_COLUMNS;
    }

    /** True where the whole of standard output can be drawn on. */
    static boolean canDraw() {
        return isOutput() && !isDumb();
    }

    /** The size of the terminal as it is now; zeros where it cannot be told. */
    static Size size() {
        final String answer = stty("size");
        final Matcher size = SIZE.matcher(answer == null ? "" : answer);
        return size.matches()
                ? new Size(Integer.parseInt(size.group(1)), Integer.parseInt(size.group(2)))
                : new Size(0, 0);
    }

    /**
     * Asks or changes the settings of the terminal that this process belongs to.
     *
     * @param args of {@code stty}.
     * @return what it answered; null when it failed, as where there is no terminal.
     */
    static String stty(final String... args) {
        try {
            final List<String> command = new ArrayList<>(List.of("stty"));
            command.addAll(List.of(args));
            final Process stty = new ProcessBuilder(command)
                    .redirectInput(DEVICE.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            final String answer = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).trim();
            return stty.waitFor() == 0 ? answer : null;
        } catch (final IOException ex) {
            return null;
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /**
     * The size of a terminal.
     *
     * @param rows    lines.
     * @param columns characters a line.
     */
    record Size(int rows, int columns) {}

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
