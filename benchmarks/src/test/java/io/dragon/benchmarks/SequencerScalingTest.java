package io.dragon.benchmarks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class SequencerScalingTest {
    @Test
    void eachSideHasEachTurnEquallyOftenAndOnceARound() {
        final int sides = 8;
        final int[][] turns = new int[sides][sides];
        for (int round = 0; round < 2 * sides; round++) {
            for (int step = 0; step < sides; step++) {
                turns[SequencerScaling.side(round, step, sides)][step]++;
            }
        }
        for (final int[] side : turns) {
            for (final int times : side) {
                assertEquals(2, times);
            }
        }
    }

    @Test
    void theBaselineRunsInEveryRound() {
        final AtomicInteger calls = new AtomicInteger();
        final SequencerScaling.Result result =
                new SequencerScaling(3, 1).measure("round-robin", calls::incrementAndGet);
        assertEquals(2 + 3, calls.get());
        assertArrayEquals(new double[] {3, 4, 5}, result.baseline());
    }
}
