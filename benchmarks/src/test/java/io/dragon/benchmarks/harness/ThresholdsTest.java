package io.dragon.benchmarks.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.benchmarks.harness.Threshold.Outcome;
import io.dragon.benchmarks.harness.Threshold.Verdict;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

final class ThresholdsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static Row row(final String name, final String baseline, final double ratio, final double p99) {
        return new Row(
                "suite",
                name,
                "us",
                Better.LOWER,
                5,
                p99,
                Double.NaN,
                Double.NaN,
                baseline,
                5,
                baseline == null ? null : Spread.of(ratio),
                null);
    }

    private static List<Outcome> outcomes(final String json, final int cores, final Row... rows) {
        return Thresholds.parse(JSON.readTree("{\"thresholds\":[{\"suite\":\"suite\"," + json + "}]}"))
                .judge(Set.of("suite"), List.of(rows), cores)
                .stream()
                .map(Verdict::outcome)
                .toList();
    }

    @Test
    void aBoundHoldsUpToAndWithItself() {
        assertEquals(List.of(Outcome.HELD), outcomes("\"most\":1.3", 2, row("a", "b", 1.3, 1)));
        assertEquals(List.of(Outcome.MISSED), outcomes("\"most\":1.3", 2, row("a", "b", 1.31, 1)));
        assertEquals(List.of(Outcome.HELD), outcomes("\"least\":0.35", 2, row("a", "b", 0.35, 1)));
        assertEquals(List.of(Outcome.MISSED), outcomes("\"least\":0.35", 2, row("a", "b", 0.34, 1)));
        assertEquals(
                List.of(Outcome.MISSED),
                outcomes("\"figure\":\"p99\",\"most\":500", 2, row("a", null, Double.NaN, 501)));
    }

    @Test
    void appliesToTheCasesAndBaselinesThatItNames() {
        final Row[] rows = {row("1,000 a second", "x", 9, 1), row("5,000 a second", "y", 9, 1), row("z", "x", 9, 1)};
        assertEquals(2, outcomes("\"case\":\"* a second\",\"most\":1", 2, rows).size());
        assertEquals(
                List.of(Outcome.MISSED), outcomes("\"case\":\"* a second\",\"baseline\":\"x\",\"most\":1", 2, rows));
        // A point stands for itself.
        assertEquals(List.of(Outcome.NOT_MEASURED), outcomes("\"case\":\"1.000*\",\"most\":1", 2, rows));
    }

    @Test
    void isOnlyReportedOnTooFewCores() {
        final String bound = "\"most\":1.3,\"cores\":4,\"why\":\"it needs four\"";
        assertEquals(List.of(Outcome.REPORTED), outcomes(bound, 2, row("a", "b", 7, 1)));
        assertEquals(List.of(Outcome.MISSED), outcomes(bound, 4, row("a", "b", 7, 1)));
        assertEquals(List.of(Outcome.HELD), outcomes(bound, 2, row("a", "b", 1, 1)));
        assertThrows(IllegalStateException.class, () -> outcomes("\"most\":1,\"cores\":4", 2));
        assertThrows(IllegalStateException.class, () -> outcomes("\"case\":\"*\"", 2));
    }

    @Test
    void aRatioThatIsNoNumberHoldsNothing() {
        assertEquals(List.of(Outcome.NOT_MEASURED), outcomes("\"most\":1", 2, row("a", "b", Double.NaN, 1)));
        assertEquals(List.of(Outcome.NOT_MEASURED), outcomes("\"most\":1", 2, row("a", null, Double.NaN, 1)));
    }

    @Test
    void saysInWordsWhatItExpected() {
        final Verdict verdict = Thresholds.parse(
                        JSON.readTree("{\"thresholds\":[{\"suite\":\"suite\",\"least\":0.5,\"most\":1.25}]}"))
                .judge(Set.of("suite"), List.of(row("a", "b", 2, 1)), 2)
                .get(0);
        assertEquals(
                "missed: suite, a beside b: ratio 2.00, expected at least 0.500 and at most 1.25", verdict.toString());
    }

    @Test
    void theFileIsReadableAndSpeaksOnlyOfSuitesThatRan() {
        final Thresholds all = Thresholds.load();
        assertTrue(all.judge(Set.of(), List.of(), 2).isEmpty());
        assertFalse(all.judge(Set.of("ring"), List.of(), 2).isEmpty());
    }
}
