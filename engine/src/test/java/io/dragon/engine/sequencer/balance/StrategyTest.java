package io.dragon.engine.sequencer.balance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class StrategyTest {
    private final Candidate a = new Candidate(1);
    private final Candidate b = new Candidate(2);
    private final Candidate c = new Candidate(3);
    private long stamp;

    private void offer(final Strategy strategy, final Candidate candidate, final int assigned, final int window) {
        candidate.load(assigned, window);
        strategy.offer(candidate, ++stamp, false);
    }

    @Test
    void shouldTakeTurnsWhateverTheLoad() {
        final Strategy strategy = Strategy.of(Strategy.ROUND_ROBIN);
        offer(strategy, a, 1, 2);
        offer(strategy, b, 0, 2);
        assertEquals(a, strategy.choose(0));
        offer(strategy, a, 0, 2);
        assertEquals(a, strategy.choose(0), "one place more does not change its turn");
        strategy.offer(a, ++stamp, true);
        assertEquals(b, strategy.choose(0));
    }

    @Test
    void shouldChooseTheLowestShareOfTheWindowThenWhoWaitedLongest() {
        final Strategy strategy = Strategy.of(Strategy.LEAST_LOADED);
        offer(strategy, a, 1, 2);
        offer(strategy, b, 3, 8);
        offer(strategy, c, 6, 8);
        assertEquals(b, strategy.choose(0));
        offer(strategy, c, 3, 8);
        assertEquals(b, strategy.choose(0));
        offer(strategy, b, 4, 8);
        assertEquals(c, strategy.choose(0));
        strategy.withdraw(c);
        assertEquals(a, strategy.choose(0));
    }

    @Test
    void shouldPassOverTheExceptedWorkerAndBeEmptyWhenAllAreWithdrawn() {
        for (final String name : new String[] {Strategy.ROUND_ROBIN, Strategy.LEAST_LOADED}) {
            final Strategy strategy = Strategy.of(name);
            offer(strategy, a, 0, 2);
            assertNull(strategy.choose(1));
            offer(strategy, b, 1, 2);
            assertEquals(b, strategy.choose(1));
            strategy.withdraw(a);
            strategy.withdraw(a);
            assertFalse(strategy.isEmpty());
            strategy.withdraw(b);
            assertTrue(strategy.isEmpty());
            assertNull(strategy.choose(0));
        }
    }

    @Test
    void shouldNameTheStrategiesThereAre() {
        final String message = assertThrows(IllegalStateException.class, () -> Strategy.of("fastest"))
                .getMessage();
        assertTrue(message.contains("fastest") && message.contains("round-robin"), message);
    }
}
