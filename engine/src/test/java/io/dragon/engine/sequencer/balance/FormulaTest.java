package io.dragon.engine.sequencer.balance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each formula with its numbers worked out by hand; each case one where the answer flips. */
class FormulaTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000 * MS;

    private final FakeCandidate a = new FakeCandidate(1);
    private final FakeCandidate b = new FakeCandidate(2);
    private final Demand demand = new Demand().settings(0, 10_000, 80);
    private long stamp;

    private Strategy offered(final String name, final FakeCandidate... candidates) {
        final Strategy strategy = Strategy.of(name);
        for (final FakeCandidate candidate : candidates) {
            strategy.offer(candidate, ++stamp, false);
        }
        return strategy;
    }

    private long score(final String name, final FakeCandidate candidate) {
        return ((Ranked) offered(name, candidate)).score(demand, candidate);
    }

    // ---- weighted: load - 1/avgExecTime + 0.1 x as urgent or more; the lowest wins

    @Test
    void weightedShouldPreferTheFasterWorkerAsLongAsItsSpeedOutweighsItsLoad() {
        a.has(1, 2).takes(2 * SECOND, 0); // 0.5 - 1/2 = 0
        b.has(0, 2).takes(4 * SECOND, 0); // 0   - 1/4 = -0.25
        assertEquals(0, score(Strategy.WEIGHTED, a));
        assertEquals(-250_000, score(Strategy.WEIGHTED, b));
        assertEquals(b, offered(Strategy.WEIGHTED, a, b).choose(demand));
        a.takes(SECOND, 0); // 0.5 - 1/1 = -0.5
        assertEquals(-500_000, score(Strategy.WEIGHTED, a));
        assertEquals(a, offered(Strategy.WEIGHTED, a, b).choose(demand));
    }

    @Test
    void weightedShouldCountTasksAsUrgentWithATenthEach() {
        a.has(1, 4).urgent(1); // 0.25 + 0.1 = 0.35
        b.has(2, 4).urgent(0); // 0.5
        assertEquals(350_000, score(Strategy.WEIGHTED, a));
        assertEquals(500_000, score(Strategy.WEIGHTED, b));
        assertEquals(a, offered(Strategy.WEIGHTED, a, b).choose(demand));
        a.has(3, 8).urgent(3); // 0.375 + 0.3 = 0.675
        assertEquals(675_000, score(Strategy.WEIGHTED, a));
        assertEquals(b, offered(Strategy.WEIGHTED, a, b).choose(demand));
    }

    @Test
    void weightedShouldGoByLoadAloneWhileNobodyHasDoneATask() {
        a.has(1, 3); // 0.333333
        b.has(1, 4); // 0.25
        assertEquals(333_333, score(Strategy.WEIGHTED, a));
        assertEquals(b, offered(Strategy.WEIGHTED, a, b).choose(demand));
    }

    @Test
    void weightedShouldLeaveOutAWorkerWhoseFreeMemoryCannotHoldTheTask() {
        a.has(0, 2).free(999);
        b.has(1, 2).free(1_000);
        assertEquals(b, offered(Strategy.WEIGHTED, a, b).choose(demand.memory(1_000, 1, 64)));
        assertEquals(a, offered(Strategy.WEIGHTED, a, b).choose(demand.memory(999, 1, 64)));
        // In two pieces it needs half; of 1,001 that is 501.
        a.inPieces(2).free(500);
        b.free(0);
        assertEquals(a, offered(Strategy.WEIGHTED, a, b).choose(demand.memory(1_000, 1, 64)));
        assertNull(offered(Strategy.WEIGHTED, a, b).choose(demand.memory(1_001, 1, 64)));
    }

    // ---- scored: 1000 / (latencyMs + size/throughput in ms); the highest wins

    @Test
    void scoredShouldBeAThousandByTheTimeInMilliseconds() {
        demand.task(3, 4_000_000, 0);
        // 1 MB in 2 ms: 4 MB in 8 ms, 1000 / 8 = 125.
        a.takes(2 * MS, 1_000_000);
        assertEquals(125_000_000, score(Strategy.SCORED, a));
        // 8 MB in 10 ms: 4 MB in 5 ms, 1000 / 5 = 200.
        b.takes(10 * MS, 8_000_000);
        assertEquals(200_000_000, score(Strategy.SCORED, b));
        assertEquals(b, offered(Strategy.SCORED, a, b).choose(demand));
        // Without inputs the mean itself: 500 against 100.
        assertEquals(a, offered(Strategy.SCORED, a, b).choose(demand.task(3, 0, 0)));
        assertEquals(500_000_000, score(Strategy.SCORED, a));
        assertEquals(100_000_000, score(Strategy.SCORED, b));
    }

    @Test
    void scoredShouldAddTheLinksLatencyAndTransferWhenTheyAreMeasured() {
        demand.task(3, 1_000_000, 7).links(new Links() {
            @Override
            public long latencyNs(final int from, final int to) {
                return from == to ? 0 : 5 * MS;
            }

            @Override
            public long bytesPerSecond(final int from, final int to) {
                return from == to ? 0 : 100_000_000;
            }
        });
        // 5 ms of latency, 10 ms for 1 MB at 100 MB/s, 5 ms of work: 1000 / 20 = 50.
        a.on(8).takes(5 * MS, 1_000_000);
        assertEquals(50_000_000, score(Strategy.SCORED, a));
        // At home: 1000 / 24 = 41.666666, and local: 41.666666 x 1.2 = 49.999999.
        b.on(7).takes(24 * MS, 1_000_000);
        assertEquals(49_999_999, score(Strategy.SCORED, b));
        assertEquals(a, offered(Strategy.SCORED, a, b).choose(demand));
        b.takes(23 * MS, 1_000_000);
        assertEquals(b, offered(Strategy.SCORED, a, b).choose(demand));
    }

    @Test
    void scoredShouldTakeAFifthForAQueueOfMoreThanFive() {
        a.has(5, 16).takes(10 * MS, 0); // 100
        b.has(4, 16).takes(11 * MS, 0); // 90.909090
        assertEquals(100_000_000, score(Strategy.SCORED, a));
        assertEquals(90_909_090, score(Strategy.SCORED, b));
        assertEquals(a, offered(Strategy.SCORED, a, b).choose(demand));
        a.has(6, 16); // 100 x 0.8 = 80
        assertEquals(80_000_000, score(Strategy.SCORED, a));
        assertEquals(b, offered(Strategy.SCORED, a, b).choose(demand));
    }

    @Test
    void scoredShouldGiveAFifthForBeingLocal() {
        demand.task(3, 0, 7);
        a.on(8).takes(10 * MS, 0); // 100
        b.on(7).takes(11 * MS, 0); // 90.909090 x 1.2 = 109.090908
        assertEquals(109_090_908, score(Strategy.SCORED, b));
        assertEquals(b, offered(Strategy.SCORED, a, b).choose(demand));
        // Nobody is local to a task whose node is not known.
        assertEquals(a, offered(Strategy.SCORED, a, b).choose(demand.task(3, 0, 0)));
    }

    @Test
    void scoredShouldHalveForTenSecondsAfterAnError() {
        a.takes(10 * MS, 0).erred(1_000); // 100
        b.takes(15 * MS, 0); // 66.666666
        demand.at(11_000);
        assertEquals(50_000_000, score(Strategy.SCORED, a));
        assertEquals(b, offered(Strategy.SCORED, a, b).choose(demand));
        demand.at(11_001);
        assertEquals(100_000_000, score(Strategy.SCORED, a));
        assertEquals(a, offered(Strategy.SCORED, a, b).choose(demand));
    }

    @Test
    void scoredShouldMultiplyAllFactors() {
        demand.task(3, 0, 7).at(500);
        a.has(6, 8).on(7).takes(10 * MS, 0).erred(500);
        // 100 x 0.8 x 1.2 x 0.5 = 48
        assertEquals(48_000_000, score(Strategy.SCORED, a));
    }

    @Test
    void scoredShouldWaitWhileEveryScoreIsBelowTheThreshold() {
        a.takes(10 * MS, 0); // 100
        b.takes(20 * MS, 0); // 50
        assertEquals(a, offered(Strategy.SCORED, b, a).choose(demand.settings(100_000, 10_000, 80)));
        assertNull(offered(Strategy.SCORED, b, a).choose(demand.settings(100_001, 10_000, 80)));
    }

    @Test
    void scoredShouldLeaveOutAWorkerShortOfMemory() {
        a.takes(MS, 0).free(99);
        b.takes(50 * MS, 0).free(100);
        assertEquals(b, offered(Strategy.SCORED, a, b).choose(demand.memory(100, 1, 64)));
    }

    // ---- weighted-round-robin

    private String order(final Strategy strategy, final int number) {
        final StringBuilder order = new StringBuilder();
        for (int i = 0; i < number; i++) {
            final Candidate chosen = strategy.choose(demand);
            order.append((char) ('a' + chosen.workerId() - 1));
            strategy.offer(chosen, ++stamp, true);
        }
        return order.toString();
    }

    @Test
    void weightedRoundRobinShouldMixFiveToOneToOneEvenly() {
        final FakeCandidate c = new FakeCandidate(3);
        a.has(0, 5);
        b.has(0, 1);
        c.has(0, 1);
        // Without history by windows, worked out in the class's own words: a a b a c a a, and again.
        final Strategy strategy = offered(Strategy.WEIGHTED_ROUND_ROBIN, a, b, c);
        assertEquals("aabacaa", order(strategy, 7));
        assertEquals(List.of(0L, 0L, 0L), List.of(a.credit(), b.credit(), c.credit()));
    }

    @Test
    void weightedRoundRobinShouldGiveAThousandTasksInProportionToTheRates() {
        final FakeCandidate c = new FakeCandidate(3);
        a.takes(10 * MS, 0); // 100 a second
        b.takes(20 * MS, 0); // 50
        c.takes(40 * MS, 0); // 25
        final String order = order(offered(Strategy.WEIGHTED_ROUND_ROBIN, a, b, c), 1_000);
        final List<Long> counts = new ArrayList<>();
        for (final char name : "abc".toCharArray()) {
            counts.add(order.chars().filter(each -> each == name).count());
        }
        // 4 : 2 : 1 of 1,000: 571.4, 285.7, 142.9.
        assertEquals(571, counts.get(0), 1);
        assertEquals(286, counts.get(1), 1);
        assertEquals(143, counts.get(2), 1);
        // Evenly mixed: any seven in a row are 4, 2 and 1, give or take one.
        for (int at = 0; at + 7 <= order.length(); at++) {
            final long ofA = order.substring(at, at + 7)
                    .chars()
                    .filter(each -> each == 'a')
                    .count();
            assertTrue(Math.abs(ofA - 4) <= 1, order.substring(at, at + 7));
        }
    }

    // ---- prefer-local

    @Test
    void preferLocalShouldSpillAtTheThresholdOnly() {
        final FakeCandidate remote = new FakeCandidate(9).has(0, 10).on(8);
        demand.task(3, 0, 7);
        a.has(7, 10).on(7);
        b.has(8, 10).on(7);
        // 15 of 20 places are 75 %: local, the least loaded.
        assertEquals(a, offered(Strategy.PREFER_LOCAL, a, b, remote).choose(demand));
        // 16 of 20 are 80 %: the least loaded of all.
        a.has(8, 10);
        assertEquals(remote, offered(Strategy.PREFER_LOCAL, a, b, remote).choose(demand));
        // As loaded as the remote one: local.
        remote.has(8, 10);
        assertEquals(a, offered(Strategy.PREFER_LOCAL, remote, a, b).choose(demand));
        // 80 % is not 81 %.
        remote.has(0, 10);
        assertEquals(a, offered(Strategy.PREFER_LOCAL, a, b, remote).choose(demand.settings(0, 0, 81)));
    }

    @Test
    void preferLocalShouldCountFullWorkersAndForgetThoseWithdrawn() {
        final FakeCandidate remote = new FakeCandidate(9).has(1, 2).on(8);
        demand.task(3, 0, 7);
        a.has(4, 4).on(7);
        b.has(0, 1).on(7);
        final Strategy strategy = offered(Strategy.PREFER_LOCAL, b, remote);
        strategy.full(a);
        // 4 of 5 places: 80 %, so all take part; the least loaded is local.
        assertEquals(b, strategy.choose(demand));
        b.has(3, 4);
        strategy.offer(b, ++stamp, false);
        // 7 of 8: 87 %.
        assertEquals(remote, strategy.choose(demand));
        strategy.withdraw(a);
        // 3 of 4: 75 %.
        assertEquals(b, strategy.choose(demand));
    }

    @Test
    void preferLocalShouldGoRemoteWhereNoLocalWorkerIsLeft() {
        final FakeCandidate remote = new FakeCandidate(9).has(1, 2).on(8);
        a.has(0, 2).on(7);
        final Strategy strategy = offered(Strategy.PREFER_LOCAL, a, remote);
        assertEquals(remote, strategy.choose(demand.task(3, 0, 7).except(1)));
        assertEquals(remote, strategy.choose(demand.task(3, 0, 8).except(0)));
        assertEquals(a, strategy.choose(demand.task(3, 0, 0)), "the least loaded where the node is not known");
        assertEquals(a, strategy.choose(demand.task(3, 0, 5)), "and where it has no worker");
    }

    // ---- arithmetic

    @Test
    void shouldScaleWithoutOverflow() {
        assertEquals(8 * MS, Fixed.scaled(2 * MS, 4_000_000, 1_000_000));
        assertEquals(1, Fixed.scaled(3, 1, 3));
        assertEquals(Long.MAX_VALUE >> 8, Fixed.scaled(Long.MAX_VALUE / 2, 1L << 40, 1));
        // 10^15 ns x 2^38 bytes / 2^37: twice, within a millionth.
        assertEquals(2_000_000_000_000_000L, Fixed.scaled(1_000_000_000_000_000L, 1L << 38, 1L << 37), 2_000_000_000L);
        assertEquals("0.35", Fixed.text(350_000));
        assertEquals("-250", Fixed.text(-250_000_000));
        assertEquals("0", Fixed.text(0));
        assertEquals("-0.000001", Fixed.text(-1));
        assertEquals("12.0305", Fixed.text(12_030_500));
    }
}
