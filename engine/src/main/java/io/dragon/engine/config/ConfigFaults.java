package io.dragon.engine.config;

import java.util.ArrayList;
import java.util.List;

/** The faults found so far: one line each, in the order of the file. */
final class ConfigFaults {
    private static final int SHOWN = 50;

    private record Fault(int line, int column, String text) {}

    private final List<Fault> faults = new ArrayList<>();

    /** A fault at a place in a file, counted from 1. */
    void at(final String file, final int line, final int column, final String key, final String what) {
        faults.add(
                new Fault(line, column, file + ":" + line + ":" + column + ": '" + KeyType.shown(key) + "' " + what));
    }

    /** A fault of a file as text: no key is to blame. */
    void at(final String file, final int line, final int column, final String what) {
        faults.add(new Fault(line, column, file + ":" + line + ":" + column + ": " + what));
    }

    /** A fault without a place in a file. */
    void of(final String source, final String key, final String what) {
        faults.add(new Fault(Integer.MAX_VALUE, 0, source + ": '" + KeyType.shown(key) + "' " + what));
    }

    void of(final String sentence) {
        faults.add(new Fault(Integer.MAX_VALUE, 0, sentence));
    }

    boolean isEmpty() {
        return faults.isEmpty();
    }

    List<String> lines() {
        final List<Fault> sorted = new ArrayList<>(faults);
        sorted.sort((a, b) -> a.line != b.line ? Integer.compare(a.line, b.line) : Integer.compare(a.column, b.column));
        final List<String> lines = new ArrayList<>();
        for (final Fault fault : sorted) {
            if (lines.size() == SHOWN) {
                lines.add("… and " + (sorted.size() - SHOWN) + " more.");
                break;
            }
            lines.add(fault.text);
        }
        return lines;
    }

    /** Ends the run where there is any fault: all of them in one exception, exit code 2. */
    void throwIfAny() {
        if (!faults.isEmpty()) {
            throw new DragonException(DragonException.WRONG_USAGE, String.join(System.lineSeparator(), lines()));
        }
    }
}
