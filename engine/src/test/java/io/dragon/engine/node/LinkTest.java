package io.dragon.engine.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.LinkState;
import org.junit.jupiter.api.Test;

final class LinkTest {
    private static final long MS = 1_000_000;
    private static final long INTERVAL_NS = 200 * MS;

    private final Link link = new Link(0);
    private long nowNs = 1;

    /** A probe that is answered after so long. */
    private void good(final int probes, final long roundTripNs) {
        for (int i = 0; i < probes; i++) {
            final long number = link.onSent(nowNs);
            assertTrue(link.onAnswer(number, nowNs + roundTripNs));
            nowNs += INTERVAL_NS;
            link.onTime(nowNs);
        }
    }

    private long lost(final int probes) {
        long number = 0;
        for (int i = 0; i < probes; i++) {
            number = link.onSent(nowNs);
            nowNs += INTERVAL_NS;
            link.onTime(nowNs);
        }
        return number;
    }

    private void timeout() {
        nowNs += Link.TIMEOUT_NS;
        link.onTime(nowNs);
    }

    @Test
    void shouldBeUnknownUntilTheFirstAnswer() {
        assertEquals(LinkState.UNKNOWN, link.state());
        lost(2);
        timeout();
        assertEquals(LinkState.UNKNOWN, link.state());
        good(1, MS);
        assertEquals(LinkState.UP, link.state());
        assertEquals(MS, link.roundTripNs());
    }

    @Test
    void shouldBeDownAfterFiveInARowWithoutAnAnswerAndUpAfterTen() {
        good(50, MS);
        lost(4);
        timeout();
        good(1, MS);
        lost(4);
        timeout();
        assertTrue(link.state() != LinkState.DOWN, "never five in a row");
        good(30, MS);
        assertEquals(LinkState.UP, link.state());
        final long cutNs = nowNs;
        while (link.state() != LinkState.DOWN) {
            lost(1);
        }
        assertTrue(nowNs - cutNs <= 1_600 * MS, () -> (nowNs - cutNs) / MS + " ms");
        timeout();
        good(9, MS);
        assertEquals(LinkState.DOWN, link.state());
        good(1, MS);
        assertEquals(LinkState.UP, link.state(), "what was lost while it was down does not make it degraded");
        assertEquals(0, link.lossPermille());
    }

    @Test
    void shouldBeDownWhenNobodyEverAnswers() {
        lost(5);
        timeout();
        assertEquals(LinkState.DOWN, link.state());
        assertEquals(1_000, link.lossPermille());
    }

    @Test
    void shouldBeDegradedByThreeSpikesOfFiveAndWellAfterTwentyFiveCleanAnswers() {
        good(100, MS);
        good(2, 6 * MS);
        assertEquals(LinkState.UP, link.state());
        good(3, MS);
        good(2, 6 * MS);
        assertEquals(LinkState.UP, link.state(), "two of the last five");
        good(1, 6 * MS);
        assertEquals(LinkState.DEGRADED, link.state());
        good(24, MS);
        good(1, 6 * MS);
        good(24, MS);
        assertEquals(LinkState.DEGRADED, link.state(), "24 in a row");
        good(1, MS);
        assertEquals(LinkState.UP, link.state());
    }

    @Test
    void shouldNotTakeTheSlownessOfProgramsThatHaveJustStartedForSpikes() {
        good(1, MS);
        good(Link.BASELINE - 1, 80 * MS);
        assertEquals(LinkState.UP, link.state());
        good(1_000, MS);
        good(3, 80 * MS);
        assertEquals(LinkState.DEGRADED, link.state(), "later it is a fault");
    }

    @Test
    void shouldSayWhyItIsDegraded() {
        good(100, MS);
        assertEquals(0, link.spikeNs());
        good(1, 9 * MS);
        good(1, 41 * MS);
        good(1, 8 * MS);
        assertEquals(LinkState.DEGRADED, link.state());
        assertEquals(41 * MS, link.spikeNs());
        assertEquals(MS, link.usualNs());
        good(30, MS);
        assertEquals(LinkState.UP, link.state());
        assertEquals(0, link.spikeNs(), "well again");
        for (int i = 0; i < 6; i++) {
            lost(1);
            good(5, MS);
        }
        assertEquals(LinkState.DEGRADED, link.state());
        assertEquals(0, link.spikeNs(), "because of losses");
        assertTrue(link.lossPermille() > 50, () -> link.lossPermille() + " of 1000");
    }

    @Test
    void shouldTakeALongWayForWellWhenItIsAlwaysLong() {
        good(200, 20 * MS);
        good(20, 70 * MS);
        assertEquals(LinkState.UP, link.state(), "less than four times the median");
        good(3, 90 * MS);
        assertEquals(LinkState.DEGRADED, link.state());
    }

    @Test
    void shouldTellHowLongTheWayUsuallyTakes() {
        good(100, MS);
        good(5, 4 * MS);
        assertEquals(MS, link.roundTripNs(), "a few that took long change nothing");
        good(20, 3 * MS);
        assertEquals(3 * MS, link.roundTripNs(), "after 5 s it is another way");
    }

    @Test
    void shouldNotMindSpikesBelowFiveMilliseconds() {
        good(100, MS / 10);
        good(50, 4_900 * MS / 1_000);
        assertEquals(LinkState.UP, link.state());
    }

    @Test
    void shouldBeDegradedWhenMoreThanFiveOfAHundredAreLost() {
        good(100, MS);
        for (int i = 0; i < 5; i++) {
            lost(1);
            good(9, MS);
        }
        assertEquals(LinkState.UP, link.state());
        assertEquals(50, link.lossPermille());
        lost(1);
        good(3, MS);
        assertEquals(LinkState.DEGRADED, link.state());
        good(30, MS);
        assertEquals(LinkState.UP, link.state());
    }

    @Test
    void shouldTakeALateAnswerForASpikeAndNotForALoss() {
        good(20, MS);
        final long number = lost(5);
        assertTrue(link.onAnswer(number - 1, nowNs));
        timeout();
        assertTrue(link.state() != LinkState.DOWN, "there is a way");
        assertTrue(link.onAnswer(number - 1, nowNs), "doubled by the network");
        nowNs += 600 * MS;
        assertFalse(link.onAnswer(number - 1, nowNs), "once");
    }

    @Test
    void shouldRefuseNumbersThatWereNeverSentOrAreLongPast() {
        good(3, MS);
        assertFalse(link.onAnswer(4, nowNs));
        assertFalse(link.onAnswer(0, nowNs));
        assertFalse(link.onAnswer(-1, nowNs));
        nowNs += 600 * MS;
        assertFalse(link.onAnswer(2, nowNs));
        good(200, MS);
        assertFalse(link.onAnswer(10, nowNs));
    }

    @Test
    void shouldNotBeDownBecauseWeWereStopped() {
        good(20, MS);
        lost(2);
        final long number = link.onSent(nowNs);
        nowNs += 20_000 * MS;
        link.onPause();
        link.onTime(nowNs);
        assertEquals(LinkState.UP, link.state());
        assertTrue(link.onAnswer(number, nowNs), "an answer that waited for us");
        lost(4);
        timeout();
        assertEquals(LinkState.UP, link.state(), "counted anew");
        lost(1);
        timeout();
        assertEquals(LinkState.DOWN, link.state());
    }

    /** 1.1 s of five probes, and 0.4 s without us. */
    private void pausedCycle(final boolean isAnswered) {
        long number = 0;
        for (int i = 0; i < 5; i++) {
            number = link.onSent(nowNs);
            if (isAnswered && i < 4) {
                assertTrue(link.onAnswer(number, nowNs + MS));
            }
            nowNs += INTERVAL_NS;
            link.onTime(nowNs);
        }
        nowNs += 500 * MS;
        link.onPause();
        if (isAnswered) {
            assertTrue(link.onAnswer(number, nowNs));
        }
        link.onTime(nowNs);
    }

    @Test
    void shouldBeDownThoughWeAreStoppedAgainAndAgain() {
        good(20, MS);
        final long cutNs = nowNs;
        while (link.state() != LinkState.DOWN && nowNs - cutNs < 60_000 * MS) {
            pausedCycle(false);
        }
        assertEquals(LinkState.DOWN, link.state());
        assertTrue(nowNs - cutNs <= 3_000 * MS, () -> (nowNs - cutNs) / MS + " ms");
        for (int i = 0; i < 10 && link.state() == LinkState.DOWN; i++) {
            pausedCycle(true);
        }
        assertEquals(LinkState.UP, link.state());
        for (int i = 0; i < 40; i++) {
            pausedCycle(true);
            assertEquals(LinkState.UP, link.state(), "our pauses are no losses");
        }
        assertEquals(0, link.lossPermille());
    }

    @Test
    void shouldTakeAnAnswerThatWaitedForUsForAWay() {
        good(20, MS);
        lost(4);
        timeout();
        final long number = link.onSent(nowNs);
        nowNs += 20_000 * MS;
        link.onPause();
        assertTrue(link.onAnswer(number, nowNs));
        assertTrue(link.onAnswer(number, nowNs), "doubled by the network");
        lost(4);
        timeout();
        assertTrue(link.state() != LinkState.DOWN, "never five in a row");
        assertFalse(link.onAnswer(number, nowNs), "once");
        lost(1);
        timeout();
        assertEquals(LinkState.DOWN, link.state());
    }

    @Test
    void shouldNotTakeAnAnswerFromItsFormerPlaceForASignOfLife() {
        good(20, MS);
        lost(4);
        timeout();
        final long number = link.onSent(nowNs);
        link.onMoved();
        assertTrue(link.onAnswer(number, nowNs));
        lost(1);
        timeout();
        assertEquals(LinkState.DOWN, link.state());
    }
}
