package io.dragon.benchmarks.harness;

import io.dragon.benchmarks.harness.Threshold.Outcome;
import io.dragon.benchmarks.harness.Threshold.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** All thresholds, from the one file that holds them: {@code thresholds.json} beside this class. */
public final class Thresholds {
    private static final String FILE = "thresholds.json";
    private static final String ANY = "*";

    private final List<Threshold> all;

    Thresholds(final List<Threshold> all) {
        this.all = List.copyOf(all);
    }

    /**
     * Those that Dragon is held to.
     *
     * @return the file's
     */
    public static Thresholds load() {
        try (InputStream file = Thresholds.class.getResourceAsStream(FILE)) {
            return parse(JsonMapper.builder().build().readTree(file));
        } catch (final IOException e) {
            throw new IllegalStateException("the thresholds cannot be read", e);
        }
    }

    static Thresholds parse(final JsonNode root) {
        final List<Threshold> all = new ArrayList<>();
        for (final JsonNode one : root.get("thresholds")) {
            final Threshold threshold = new Threshold(
                    one.get("suite").asString(),
                    text(one, "case", ANY),
                    text(one, "baseline", ANY),
                    text(one, "figure", "ratio"),
                    number(one, "least"),
                    number(one, "most"),
                    one.has("cores") ? one.get("cores").asInt() : 0,
                    text(one, "why", null));
            if (Double.isNaN(threshold.least()) && Double.isNaN(threshold.most())) {
                throw new IllegalStateException("a threshold of " + threshold.suite() + " has no bound");
            }
            if (threshold.cores() > 0 && threshold.why() == null) {
                throw new IllegalStateException(
                        "a threshold of " + threshold.suite() + " is not held on every machine and does not say why");
            }
            all.add(threshold);
        }
        return new Thresholds(all);
    }

    private static String text(final JsonNode one, final String key, final String byDefault) {
        return one.has(key) ? one.get(key).asString() : byDefault;
    }

    private static double number(final JsonNode one, final String key) {
        return one.has(key) ? one.get(key).asDouble() : Double.NaN;
    }

    /**
     * Looks at every row of the suites that ran.
     *
     * @param suites that ran
     * @param rows   that they gave
     * @param cores  of this machine
     * @return a verdict for every row to which a threshold applies, and for every threshold that found no row
     */
    public List<Verdict> judge(final Set<String> suites, final List<Row> rows, final int cores) {
        final List<Verdict> verdicts = new ArrayList<>();
        for (final Threshold threshold : all) {
            if (suites.contains(threshold.suite())) {
                final int before = verdicts.size();
                for (final Row row : rows) {
                    if (threshold.appliesTo(row)) {
                        verdicts.add(threshold.judge(row, cores));
                    }
                }
                if (verdicts.size() == before) {
                    verdicts.add(new Verdict(threshold, null, Outcome.NOT_MEASURED));
                }
            }
        }
        return verdicts;
    }
}
