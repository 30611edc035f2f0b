package io.dragon.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.benchmarks.harness.Spread;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openjdk.jmh.annotations.Benchmark;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MicroTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** Nothing is measured here, so another run on the machine is none of our business. */
    @BeforeAll
    static void ignoreOtherRuns() {
        System.setProperty("jmh.ignoreLock", "true");
    }

    private int micro(final String... args) {
        final CommandLine command =
                Micro.commandLine(2, 0).setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return command.execute(args);
    }

    @Test
    void shouldMeasureBothSidesAndWriteThem() throws Exception {
        final Path json = folder.resolve("micro.json");
        assertEquals(0, micro("frame-pool", "--seconds", "0.02", "--json", json.toString()), err::toString);
        final JsonNode all = JsonMapper.builder().build().readTree(Files.readString(json));
        assertEquals(2, all.get("rows").size());
        for (final JsonNode row : all.get("rows")) {
            assertEquals("frame-pool", row.get("benchmark").asString());
            for (final String side : new String[] {"oursNs", "baselineNs", "ratio"}) {
                final JsonNode spread = row.get(side);
                assertTrue(spread.get("least").asDouble() > 0, side);
                assertTrue(
                        spread.get("least").asDouble() <= spread.get("median").asDouble(), side);
                assertTrue(spread.get("median").asDouble() <= spread.get("most").asDouble(), side);
            }
            assertTrue(row.get("oursBytes").get("median").asDouble() >= 0, "bytes are measured");
        }
        assertTrue(out.toString().contains("slotLength=1048576"), out::toString);
    }

    @ParameterizedTest
    @CsvSource({"nonsense, There is no benchmark 'nonsense'", "mask --seconds 0, --seconds is 0.0", "'', Missing"})
    void shouldSayWhatIsWrong(final String line, final String words) {
        assertEquals(2, micro(line.isEmpty() ? new String[0] : line.split(" ")));
        assertTrue(err.toString().contains(words), err::toString);
    }

    @Test
    void shouldKnowEveryBenchmarkAndNothingElse() {
        for (final Duel duel : Duel.ALL) {
            final var marked = Arrays.stream(duel.host().getMethods())
                    .filter(method -> method.isAnnotationPresent(Benchmark.class))
                    .map(Method::getName)
                    .sorted()
                    .toList();
            assertEquals(
                    Arrays.stream(new String[] {duel.ours(), duel.baseline()})
                            .sorted()
                            .toList(),
                    marked);
        }
    }

    @Test
    void shouldTakeTheMedian() {
        assertEquals(new Spread(3, 1, 9), Spread.of(9, 1, 3));
        assertEquals(new Spread(2.5, 1, 9), Spread.of(9, 1, 3, 2));
        assertEquals("0.4000 [0.3000 .. 1,234]", Spread.of(0.3, 0.4, 1234).toString());
    }
}
