package io.dragon.benchmarks.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class ScheduleTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void intendedMomentsDoNotDrift() {
        final Schedule schedule = new Schedule(-17, 3_000);

        assertEquals(-17, schedule.intendedNs(0));
        assertEquals(-17 + 333_333, schedule.intendedNs(1));
        assertEquals(-17 + 3_600 * SECOND, schedule.intendedNs(3_000 * 3_600L));
    }

    @Test
    void whatIsDueAgreesWithTheIntendedMomentsAtEveryNanosecond() {
        for (final double rate : new double[] {3, 7_000_000, 333_333_333, 1e9}) {
            final Schedule schedule = new Schedule(1_000, rate);
            long due = 0;
            for (long nowNs = 900; nowNs < 3_000; nowNs++) {
                while (schedule.intendedNs(due) <= nowNs) {
                    due++;
                }
                assertEquals(due, schedule.dueBy(nowNs), "at " + nowNs + " with " + rate + " a second");
            }
        }
    }

    @Test
    void aStallLeavesAllThatWasMeantToBeSentMeanwhile() {
        final Schedule schedule = new Schedule(0, 1_000);
        assertEquals(0, schedule.dueBy(-1));
        assertEquals(1, schedule.dueBy(0));
        assertEquals(501, schedule.dueBy(SECOND / 2));
        assertEquals(500, schedule.dueBy(SECOND / 2 - 1));
    }

    @Test
    void worksWhereTheClockOverflows() {
        final Schedule schedule = new Schedule(Long.MAX_VALUE - 10, 1e9);
        assertEquals(21, schedule.dueBy(Long.MAX_VALUE + 10));
        assertTrue(schedule.intendedNs(20) < 0);
    }

    @Test
    void countsAtLeastOneAndRefusesNoRate() {
        assertEquals(1, new Schedule(0, 5).countIn(0.01));
        assertEquals(2_500, new Schedule(0, 1_000).countIn(2.5));
        assertThrows(IllegalArgumentException.class, () -> new Schedule(0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Schedule(0, Double.NaN));
    }
}
