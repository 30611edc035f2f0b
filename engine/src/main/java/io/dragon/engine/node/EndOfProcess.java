package io.dragon.engine.node;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Why a process ended, in words. */
final class EndOfProcess {
    /** What the wire carries of a text. */
    static final int MAX_BYTES = 128;

    private static final int FIRST_SIGNAL = 128;
    private static final int LAST_SIGNAL = 128 + 64;
    private static final Map<Integer, String> SIGNALS = Map.ofEntries(
            Map.entry(1, "SIGHUP"),
            Map.entry(2, "SIGINT"),
            Map.entry(3, "SIGQUIT"),
            Map.entry(4, "SIGILL"),
            Map.entry(6, "SIGABRT"),
            Map.entry(7, "SIGBUS"),
            Map.entry(8, "SIGFPE"),
            Map.entry(9, "SIGKILL"),
            Map.entry(11, "SIGSEGV"),
            Map.entry(13, "SIGPIPE"),
            Map.entry(14, "SIGALRM"),
            Map.entry(15, "SIGTERM"),
            Map.entry(24, "SIGXCPU"),
            Map.entry(25, "SIGXFSZ"),
            Map.entry(31, "SIGSYS"));

    private EndOfProcess() {}

    /** {@code killed by SIGKILL}, {@code exit code 1: there is no GPU 3}. */
    static String words(final int exitCode, final String lastWords) {
        if (exitCode > FIRST_SIGNAL && exitCode <= LAST_SIGNAL) {
            final int signal = exitCode - FIRST_SIGNAL;
            return "killed by " + SIGNALS.getOrDefault(signal, "signal " + signal);
        }
        return "exit code " + exitCode + (lastWords.isBlank() ? "" : ": " + lastWords.trim());
    }

    /** {@code 350 ms}, {@code 12 s}, {@code 3 min}. */
    static String span(final long ns) {
        final long ms = Math.max(0, ns) / 1_000_000;
        return ms < 1_000 ? ms + " ms" : ms < 120_000 ? ms / 1_000 + " s" : ms / 60_000 + " min";
    }

    /** As much of a text as the wire carries. */
    static String cut(final String text) {
        if (text.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES) {
            return text;
        }
        final StringBuilder cut = new StringBuilder();
        final String ellipsis = "…";
        int bytes = ellipsis.getBytes(StandardCharsets.UTF_8).length;
        for (int i = 0; i < text.length(); ) {
            final String character = Character.toString(text.codePointAt(i));
            bytes += character.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > MAX_BYTES) {
                break;
            }
            cut.append(character);
            i += character.length();
        }
        return cut.append(ellipsis).toString();
    }
}
