package io.dragon.benchmarks.harness;

import java.util.Arrays;
import java.util.Locale;

/**
 * What several rounds gave.
 *
 * @param median the middle one, or the mean of the two in the middle
 * @param least  the least
 * @param most   the most
 */
public record Spread(double median, double least, double most) {
    /**
     * What these rounds gave.
     *
     * @param rounds one value a round
     * @return their spread
     */
    public static Spread of(final double... rounds) {
        final double[] sorted = rounds.clone();
        Arrays.sort(sorted);
        final int half = sorted.length / 2;
        final double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }

    /**
     * What ratios give that are taken within each round.
     *
     * @param ours     one value a round
     * @param baseline the same rounds
     * @return the spread of ours over the baseline's
     */
    public static Spread ofRatios(final double[] ours, final double[] baseline) {
        final double[] ratios = new double[ours.length];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = ours[i] / baseline[i];
        }
        return of(ratios);
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
