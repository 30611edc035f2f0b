package io.dragon.engine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AttentiveIdleStrategyTest {
    private static final int NAPS = 4;
    private static final int MOST = 10;

    private final AttentiveIdleStrategy strategy = new AttentiveIdleStrategy(NAPS, MOST);

    @Test
    void shouldSleepEverLongerWhenThereWasNoWork() {
        assertEquals(0, napsUntilDeepSleep());
        long longest = 0;
        for (int i = 0; i < 10; i++) {
            longest = strategy.nextParkNs();
        }
        assertEquals(AttentiveIdleStrategy.LONGEST_PARK_NS, longest);
    }

    @Test
    void shouldNapAfterWorkAsOftenAsItHasEarned() {
        strategy.idle(1);
        assertEquals(NAPS, napsUntilDeepSleep());
        strategy.nextParkNs();
        assertTrue(strategy.nextParkNs() > AttentiveIdleStrategy.NAP_NS, "what was slept away is gone");
    }

    @Test
    void shouldNotSaveUpMoreNapsThanItMay() {
        for (int i = 0; i < 100; i++) {
            strategy.idle(1);
        }
        assertEquals(MOST, napsUntilDeepSleep());
    }

    @Test
    void shouldBeginWithTheShortestSleepAfterWork() {
        napsUntilDeepSleep();
        strategy.idle(1);
        assertEquals(AttentiveIdleStrategy.SHORTEST_PARK_NS, strategy.nextParkNs());
    }

    @Test
    void shouldKeepWorkersAwakeForLongerThanServersAfterTheSameWork() {
        final AttentiveIdleStrategy worker = (AttentiveIdleStrategy) RunProfile.DEV.idleStrategy();
        final AttentiveIdleStrategy server = (AttentiveIdleStrategy) RunProfile.DEV.serverIdleStrategy();
        worker.idle(1);
        server.idle(1);
        assertTrue(napsUntilDeepSleep(worker) > 10 * napsUntilDeepSleep(server));
    }

    @Test
    void shouldNotNapWhereCoresCompute() {
        final AttentiveIdleStrategy bulk = (AttentiveIdleStrategy) RunProfile.BULK.idleStrategy();
        for (int i = 0; i < 100; i++) {
            bulk.idle(1);
        }
        assertEquals(0, napsUntilDeepSleep(bulk));
    }

    /** Sleeps of the length of a nap beyond the one that leads there, until a longer one. */
    private int napsUntilDeepSleep() {
        return napsUntilDeepSleep(strategy);
    }

    private static int napsUntilDeepSleep(final AttentiveIdleStrategy of) {
        int naps = 0;
        long parkNs = of.nextParkNs();
        while (parkNs <= AttentiveIdleStrategy.NAP_NS) {
            naps += parkNs == AttentiveIdleStrategy.NAP_NS ? 1 : 0;
            parkNs = of.nextParkNs();
        }
        return naps - 1;
    }
}
