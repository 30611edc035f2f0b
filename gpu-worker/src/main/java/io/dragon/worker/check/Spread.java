package io.dragon.worker.check;

import java.util.Arrays;
import java.util.Locale;

/**
 * A figure that was taken several times.
 *
 * @param median the middle one.
 * @param least  the least.
 * @param most   the most.
 */
public record Spread(double median, double least, double most) {
    /**
     * What several figures say.
     *
     * @param values at least one, in any order.
     * @return their median and ends.
     */
    public static Spread of(final double... values) {
        final double[] sorted = values.clone();
        Arrays.sort(sorted);
        final int middle = sorted.length / 2;
        final double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }

    /** With the ends in brackets. */
    String words(final String format) {
        return String.format(Locale.ROOT, format + " (" + format + " to " + format + ")", median, least, most);
    }
}
