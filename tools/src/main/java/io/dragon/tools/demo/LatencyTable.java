package io.dragon.tools.demo;

import io.dragon.engine.client.Passport;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/** How long each stage of a frame's life took. One thread. */
final class LatencyTable {
    private static final long HIGHEST_NS = 600_000_000_000L;

    private final Map<String, Histogram> histograms = new LinkedHashMap<>();

    LatencyTable() {
        for (final Passport.Stage stage : Passport.Stage.values()) {
            histograms.put(stage.name().toLowerCase(java.util.Locale.ROOT), histogram());
        }
        histograms.put("hand-off", histogram());
        histograms.put("end to end", histogram());
    }

    private static Histogram histogram() {
        return new Histogram(HIGHEST_NS, 3);
    }

    /** Records the stamps of one finished task. */
    void record(final Passport passport) {
        for (final Passport.Stage stage : Passport.Stage.values()) {
            record(stage.name().toLowerCase(java.util.Locale.ROOT), passport.durationNs(stage));
        }
        if (passport.publishedNs() != 0 && passport.startedNs() != 0) {
            record("hand-off", passport.startedNs() - passport.publishedNs());
        }
        record("end to end", passport.totalNs());
    }

    private void record(final String name, final long ns) {
        if (ns >= 0) {
            histograms.get(name).recordValue(Math.min(ns, HIGHEST_NS));
        }
    }

    /** The table for a person: microseconds. */
    String text() {
        final StringBuilder text = new StringBuilder();
        text.append(String.format(
                java.util.Locale.ROOT,
                "  %-12s %10s %10s %10s %10s %9s%n",
                "stage, us",
                "p50",
                "p99",
                "p99.9",
                "max",
                "count"));
        histograms.forEach((name, histogram) -> {
            if (histogram.getTotalCount() > 0) {
                text.append(String.format(
                        java.util.Locale.ROOT,
                        "  %-12s %10.1f %10.1f %10.1f %10.1f %9d%n",
                        name,
                        histogram.getValueAtPercentile(50) / 1e3,
                        histogram.getValueAtPercentile(99) / 1e3,
                        histogram.getValueAtPercentile(99.9) / 1e3,
                        histogram.getMaxValue() / 1e3,
                        histogram.getTotalCount()));
            }
        });
        return text.toString();
    }

    /** The same for a program: {@code {p50, p99, p999, max}} in microseconds by stage. */
    Map<String, Object> json() {
        final Map<String, Object> json = new LinkedHashMap<>();
        json.put("dispatch", percentiles(histograms.get("dispatch")));
        json.put("handOff", percentiles(histograms.get("hand-off")));
        json.put("endToEnd", percentiles(histograms.get("end to end")));
        final Map<String, Object> stages = new LinkedHashMap<>();
        histograms.forEach((name, histogram) -> {
            if (!name.contains(" ") && !name.contains("-")) {
                stages.put(name, percentiles(histogram));
            }
        });
        json.put("stages", stages);
        return json;
    }

    /** All values: an interval for each stage that any frame has passed, tagged with its name. */
    void write(final PrintStream out) {
        final HistogramLogWriter log = new HistogramLogWriter(out);
        log.outputLogFormatVersion();
        log.outputComment("[one interval a stage; nanoseconds]");
        log.outputLegend();
        histograms.forEach((name, histogram) -> {
            if (histogram.getTotalCount() > 0) {
                final Histogram tagged = histogram.copy();
                tagged.setTag(name.replace(' ', '-'));
                log.outputIntervalHistogram(0, 1, tagged, 1);
            }
        });
    }

    private static Map<String, Object> percentiles(final Histogram histogram) {
        final Map<String, Object> json = new LinkedHashMap<>();
        json.put("p50", histogram.getValueAtPercentile(50) / 1e3);
        json.put("p99", histogram.getValueAtPercentile(99) / 1e3);
        json.put("p999", histogram.getValueAtPercentile(99.9) / 1e3);
        json.put("max", histogram.getMaxValue() / 1e3);
        return json;
    }
}
