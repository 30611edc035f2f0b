package io.dragon.engine.sequencer.balance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class StrategyTest {
    private final FakeCandidate a = new FakeCandidate(1);
    private final FakeCandidate b = new FakeCandidate(2);
    private final FakeCandidate c = new FakeCandidate(3);
    private long stamp;

    private void offer(final Strategy strategy, final FakeCandidate candidate, final int assigned, final int window) {
        candidate.has(assigned, window);
        strategy.offer(candidate, ++stamp, false);
    }

    @Test
    void shouldTakeTurnsWhateverTheLoad() {
        final Strategy strategy = Strategy.of(Strategy.ROUND_ROBIN);
        offer(strategy, a, 1, 2);
        offer(strategy, b, 0, 2);
        assertEquals(a, strategy.choose(new Demand().except(0)));
        offer(strategy, a, 0, 2);
        assertEquals(a, strategy.choose(new Demand().except(0)), "one place more does not change its turn");
        strategy.offer(a, ++stamp, true);
        assertEquals(b, strategy.choose(new Demand().except(0)));
    }

    @Test
    void shouldChooseTheLowestShareOfTheWindowThenWhoWaitedLongest() {
        final Strategy strategy = Strategy.of(Strategy.LEAST_LOADED);
        offer(strategy, a, 1, 2);
        offer(strategy, b, 3, 8);
        offer(strategy, c, 6, 8);
        assertEquals(b, strategy.choose(new Demand().except(0)));
        offer(strategy, c, 3, 8);
        assertEquals(b, strategy.choose(new Demand().except(0)));
        offer(strategy, b, 4, 8);
        assertEquals(c, strategy.choose(new Demand().except(0)));
        strategy.withdraw(c);
        assertEquals(a, strategy.choose(new Demand().except(0)));
    }

    @Test
    void shouldPassOverTheExceptedWorkerAndBeEmptyWhenAllAreWithdrawn() {
        for (final String name : Strategy.NAMES) {
            final Strategy strategy = Strategy.of(name);
            offer(strategy, a, 0, 2);
            assertNull(strategy.choose(new Demand().except(1)));
            offer(strategy, b, 1, 2);
            assertEquals(b, strategy.choose(new Demand().except(1)));
            strategy.withdraw(a);
            strategy.withdraw(a);
            assertFalse(strategy.isEmpty());
            strategy.withdraw(b);
            assertTrue(strategy.isEmpty());
            assertNull(strategy.choose(new Demand().except(0)));
        }
    }

    @Test
    void shouldNameTheStrategiesThereAre() {
        final String message = assertThrows(IllegalStateException.class, () -> Strategy.of("fastest"))
                .getMessage();
        assertTrue(message.contains("fastest") && message.contains("round-robin"), message);
    }
}
