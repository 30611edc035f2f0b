package io.dragon.benchmarks.harness;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * Ours and its baselines, measured in turn. Who is first changes from round to round, and ratios are taken within a round, where all
 * had the same neighbours on the machine.
 */
public final class Contest {
    /** One of those that take turns. */
    @FunctionalInterface
    public interface Side {
        /**
         * Measures once.
         *
         * @param round from 0; below 0 it only warms up
         * @return what it gave, by case
         * @throws Exception when it cannot measure, and then the suite ends
         */
        Map<String, Sample> run(int round) throws Exception;
    }

    /**
     * What one side gave for one case in one round.
     *
     * @param side   name of the side
     * @param name   of the case
     * @param round  from 0
     * @param sample what it gave
     */
    public record Recording(String side, String name, int round, Sample sample) {}

    private final String suite;
    private final Map<String, Side> sides = new LinkedHashMap<>();
    private final List<Recording> recordings = new ArrayList<>();
    private int rounds;

    /**
     * A contest without sides.
     *
     * @param suite what it belongs to
     */
    public Contest(final String suite) {
        this.suite = suite;
    }

    /**
     * Adds a side.
     *
     * @param name of the side
     * @param side how it is measured
     * @return this
     */
    public Contest side(final String name, final Side side) {
        sides.put(name, side);
        return this;
    }

    /**
     * Runs all sides in turn.
     *
     * @param warmUps  rounds that count for nothing
     * @param rounds   rounds
     * @param progress told what runs
     * @return this
     * @throws Exception of the first side that cannot measure
     */
    public Contest run(final int warmUps, final int rounds, final Consumer<String> progress) throws Exception {
        this.rounds = rounds;
        final List<String> names = new ArrayList<>(sides.keySet());
        for (int round = -warmUps; round < rounds; round++) {
            progress.accept(round < 0 ? "warm-up" : "round " + (round + 1) + " of " + rounds);
            for (final String name : order(names, round + warmUps)) {
                final Map<String, Sample> samples = sides.get(name).run(round);
                if (round >= 0) {
                    for (final Map.Entry<String, Sample> entry : samples.entrySet()) {
                        recordings.add(new Recording(name, entry.getKey(), round, entry.getValue()));
                    }
                }
            }
        }
        return this;
    }

    /** Each side is first, second, ... equally often; and who follows whom changes, too. */
    static List<String> order(final List<String> names, final int turn) {
        final int count = names.size();
        final List<String> order = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            final int step = turn / count % 2 == 0 ? i : count - i;
            order.add(names.get((turn + step) % count));
        }
        return order;
    }

    /**
     * All that was measured.
     *
     * @return in the order in which it was measured
     */
    public List<Recording> recordings() {
        return recordings;
    }

    /**
     * What a side gave.
     *
     * @param side name of the side
     * @param name of the case
     * @return one value a round
     */
    public double[] values(final String side, final String name) {
        return values(side, name, Sample::p50);
    }

    /**
     * A percentile of what a side gave.
     *
     * @param side       name of the side
     * @param name       of the case, of which single values were recorded
     * @param percentile 0 to 100
     * @return one value a round
     */
    public double[] percentiles(final String side, final String name, final double percentile) {
        return values(side, name, sample -> Row.percentile(sample, percentile));
    }

    private double[] values(final String side, final String name, final ToDoubleFunction<Sample> figure) {
        final double[] values = new double[rounds];
        int found = 0;
        for (final Recording recording : recordings) {
            if (recording.side.equals(side) && recording.name.equals(name)) {
                values[recording.round] = figure.applyAsDouble(recording.sample);
                found++;
            }
        }
        if (found != rounds) {
            throw new IllegalStateException(
                    side + " gave '" + name + "' in " + found + " of " + rounds + " rounds of " + suite);
        }
        return values;
    }

    /**
     * All rounds of one side in one.
     *
     * @param side name of the side
     * @param name of the case
     * @return the median of the rounds' medians, and all values together
     */
    public Sample all(final String side, final String name) {
        Histogram sum = null;
        double scale = 1;
        for (final Recording recording : recordings) {
            final Histogram histogram = recording.sample.histogram();
            if (histogram != null && recording.side.equals(side) && recording.name.equals(name)) {
                scale = recording.sample.scale();
                if (sum == null) {
                    sum = histogram.copy();
                } else {
                    sum.add(histogram);
                }
            }
        }
        return new Sample(Spread.of(values(side, name)).median(), sum, scale);
    }

    /**
     * One case beside the same case of a baseline.
     *
     * @param ours     name of our side
     * @param baseline name of the other
     * @param name     of the case
     * @param unit     of the values
     * @param better   which way is good
     * @return a row
     */
    public Row row(
            final String ours, final String baseline, final String name, final String unit, final Better better) {
        return row(name, ours, name, baseline, name, baseline, unit, better);
    }

    /**
     * One case beside any case of any side.
     *
     * @param title        of the row
     * @param ours         name of our side
     * @param ourCase      of our side
     * @param side         name of the other side, or ours
     * @param baselineCase of that side
     * @param baseline     what the baseline is called
     * @param unit         of the values
     * @param better       which way is good
     * @return a row
     */
    public Row row(
            final String title,
            final String ours,
            final String ourCase,
            final String side,
            final String baselineCase,
            final String baseline,
            final String unit,
            final Better better) {
        final Row alone = Row.alone(suite, title, unit, better, all(ours, ourCase));
        final double[] baselines = values(side, baselineCase);
        return new Row(
                suite,
                title,
                unit,
                better,
                alone.p50(),
                alone.p99(),
                alone.p999(),
                alone.max(),
                baseline,
                Spread.of(baselines).median(),
                Spread.ofRatios(values(ours, ourCase), baselines),
                null);
    }
}
