package io.dragon.benchmarks.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class SimulatedSystemTest {
    @Test
    void workersDoFiftyTasksASecondEachUntilTheSequencerIsWhatLimits() {
        assertEquals(50, new SimulatedSystem(1, 2, 2_000).run(2).rate(), 1);
        assertEquals(600, new SimulatedSystem(12, 12, 2_000).run(2).rate(), 6);
        // Two commands a task: one that takes half a millisecond lets a thousand tasks a second through, less the
        // heartbeats.
        final double limited = new SimulatedSystem(40, 40, 500_000).run(2).rate();
        assertTrue(limited > 200 && limited < 1_000, limited + " tasks a second");
    }

    @Test
    void theSameSystemDoesTheSame() {
        assertEquals(
                new SimulatedSystem(8, 4, 1_000).run(1).rate(),
                new SimulatedSystem(8, 4, 1_000).run(1).rate());
    }
}
