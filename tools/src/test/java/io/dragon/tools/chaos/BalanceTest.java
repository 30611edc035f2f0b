package io.dragon.tools.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class BalanceTest {
    /** Three such results were once counted as duplicates, on a machine that took its time between the answer and the count. */
    @Test
    void shouldNotTakeWhatEndedAfterTheAnswerForDoubled() {
        final Balance balance = new Balance(97, 100, 97, 100);
        assertEquals(0, balance.doubled());
        assertEquals(-1, balance.missing());
    }

    @Test
    void shouldCountWhatCameTwiceAndWhatNeverCame() {
        assertEquals(3, new Balance(103, 100, 100, 103).doubled());
        assertEquals(2, new Balance(98, 100, 100, 98).missing());
        assertEquals(0, new Balance(100, 100, 100, 100).missing());
    }
}
