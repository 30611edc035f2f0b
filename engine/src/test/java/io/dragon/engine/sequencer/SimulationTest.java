package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SimulationTest {
    private static final int SEEDS = Integer.getInteger("dragon.simulation.seeds", 150);
    private static final long FIRST = Long.getLong("dragon.simulation.first", 1);

    @Test
    void shouldLoseNothingAndDeliverNothingTwiceWhateverGoesWrong() {
        long results = 0;
        long jobResults = 0;
        long restarts = 0;
        long deaths = 0;
        long changes = 0;
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            final Simulation simulation = new Simulation(seed);
            try {
                simulation.run(1_500);
            } catch (final RuntimeException | AssertionError ex) {
                throw new AssertionError("seed " + seed + ": " + ex.getMessage(), ex);
            }
            results += simulation.results;
            jobResults += simulation.jobResults;
            restarts += simulation.restarts;
            deaths += simulation.deaths;
            changes += simulation.changes;
        }
        System.out.println(SEEDS + " seeds: " + results + " results of submitted tasks, " + jobResults + " of jobs, "
                + restarts + " restarts from snapshots, " + deaths + " deaths, " + changes
                + " changes of settings");
        assertTrue(results > 10L * SEEDS && jobResults > SEEDS && restarts > 0 && deaths > 0 && changes > 0);
    }

    @Test
    void shouldGoOnFromASnapshotOfAnyStepAsIfNothingHadHappened() {
        for (long seed = FIRST; seed < FIRST + Math.max(8, SEEDS / 20); seed++) {
            try {
                new Simulation(seed, true).run(600);
            } catch (final RuntimeException | AssertionError ex) {
                throw new AssertionError("seed " + seed + ": " + ex.getMessage(), ex);
            }
        }
    }
}
