package io.dragon.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.benchmarks.harness.Thresholds;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command: its report, its files, its exit codes. */
final class BenchTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path temporary;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int bench(final String... args) {
        return bench(Bench.commandLine(SuitesForTests.ALL, Thresholds.load(), SuitesForTests.class), args);
    }

    private int bench(final CommandLine line, final String... args) {
        return line.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }

    @Test
    void aRatioThatFallsShortEndsWith3ButOnlyWhenItIsChecked() {
        assertEquals(0, bench("ring"));
        assertFalse(out.toString().contains("missed"));
        assertEquals(3, bench("ring", "--check"));
        assertTrue(out.toString().contains("missed: ring, slot of 64 B beside theirs: ratio "), out.toString());
        assertTrue(out.toString().contains("expected at most 3.00"), out.toString());
    }

    @Test
    void aSuiteThatCannotMeasureSaysSoAndTheOthersRun() {
        assertEquals(1, bench("broken", "ring"));
        assertTrue(err.toString().contains("broken could not be measured: there is no such device"));
        assertTrue(out.toString().contains("slot of 64 B"));
        assertEquals(1, bench("broken", "--check"));
    }

    @Test
    void wrongUsageIsToldInWords() {
        assertEquals(2, bench("rong"));
        assertEquals(
                "dragon bench: there is no suite 'rong', expected ring, broken, who, who-else, killed, waiting or all\nTry 'dragon bench --help'.\n",
                err.toString());
        assertEquals(2, bench("ring", "--seconds", "-1"));
        assertEquals(2, bench("ring", "--seconds", "NaN"));
        assertEquals(2, bench("ring", "--rounds", "-2"));
        assertEquals(2, bench("ring", "--rounds", "0"));
        assertEquals(2, bench("ring", "--out", "/proc/none"));
        assertEquals(2, bench("ring", "--json", "/proc/none/json"));
        assertEquals("", out.toString()); // before anything was measured
        assertEquals(2, bench("ring", "--chek"));
        assertTrue(err.toString().contains("dragon bench: unknown option '--chek' (did you mean '--check'?)\n"));
        assertEquals(2, bench("--chek"));
        assertTrue(
                err.toString()
                        .endsWith(
                                "dragon bench: unknown option '--chek' (did you mean '--check'?)\nTry 'dragon bench --help'.\n"));
        assertEquals(2, bench());
        assertEquals(2, bench("ring", "--second", "1"));
        assertEquals(
                10,
                err.toString()
                                .lines()
                                .filter(line -> line.startsWith("dragon bench: "))
                                .count()
                        - 1);
        assertEquals(0, bench("list"));
    }

    /** CONTRACT: "dragon bench", JSON. */
    @Test
    void theJsonHasTheFormOfTheContract() throws IOException {
        final Path file = temporary.resolve("report.json");
        assertEquals(3, bench("ring", "--check", "--json", file.toString()));
        check(JSON.readTree(Files.readString(file)));

        out.getBuffer().setLength(0);
        assertEquals(0, bench("ring", "--json", "-"));
        check(JSON.readTree(out.toString()));
    }

    private static void check(final JsonNode report) {
        assertEquals("ring", report.get("suite").asString());
        for (final String key :
                List.of("cpu", "cores", "memoryBytes", "kernel", "jvm", "governor", "loadBefore", "loadAfter")) {
            assertTrue(report.get("machine").has(key), key);
        }
        final JsonNode row = report.get("rows").get(0);
        final Set<String> keys = new HashSet<>(row.propertyNames());
        assertTrue(keys.containsAll(Set.of("case", "unit", "p50", "p99", "p999", "max", "baseline", "baselineP50")));
        assertTrue(keys.containsAll(Set.of("ratio", "ratioMin", "ratioMax", "better")));
        assertEquals("slot of 64 B", row.get("case").asString());
        assertEquals("lower", row.get("better").asString());
        assertEquals("theirs", row.get("baseline").asString());
        assertEquals("below 100 ns", row.get("source").asString());
        assertEquals(5_300, row.get("p50").asDouble(), 5);
        assertEquals(700, row.get("baselineP50").asDouble(), 2);
        assertEquals(7.58, row.get("ratio").asDouble(), 0.01);
        assertEquals(row.get("ratioMin"), row.get("ratioMax"));
        assertTrue(row.get("p99").asDouble() > row.get("p50").asDouble());
        assertTrue(row.get("max").asDouble() >= row.get("p999").asDouble());
        assertEquals("a baseline is missing", report.get("remarks").get(0).asString());
    }

    @Test
    void theFolderHoldsHistogramsPlotAndReport() throws IOException {
        assertEquals(0, bench("ring", "--out", temporary.toString()));

        assertTrue(Files.readString(temporary.resolve("report.md")).contains("| ring | slot of 64 B |"));
        assertEquals(
                "ring",
                JSON.readTree(Files.readString(temporary.resolve("report.json")))
                        .get("suite")
                        .asString());
        assertTrue(Files.readString(temporary.resolve("ring-ours-case.hgrm")).contains("#[Mean"));
        assertNotNull(ImageIO.read(temporary.resolve("ring.png").toFile()));
        int intervals = 0;
        try (HistogramLogReader log =
                new HistogramLogReader(temporary.resolve("ring.hlog").toFile())) {
            for (EncodableHistogram next = log.nextIntervalHistogram();
                    next != null;
                    next = log.nextIntervalHistogram()) {
                assertEquals(1_000, ((Histogram) next).getTotalCount());
                assertTrue(next.getTag().matches("(ours|theirs)-case"));
                intervals++;
            }
        }
        assertEquals(10, intervals);
    }

    @Test
    void ringMeasuresFromEndToEnd() throws IOException {
        final Path file = temporary.resolve("ring.json");
        final int code = bench(
                Bench.commandLine(Suites.ALL, Thresholds.load(), SuiteProcess.class),
                "ring",
                "--seconds",
                "0.01",
                "--rounds",
                "3",
                "--check",
                "--json",
                file.toString());

        assertTrue(code == 0 || code == 3, err.toString()); // a busy machine may miss any bound
        final JsonNode rows = JSON.readTree(Files.readString(file)).get("rows");
        assertEquals(3, rows.size());
        for (final JsonNode row : rows) {
            assertTrue(row.get("baselineP50").asDouble() > 0, row.toString());
            assertTrue(row.get("ratioMin").asDouble() <= row.get("ratioMax").asDouble(), row.toString());
        }
    }
}
