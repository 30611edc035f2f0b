package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class SessionTurnTest {
    private final SessionTurn turn = new SessionTurn();
    private int plain;

    @Test
    void shouldBeOfOneAtATimeAndNotTwiceOfTheSame() {
        assertTrue(turn.tryTake());
        assertFalse(turn.tryTake());
        turn.give();
        assertTrue(turn.tryTake());
    }

    @Test
    void shouldLetEachSeeWhatThoseBeforeItHaveDone() throws InterruptedException {
        final int each = 20_000;
        final Thread[] threads = new Thread[3];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(() -> {
                for (int n = 0; n < each; n++) {
                    turn.take();
                    plain++;
                    turn.give();
                }
            });
            threads[i].start();
        }
        for (final Thread thread : threads) {
            thread.join();
        }
        assertEquals(threads.length * each, plain);
    }
}
