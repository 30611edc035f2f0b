package io.dragon.benchmarks.harness;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A line of a report. The ratio is ours over the baseline's, for times as for rates; {@code better} says which way is good. What is
 * not known is {@link Double#NaN}, in JSON {@code null}.
 *
 * @param suite       what it belongs to
 * @param name        of the case
 * @param unit        of the values
 * @param better      which way is good
 * @param p50         median of the rounds' medians, or of their rates
 * @param p99         of all rounds together
 * @param p999        of all rounds together
 * @param max         of all rounds together
 * @param baseline    what ours is compared with; null where there is nothing
 * @param baselineP50 as ours
 * @param ratio       taken within each round; null without a baseline
 * @param source      the source documents' own figure; null where they give none
 */
public record Row(
        String suite,
        String name,
        String unit,
        Better better,
        double p50,
        double p99,
        double p999,
        double max,
        String baseline,
        double baselineP50,
        Spread ratio,
        String source) {

    /**
     * A row without a baseline.
     *
     * @param suite  what it belongs to
     * @param name   of the case
     * @param unit   of the values
     * @param better which way is good
     * @param sample the values
     * @return the row
     */
    public static Row alone(
            final String suite, final String name, final String unit, final Better better, final Sample sample) {
        return new Row(
                suite,
                name,
                unit,
                better,
                sample.p50(),
                percentile(sample, 99),
                percentile(sample, 99.9),
                percentile(sample, 100),
                null,
                Double.NaN,
                null,
                null);
    }

    /**
     * A row of one value a round and side.
     *
     * @param suite    what it belongs to
     * @param name     of the case
     * @param unit     of the values
     * @param better   which way is good
     * @param ours     one value a round
     * @param baseline what ours is compared with; null where there is nothing
     * @param theirs   one value a round; null without a baseline
     * @return the row
     */
    public static Row ofRounds(
            final String suite,
            final String name,
            final String unit,
            final Better better,
            final double[] ours,
            final String baseline,
            final double[] theirs) {
        return new Row(
                suite,
                name,
                unit,
                better,
                Spread.of(ours).median(),
                Double.NaN,
                Double.NaN,
                Double.NaN,
                baseline,
                theirs == null ? Double.NaN : Spread.of(theirs).median(),
                theirs == null ? null : Spread.ofRatios(ours, theirs),
                null);
    }

    /**
     * The same with the figure of the source documents.
     *
     * @param figure in their unit, as text
     * @return a row
     */
    public Row withSource(final String figure) {
        return new Row(suite, name, unit, better, p50, p99, p999, max, baseline, baselineP50, ratio, figure);
    }

    static double percentile(final Sample sample, final double percentile) {
        return sample.histogram() == null
                ? Double.NaN
                : sample.histogram().getValueAtPercentile(percentile) * sample.scale();
    }

    Map<String, Object> toJson() {
        final Map<String, Object> json = new LinkedHashMap<>();
        json.put("suite", suite);
        json.put("case", name);
        json.put("unit", unit);
        json.put("p50", number(p50));
        json.put("p99", number(p99));
        json.put("p999", number(p999));
        json.put("max", number(max));
        json.put("baseline", baseline);
        json.put("baselineP50", number(baselineP50));
        json.put("ratio", ratio == null ? null : number(ratio.median()));
        json.put("ratioMin", ratio == null ? null : number(ratio.least()));
        json.put("ratioMax", ratio == null ? null : number(ratio.most()));
        json.put("better", better.word());
        json.put("source", source);
        return json;
    }

    /** More digits than a measurement has would look as if they meant something. */
    private static Double number(final double value) {
        if (!Double.isFinite(value)) {
            return null;
        }
        if (value == 0) {
            return 0.0;
        }
        final double unit = Math.pow(10, Math.floor(Math.log10(Math.abs(value))) - 4);
        return unit >= 1 ? Math.round(value / unit) * unit : Math.round(value / unit) / Math.rint(1 / unit);
    }
}
