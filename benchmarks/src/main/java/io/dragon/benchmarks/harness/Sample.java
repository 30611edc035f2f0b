package io.dragon.benchmarks.harness;

import org.HdrHistogram.Histogram;

/**
 * What one side gave for one case in one round.
 *
 * @param p50       the middle value, or the one value of a rate
 * @param histogram every value; null for a rate
 * @param scale     what a value of the histogram is multiplied with to be in the row's unit
 */
public record Sample(double p50, Histogram histogram, double scale) {
    private static final long LONGEST_NS = 3_600_000_000_000L;
    private static final int DIGITS = 3;

    /**
     * An empty histogram of nanoseconds, up to an hour.
     *
     * @return three significant digits
     */
    public static Histogram histogramOfNs() {
        return new Histogram(LONGEST_NS, DIGITS);
    }

    /**
     * A rate, or any other value that is one for the whole round.
     *
     * @param value in the row's unit
     * @return the sample
     */
    public static Sample of(final double value) {
        return new Sample(value, null, 1);
    }

    /**
     * Many values.
     *
     * @param histogram of them, not changed any more
     * @param scale     what a value is multiplied with to be in the row's unit
     * @return the sample
     */
    public static Sample of(final Histogram histogram, final double scale) {
        if (histogram.getTotalCount() == 0) {
            throw new IllegalStateException("a side of a benchmark has measured nothing");
        }
        return new Sample(histogram.getValueAtPercentile(50) * scale, histogram, scale);
    }

    /**
     * A value that no measurement exceeds, without what lies beyond the longest.
     *
     * @param histogram of nanoseconds
     * @param ns        what is recorded; below zero counts as zero, beyond an hour as an hour
     */
    public static void record(final Histogram histogram, final long ns) {
        histogram.recordValue(Math.max(0, Math.min(LONGEST_NS, ns)));
    }
}
