package io.dragon.benchmarks.harness;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What a row must reach.
 *
 * @param suite    of the row
 * @param name     of the case; {@code *} stands for anything
 * @param baseline of the row; {@code *} for any, and for none
 * @param figure   which of its figures: ratio, p50, p99, p999 or max
 * @param least    it must be; NaN where there is no such bound
 * @param most     it may be; NaN where there is no such bound
 * @param cores    on machines with fewer it is only reported
 * @param why      it is not held on those; null where it always is
 */
public record Threshold(
        String suite, String name, String baseline, String figure, double least, double most, int cores, String why) {

    /** What came of a threshold. */
    public enum Outcome {
        HELD,
        MISSED,
        /** Looked at, but the machine has too few cores for it. */
        REPORTED,
        /** The suite ran, but there was no such row: a baseline could not be had. */
        NOT_MEASURED
    }

    /**
     * A threshold beside a row.
     *
     * @param threshold that was looked at
     * @param row       to which it applies; null where there is none
     * @param outcome   what came of it
     */
    public record Verdict(Threshold threshold, Row row, Outcome outcome) {
        @Override
        public String toString() {
            final String what = outcome.name().toLowerCase(Locale.ROOT).replace('_', ' ');
            final String bound = threshold.bound();
            if (row == null) {
                return what + ": " + threshold.suite + ", " + threshold.name + ": " + bound;
            }
            return what + ": " + row.suite() + ", " + row.name()
                    + (row.baseline() == null ? "" : " beside " + row.baseline()) + ": " + threshold.figure + ' '
                    + Report.digits(threshold.of(row)) + ", expected " + bound
                    + (outcome == Outcome.REPORTED ? " (not held here: " + threshold.why + ')' : "");
        }
    }

    boolean appliesTo(final Row row) {
        return suite.equals(row.suite())
                && matches(name, row.name())
                && matches(baseline, row.baseline() == null ? "" : row.baseline())
                && Double.isFinite(of(row));
    }

    Verdict judge(final Row row, final int machineCores) {
        final double value = of(row);
        final boolean held = !(value < least) && !(value > most);
        final Outcome outcome = held ? Outcome.HELD : machineCores < cores ? Outcome.REPORTED : Outcome.MISSED;
        return new Verdict(this, row, outcome);
    }

    private double of(final Row row) {
        return switch (figure) {
            case "ratio" -> row.ratio() == null ? Double.NaN : row.ratio().median();
            case "p50" -> row.p50();
            case "p99" -> row.p99();
            case "p999" -> row.p999();
            case "max" -> row.max();
            default -> throw new IllegalStateException("there is no figure '" + figure + "' in a row");
        };
    }

    private String bound() {
        if (Double.isNaN(most)) {
            return "at least " + Report.digits(least);
        }
        return (Double.isNaN(least) ? "" : "at least " + Report.digits(least) + " and ") + "at most "
                + Report.digits(most);
    }

    private static boolean matches(final String pattern, final String text) {
        return Pattern.matches(("\\Q" + pattern + "\\E").replace("*", "\\E.*\\Q"), text);
    }
}
