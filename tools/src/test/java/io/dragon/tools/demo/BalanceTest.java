package io.dragon.tools.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What a demo must not pass over. */
final class BalanceTest {
    private static void assertFault(final String words, final boolean killed, final Balance balance) {
        final List<String> faults = balance.faults(killed);
        assertTrue(faults.stream().anyMatch(fault -> fault.contains(words)), words + " in " + faults);
    }

    @Test
    void shouldFindNothingWhereEverythingAddsUp() {
        assertEquals(List.of(), new Balance(100, 98, 2, 1, 0, 96, 1, 0, 0).faults(false));
        assertEquals(List.of(), new Balance(100, 98, 2, 1, 3, 96, 1, 0, 0).faults(true));
    }

    @Test
    void shouldNotCallMoreResultsThanFramesNothingLost() {
        assertFault("1 more results than frames", false, new Balance(100, 100, 0, 1, 0, 100, 0, 0, 0));
    }

    @Test
    void shouldCountAFrameThatIsNeitherDoneNorGivenBack() {
        final Balance balance = new Balance(100, 100, 0, 0, 0, 99, 0, 0, 0);
        assertEquals(1, balance.lost());
        assertFault("1 frames lost", false, balance);
    }

    @Test
    void shouldCountStepsThatNeverCame() {
        final Balance balance = new Balance(100, 100, 0, 0, 0, 100, 0, 0, 2);
        assertEquals(2, balance.lost());
        assertFault("2 steps lost", false, balance);
    }

    @Test
    void shouldNoticeCamerasThatEndEarly() {
        assertFault("offered 90 frames instead of 100", false, new Balance(100, 90, 0, 0, 0, 90, 0, 0, 0));
        assertFault("no frame was published", false, new Balance(0, 0, 0, 0, 0, 0, 0, 0, 0));
    }

    @Test
    void shouldAcceptRefusedFramesOnlyNearTheKill() {
        assertFault("1 frames dropped more than 2 s from the kill", true, new Balance(100, 98, 2, 1, 2, 97, 0, 0, 0));
        assertFault("more than 5 %", false, new Balance(100, 97, 3, 3, 6, 94, 0, 0, 0));
    }
}
