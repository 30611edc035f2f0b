package io.dragon.benchmarks.harness;

import io.dragon.benchmarks.harness.Threshold.Verdict;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a run has found: a table for people, JSON for programs, and a folder with histograms, plot and Markdown.
 *
 * @param suite     what was run, as it was typed
 * @param machine   it ran on
 * @param loadAfter of the machine
 * @param run       what was found
 * @param verdicts  of the thresholds; empty when they were not asked for
 */
public record Report(String suite, Machine machine, double loadAfter, SuiteRun run, List<Verdict> verdicts) {
    private static final int TICKS = 5;
    private static final String NONE = "-";

    /**
     * The report for programs.
     *
     * @return a tree of maps, lists, numbers and texts
     */
    public Map<String, Object> toJson() {
        final Map<String, Object> json = new LinkedHashMap<>();
        json.put("suite", suite);
        json.put("machine", machine.toJson(loadAfter));
        json.put("rows", run.rows().stream().map(Row::toJson).toList());
        json.put("remarks", run.remarks());
        json.put("thresholds", verdicts.stream().map(Report::toJson).toList());
        return json;
    }

    private static Map<String, Object> toJson(final Verdict verdict) {
        final Map<String, Object> json = new LinkedHashMap<>();
        json.put("outcome", verdict.outcome().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        json.put("text", verdict.toString());
        return json;
    }

    /**
     * The report for programs, as text.
     *
     * @return JSON
     */
    public String toJsonText() {
        return JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsString(toJson()) + '\n';
    }

    /**
     * The table for people.
     *
     * @param out where it goes
     */
    public void print(final PrintWriter out) {
        String last = "";
        for (final Row row : run.rows()) {
            if (!row.suite().equals(last)) {
                last = row.suite();
                out.printf("%n%s%n", last);
            }
            out.printf(
                    "  %-44s p50 %s  p99 %s  p99.9 %s  max %s  %s%n",
                    row.name(),
                    digits(row.p50()),
                    digits(row.p99()),
                    digits(row.p999()),
                    digits(row.max()),
                    row.unit());
            if (row.ratio() != null) {
                out.printf(
                        "    / %-40s p50 %s  ratio %s (%s is better)%n",
                        row.baseline(),
                        digits(row.baselineP50()),
                        row.ratio(),
                        row.better().word());
            }
            if (row.source() != null) {
                out.printf("    the source documents say %s%n", row.source());
            }
        }
        out.println();
        verdicts.forEach(out::println);
        out.flush();
    }

    /**
     * Writes the folder: {@code report.md}, {@code report.json}, and for every suite with single values {@code <suite>.hlog},
     * {@code <suite>.png} and one {@code .hgrm} a case and side.
     *
     * @param folder made where it is missing
     * @throws IOException when it cannot be written
     */
    public void write(final Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("report.json"), toJsonText());
        Files.writeString(folder.resolve("report.md"), toMarkdown());
        final Map<String, Map<String, PercentilePlot.Line>> lines = new LinkedHashMap<>();
        for (final SuiteRun.Named named : run.recordings()) {
            final Sample sample = named.recording().sample();
            final String line =
                    named.recording().side() + ", " + named.recording().name();
            lines.computeIfAbsent(named.suite(), suiteName -> new LinkedHashMap<>())
                    .computeIfAbsent(
                            line,
                            name -> new PercentilePlot.Line(
                                    new Histogram(sample.histogram()), sample.scale(), unitOf(named.suite())))
                    .histogram()
                    .add(sample.histogram());
        }
        for (final Map.Entry<String, Map<String, PercentilePlot.Line>> suiteLines : lines.entrySet()) {
            for (final Map.Entry<String, PercentilePlot.Line> line :
                    suiteLines.getValue().entrySet()) {
                writePercentiles(
                        folder.resolve(suiteLines.getKey() + '-' + fileName(line.getKey()) + ".hgrm"), line.getValue());
            }
            writeLog(suiteLines.getKey(), folder.resolve(suiteLines.getKey() + ".hlog"));
            PercentilePlot.write(
                    suiteLines.getKey(), suiteLines.getValue(), folder.resolve(suiteLines.getKey() + ".png"));
        }
    }

    private String unitOf(final String suiteName) {
        for (final Row row : run.rows()) {
            if (row.suite().equals(suiteName) && Double.isFinite(row.p99())) {
                return row.unit();
            }
        }
        return "ns";
    }

    private static void writePercentiles(final Path file, final PercentilePlot.Line line) throws IOException {
        try (PrintStream out = new PrintStream(file.toFile(), StandardCharsets.UTF_8)) {
            line.histogram().outputPercentileDistribution(out, TICKS, 1 / line.scale());
        }
    }

    /** One interval a round, tagged with side and case; their times are those of the rounds, counted, not of a clock. */
    private void writeLog(final String suiteName, final Path file) throws IOException {
        try (PrintStream out = new PrintStream(file.toFile(), StandardCharsets.UTF_8)) {
            final HistogramLogWriter log = new HistogramLogWriter(out);
            log.outputLogFormatVersion();
            log.outputComment("[one interval a round; values as they were recorded]");
            log.outputLegend();
            for (final SuiteRun.Named named : run.recordings()) {
                if (named.suite().equals(suiteName)) {
                    final Histogram histogram =
                            named.recording().sample().histogram().copy();
                    histogram.setTag(fileName(
                            named.recording().side() + ", " + named.recording().name()));
                    final int round = named.recording().round();
                    log.outputIntervalHistogram(round, round + 1, histogram, 1);
                }
            }
        }
    }

    static String fileName(final String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    }

    private String toMarkdown() {
        final StringBuilder text = new StringBuilder();
        text.append("# Dragon bench: ").append(suite).append("\n\n");
        text.append("| machine | |\n|---|---|\n");
        machine.toJson(loadAfter).forEach((key, value) -> text.append("| ")
                .append(key)
                .append(" | ")
                .append(value == null ? "not readable" : value)
                .append(" |\n"));
        if (machine.wasBusy()) {
            text.append("\nThe machine was busy before the run: the figures are hints.\n");
        }
        text.append("\n| suite | case | p50 | p99 | p99.9 | max | unit | baseline | its p50 | ratio |")
                .append(" better | source documents |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        for (final Row row : run.rows()) {
            text.append("| ")
                    .append(String.join(
                            " | ",
                            row.suite(),
                            row.name(),
                            digits(row.p50()),
                            digits(row.p99()),
                            digits(row.p999()),
                            digits(row.max()),
                            row.unit(),
                            row.baseline() == null ? NONE : row.baseline(),
                            digits(row.baselineP50()),
                            row.ratio() == null ? NONE : row.ratio().toString(),
                            row.better().word(),
                            row.source() == null ? NONE : row.source()))
                    .append(" |\n");
        }
        run.remarks().forEach(remark -> text.append("\n- ").append(remark).append('\n'));
        verdicts.forEach(verdict -> text.append("\n- ").append(verdict).append('\n'));
        return text.toString();
    }

    /** As many digits as mean something. */
    static String digits(final double value) {
        if (!Double.isFinite(value)) {
            return NONE;
        }
        final double size = Math.abs(value);
        return String.format(
                Locale.ROOT,
                size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 1 || size == 0 ? "%.2f" : "%.3g",
                value);
    }
}
