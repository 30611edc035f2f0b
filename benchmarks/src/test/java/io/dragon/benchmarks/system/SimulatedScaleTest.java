package io.dragon.benchmarks.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.benchmarks.harness.Row;
import io.dragon.benchmarks.harness.SuiteRun;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SimulatedScaleTest {
    @Test
    void everyRoundHasItsBaselineAndTellsASpread() throws Exception {
        final List<String> said = new ArrayList<>();
        final SuiteRun run = new SuiteRun(new SuiteRun.Settings(0, 3, 0, null), said::add);
        new SimulatedScale(run, 1).measure();

        assertEquals(5, run.rows().size());
        assertTrue(said.contains("simulated: round 3 of 3"), said.toString());
        for (final Row row : run.rows()) {
            assertEquals("one simulated worker", row.baseline());
            assertEquals(50, row.baselineP50(), 2);
            assertTrue(row.ratio().least() <= row.ratio().median(), row.toString());
            assertTrue(row.ratio().median() <= row.ratio().most(), row.toString());
            assertEquals(1, row.ratio().median(), 0.1, row.name());
        }
        // a figure of each round: its median with the least and the most
        assertTrue(
                run.remarks().get(0).matches(".*takes it [0-9,.]+ \\[[0-9,.]+ \\.\\. [0-9,.]+] ns of.*"),
                run.remarks().get(0));
    }
}
