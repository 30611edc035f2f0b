package io.dragon.engine.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class FeedPoolTest {
    @Test
    void shouldHaveNoPoolToNameFromAFenceUntilOneWasMadeForIt() {
        final FeedPool<String> feed = new FeedPool<>("first");
        assertTrue(feed.isCurrent());
        feed.fence();
        assertFalse(feed.isCurrent());
        assertEquals("first", feed.latest()); // what is still released to it
        final int wanted = feed.generation();
        feed.fence();
        feed.renew("too late", wanted);
        assertFalse(feed.isCurrent());
        feed.renew("second", feed.generation());
        assertTrue(feed.isCurrent());
        assertEquals("second", feed.latest());
    }
}
