package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RedialScheduleTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long START_NS = -5 * SECOND_NS;

    private static long wait(final RedialSchedule schedule, final long nowNs) {
        long ns = 0;
        while (!schedule.isDue(nowNs + ns)) {
            ns += SECOND_NS / 10;
        }
        return ns / SECOND_NS;
    }

    @Test
    void shouldCallAtOnceThenAfter1And2And4And8SecondsThenEvery30() {
        final RedialSchedule schedule = new RedialSchedule();
        long nowNs = START_NS;
        for (final int seconds : new int[] {0, 1, 2, 4, 8, 30, 30, 30}) {
            assertEquals(seconds, wait(schedule, nowNs));
            nowNs += seconds * SECOND_NS;
            schedule.onFailed(nowNs);
        }
    }

    @Test
    void shouldCallAtOnceWhenAConnectionThatLastedIsLost() {
        final RedialSchedule schedule = new RedialSchedule();
        schedule.onFailed(START_NS);
        schedule.onFailed(START_NS);
        schedule.onConnected(START_NS);
        schedule.onLost(START_NS + 3 * SECOND_NS);
        assertTrue(schedule.isDue(START_NS + 3 * SECOND_NS));
    }

    @Test
    void shouldNotRushTowardsAPeerThatHangsUp() {
        final RedialSchedule schedule = new RedialSchedule();
        long nowNs = START_NS;
        for (final int seconds : new int[] {1, 2, 4, 8, 30}) {
            schedule.onConnected(nowNs);
            schedule.onLost(nowNs);
            assertEquals(seconds, wait(schedule, nowNs));
            nowNs += seconds * SECOND_NS;
        }
    }

    @Test
    void shouldCallAtOnceAPeerThatHasCalled() {
        final RedialSchedule schedule = new RedialSchedule();
        for (int i = 0; i < 10; i++) {
            schedule.onFailed(START_NS);
        }
        assertFalse(schedule.isDue(START_NS + SECOND_NS));
        schedule.callNow();
        assertTrue(schedule.isDue(START_NS + SECOND_NS));
    }
}
