package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.Timeouts;
import org.junit.jupiter.api.Test;

class EventWindowTest {
    private static final long ACKNOWLEDGE_NS = Timeouts.dev().ns(Timeouts.Key.EVENT_ACKNOWLEDGE);
    private static final long RETRY_NS = Timeouts.dev().ns(Timeouts.Key.RESUME_RETRY);

    private final EventWindow window = new EventWindow(Timeouts.dev());

    @Test
    void shouldPassOnEachEventOnceAndInOrder() {
        window.reset(6);
        assertTrue(window.onEvent(7, 0));
        assertFalse(window.onEvent(7, 0));
        assertFalse(window.onEvent(3, 0));
        assertTrue(window.onEvent(8, 0));
        assertEquals(8, window.last());
        assertEquals(2, window.duplicates());
        assertEquals(0, window.gaps());
    }

    @Test
    void shouldAskOnceForWhatIsLostAndAgainWhenNoAnswerComes() {
        assertTrue(window.onEvent(1, 10));
        assertFalse(window.onEvent(3, 10));
        assertFalse(window.onEvent(4, 10));
        assertEquals(1, window.gaps());
        assertTrue(window.isResumeDue(10));
        window.onResumeSent(10);
        assertFalse(window.isResumeDue(9 + RETRY_NS));
        assertTrue(window.isResumeDue(10 + RETRY_NS));
        window.onResumed(9, 20);
        assertFalse(window.isResumeDue(10 + RETRY_NS));
        assertEquals(9, window.last());
        assertTrue(window.onEvent(10, 30));
        window.onResumed(9, 40);
        assertEquals(10, window.last(), "an answer that comes twice changes nothing");
    }

    @Test
    void shouldTellSoonAndAtOnceWhenThereAreMany() {
        assertFalse(window.isAcknowledgementDue(Long.MAX_VALUE));
        window.onEvent(1, 100);
        assertFalse(window.isAcknowledgementDue(99 + ACKNOWLEDGE_NS));
        assertTrue(window.isAcknowledgementDue(100 + ACKNOWLEDGE_NS));
        for (int event = 2; event <= 32; event++) {
            assertFalse(window.isAcknowledgementDue(100));
            window.onEvent(event, 100);
        }
        assertTrue(window.isAcknowledgementDue(100));
        window.onAcknowledged();
        assertFalse(window.isAcknowledgementDue(Long.MAX_VALUE));
        window.onEvent(7, 200);
        assertTrue(window.isAcknowledgementDue(200 + ACKNOWLEDGE_NS), "who sends again has not heard of it");
    }

    @Test
    void shouldCountWhatIsHeldAsNotTaken() {
        window.onEvent(1, 0);
        window.onEvent(2, 0);
        assertEquals(2, window.hold());
        assertEquals(2, window.hold());
        window.onEvent(3, 0);
        assertEquals(3, window.hold());
        window.onEvent(4, 0);
        window.onAcknowledged();
        assertEquals(1, window.taken());
        window.take(3, 50);
        assertEquals(1, window.taken());
        window.take(2, 60);
        assertEquals(4, window.taken());
        window.take(2, 70);
        assertTrue(window.isAcknowledgementDue(50 + ACKNOWLEDGE_NS), "that it was taken is to be told");
        window.onEvent(5, 80);
        window.hold();
        window.onResumed(9, 90);
        assertEquals(9, window.taken(), "what was open comes again, under new numbers");
    }
}
