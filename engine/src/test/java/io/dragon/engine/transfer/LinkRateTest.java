package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class LinkRateTest {
    private static final long SECOND_NS = 1_000_000_000;
    private static final int PIECE = 64 * 1024;

    private final LinkRate rate = new LinkRate();
    private long nowNs = -5 * SECOND_NS;

    /** A frame whose pieces each take so long. */
    private void frame(final int pieces, final long bytesPerSecond) {
        for (int i = 1; i <= pieces; i++) {
            nowNs += PIECE * SECOND_NS / bytesPerSecond;
            rate.add(PIECE, i < pieces, nowNs);
        }
    }

    private void assertRate(final long expected) {
        assertEquals(expected, rate.bytesPerSecond(), expected / 50);
    }

    /** Every piece came after more than 5 ms, and none was counted. */
    @Test
    void shouldMeasureALinkThatTakesLongForAPiece() {
        frame(100, 1_250_000);
        assertRate(1_250_000);
    }

    @Test
    void shouldFollowALinkThatBecomesSlow() {
        frame(1_000, 1_000_000_000);
        assertRate(1_000_000_000);
        frame(1_000, 1_250_000);
        assertRate(1_250_000);
    }

    @Test
    void shouldLeaveOutPausesBetweenFrames() {
        for (int i = 0; i < 100; i++) {
            frame(20, 100_000_000);
            nowNs += SECOND_NS / 5;
        }
        assertRate(100_000_000);
    }

    @Test
    void shouldLeaveOutThatItsNodeWasStoppedInTheMiddleOfAFrame() {
        for (int i = 0; i < 100; i++) {
            nowNs += PIECE * SECOND_NS / 100_000_000;
            rate.add(PIECE, true, nowNs);
            nowNs += SECOND_NS;
            frame(20, 100_000_000);
        }
        assertRate(100_000_000);
    }

    @Test
    void shouldSayNothingOfFramesOfOnePieceThatComeNowAndThen() {
        for (int i = 0; i < 100; i++) {
            frame(1, 100_000_000);
            nowNs += SECOND_NS / 5;
        }
        assertEquals(0, rate.bytesPerSecond());
    }
}
