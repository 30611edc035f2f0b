package io.dragon.benchmarks.system;

import io.dragon.benchmarks.harness.Better;
import io.dragon.benchmarks.harness.Row;
import io.dragon.benchmarks.harness.Sample;
import io.dragon.benchmarks.harness.Scratch;
import io.dragon.benchmarks.harness.Suite;
import io.dragon.benchmarks.harness.SuiteRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import tools.jackson.databind.JsonNode;

/**
 * Twenty cameras, from the picture to the result, each part a process: {@code dragon demo --processes}, and where the time goes, from the
 * passports of its frames. There is nothing to compare it with.
 */
public final class EndToEndSuite implements Suite {
    private static final String NAME = "endtoend";
    private static final String OURS = "ours";
    private static final double MICROSECONDS = 1e-3;
    private static final String CAMERAS = "20";
    private static final double SECONDS = 20;
    private static final double LEAST_SECONDS = 3;
    private static final double MOST_SECONDS = 300;
    private static final Map<String, String> SOURCES = Map.of(
            "dispatch", "below 1 ms", "endToEnd", "10 to 100 ms", "handOff", "below 1 us (shared memory transfer)");

    /** The suite. */
    public EndToEndSuite() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String about() {
        return "20 cameras, capture to delivered result, stage by stage";
    }

    @Override
    public void run(final SuiteRun run) throws Exception {
        final long seconds = Math.round(Math.max(LEAST_SECONDS, run.seconds(SECONDS)));
        try (Scratch scratch = Scratch.make()) {
            final Path histograms = scratch.path().resolve("latencies.hlog");
            final JsonNode json = Tool.dragon(
                    run,
                    scratch.path(),
                    MOST_SECONDS + seconds,
                    "demo",
                    "--processes",
                    "--cameras=" + CAMERAS,
                    "--seconds=" + seconds,
                    "--histograms=" + histograms);
            keep(run, histograms);
            final JsonNode latencies = json.get("latencyMicros");
            for (final String what : new String[] {"endToEnd", "dispatch", "handOff"}) {
                run.add(row(what, latencies.get(what)).withSource(SOURCES.get(what)));
            }
            if (latencies.has("stages")) {
                latencies
                        .get("stages")
                        .properties()
                        .forEach(stage -> run.add(row("stage: " + stage.getKey(), stage.getValue())));
            }
            run.add(new Row(
                    NAME,
                    "frames a second of all cameras",
                    "frames/s",
                    Better.HIGHER,
                    json.get("framesPerSecond").asDouble(),
                    Double.NaN,
                    Double.NaN,
                    Double.NaN,
                    null,
                    Double.NaN,
                    null,
                    "200 with 4 GPUs, 400 with 8, 600 with 12"));
            final JsonNode frames = json.get("frames");
            run.remark("endtoend: " + frames.get("published") + " frames published, " + frames.get("completed")
                    + " completed, " + frames.get("dropped") + " dropped, " + frames.get("lost")
                    + " lost; two workers on the CPU, 960x540, 5 frames a second and camera");
        }
    }

    /** Every value, for the files of the report. */
    static void keep(final SuiteRun run, final Path histograms) throws IOException {
        try (HistogramLogReader log = new HistogramLogReader(histograms.toFile())) {
            while (log.hasNext()) {
                final Histogram next = (Histogram) log.nextIntervalHistogram();
                if (next == null) {
                    return; // no frame has passed any stage
                }
                final String name = next.getTag();
                next.setTag(null);
                run.keep(NAME, OURS, name, Sample.of(next, MICROSECONDS));
            }
        }
    }

    private static Row row(final String name, final JsonNode percentiles) {
        return new Row(
                NAME,
                name,
                "us",
                Better.LOWER,
                percentiles.get("p50").asDouble(),
                percentiles.get("p99").asDouble(),
                percentiles.get("p999").asDouble(),
                percentiles.get("max").asDouble(),
                null,
                Double.NaN,
                null,
                null);
    }
}
