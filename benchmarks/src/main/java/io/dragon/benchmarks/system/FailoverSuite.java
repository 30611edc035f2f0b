package io.dragon.benchmarks.system;

import io.dragon.benchmarks.harness.Better;
import io.dragon.benchmarks.harness.Row;
import io.dragon.benchmarks.harness.Sample;
import io.dragon.benchmarks.harness.Scratch;
import io.dragon.benchmarks.harness.Suite;
import io.dragon.benchmarks.harness.SuiteRun;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;
import tools.jackson.databind.JsonNode;

/**
 * What a death costs: {@code dragon chaos} kills workers and leading masters of a system under load with -9, twenty times each. There is
 * nothing to compare it with; the bounds are those of the fault table.
 */
public final class FailoverSuite implements Suite {
    private static final String NAME = "failover";
    private static final int TIMES = 20;
    private static final double SECONDS_A_KILL = 60;
    private static final double MOST_SECONDS = 600;
    private static final String REASSIGNED = "recoveredMillis";
    private static final String SEQUENCED = "sequencedMillis";
    private static final long MICROSECONDS_A_MS = 1_000;
    private static final long LONGEST_US = 3_600_000_000L;
    private static final String SOURCE = "below 2 s (task reassigned)";

    /** Which time of a fault tells that work goes on. */
    private static final Map<String, String> FIGURES = figures();

    private static Map<String, String> figures() {
        final Map<String, String> figures = new LinkedHashMap<>();
        figures.put("detectedMillis", "seen");
        figures.put(SEQUENCED, "next command sequenced");
        figures.put(REASSIGNED, "its work runs elsewhere");
        figures.put("gapMillis", "longest time without a result");
        return figures;
    }

    /** The suite. */
    public FailoverSuite() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String about() {
        return "kill -9 of a worker and of the leading master, 20 times each";
    }

    @Override
    public void run(final SuiteRun run) throws Exception {
        final int times = run.rounds(TIMES);
        final int before = run.rows().size();
        tryKill(run, "worker-kill", "worker killed", "ci", times);
        tryKill(run, "leader-kill", "leader killed, profile ci", "ci", times);
        tryKill(run, "leader-kill", "leader killed, profile ha", "ha", times);
        if (run.rows().size() == before) {
            throw new IllegalStateException("no kill could be measured");
        }
    }

    /** One that cannot be measured does not take the figures of the others along; what it should have held is told as not measured. */
    private static void tryKill(
            final SuiteRun run, final String fault, final String title, final String profile, final int times)
            throws IOException, InterruptedException {
        try {
            kill(run, fault, title, profile, times);
        } catch (final IllegalStateException e) {
            run.remark(title + ": not measured: " + e.getMessage());
        }
    }

    private static void kill(
            final SuiteRun run, final String fault, final String title, final String profile, final int times)
            throws IOException, InterruptedException {
        run.say(title + ": " + times + " times");
        try (Scratch scratch = Scratch.make()) {
            final JsonNode json = Tool.dragon(
                    run,
                    scratch.path(),
                    MOST_SECONDS + times * SECONDS_A_KILL,
                    "chaos",
                    "--only=" + fault,
                    "--repeat=" + times,
                    "--profile=" + profile);
            for (final Map.Entry<String, String> figure : FIGURES.entrySet()) {
                // A worker's death does not touch what is sequenced.
                if (!fault.startsWith("worker") || !figure.getKey().equals(SEQUENCED)) {
                    add(run, json.get("faults"), title, figure.getKey());
                }
            }
            final JsonNode total = json.get("total");
            run.remark(title + ": " + total.get("accepted") + " tasks accepted, " + total.get("lost") + " lost, "
                    + total.get("duplicated") + " duplicated, " + total.get("failed") + " failed");
        }
    }

    static void add(final SuiteRun run, final JsonNode faults, final String title, final String key) {
        final Histogram micros = new Histogram(LONGEST_US, 3);
        for (final JsonNode fault : faults) {
            final JsonNode value = fault.get(key);
            if (value != null && value.isNumber() && value.asDouble() >= 0) {
                micros.recordValue(Math.min(LONGEST_US, Math.round(value.asDouble() * MICROSECONDS_A_MS)));
            }
        }
        if (micros.getTotalCount() == 0) {
            return; // chaos does not know it of this fault
        }
        final Sample sample = Sample.of(micros, 1.0 / MICROSECONDS_A_MS);
        final String figure = FIGURES.get(key);
        run.keep(NAME, title, figure, sample);
        final Row row = Row.alone(NAME, title + ": " + figure, "ms", Better.LOWER, sample);
        run.add(title.startsWith("worker") && key.equals(REASSIGNED) ? row.withSource(SOURCE) : row);
    }
}
