package io.dragon.benchmarks;

import java.util.Arrays;
import java.util.Locale;

/**
 * What several rounds gave.
 *
 * @param median the middle one, or the mean of the two in the middle
 * @param least  the least
 * @param most   the most
 */
record Spread(double median, double least, double most) {
    static Spread of(final double... rounds) {
        final double[] sorted = rounds.clone();
        Arrays.sort(sorted);
        final int half = sorted.length / 2;
        final double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }

    /** Three significant digits are more than a shared machine can tell. */
    private static String digits(final double value) {
        if (value >= 100) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, value >= 10 ? "%.1f" : value >= 1 ? "%.2f" : "%.4f", value);
    }

    @Override
    public String toString() {
        return digits(median) + " [" + digits(least) + " .. " + digits(most) + "]";
    }
}
