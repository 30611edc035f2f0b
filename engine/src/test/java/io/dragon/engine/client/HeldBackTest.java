package io.dragon.engine.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Results that wait to be acknowledged. */
final class HeldBackTest {
    @Test
    void shouldCountResultsBehindOneThatIsHeldUntilItIsTaken() {
        final HeldBack heldBack = new HeldBack();
        // Event 5 is held: 6 to 9 are passed on and not acknowledged.
        for (int event = 6; event <= 9; event++) {
            heldBack.onFinished(event, 4);
        }
        assertEquals(4, heldBack.count(4));
        // 5 is taken, and 8 is held now.
        heldBack.onFinished(5, 4);
        assertEquals(5, heldBack.count(4));
        assertEquals(2, heldBack.count(7));
        assertEquals(0, heldBack.count(9));
    }

    @Test
    void shouldCountNothingWhileNothingIsHeld() {
        final HeldBack heldBack = new HeldBack();
        heldBack.onFinished(7, 7);
        assertEquals(0, heldBack.count(7));
    }

    @Test
    void shouldForgetThoseThatAreNumberedAnew() {
        final HeldBack heldBack = new HeldBack();
        heldBack.onFinished(7, 3);
        heldBack.onFinished(8, 3);
        // After a resume everything up to its own number counts as taken.
        assertEquals(0, heldBack.count(12));
    }
}
