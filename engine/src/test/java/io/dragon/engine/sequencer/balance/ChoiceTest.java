package io.dragon.engine.sequencer.balance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What is true of every choice of every strategy, whatever the workers are like. */
class ChoiceTest {
    private static final int WORKERS = 70;

    private final SplittableRandom random = new SplittableRandom(11);
    private long stamp;

    /** Hears what the explanation says. */
    private static final class Heard implements Strategy.Explanation {
        private final Set<Candidate> considered = new HashSet<>();
        private final Set<Candidate> excluded = new HashSet<>();
        private final List<Long> scores = new ArrayList<>();
        private final List<Candidate> order = new ArrayList<>();

        @Override
        public void considered(final Candidate candidate, final long millionths, final String factors) {
            assertTrue(considered.add(candidate) && !factors.isEmpty());
            scores.add(millionths);
            order.add(candidate);
        }

        @Override
        public void excluded(final Candidate candidate, final String why) {
            assertTrue(excluded.add(candidate) && !why.isEmpty());
        }
    }

    private void vary(final FakeCandidate candidate) {
        final int window = 1 + random.nextInt(8);
        candidate
                .has(random.nextInt(window + 1), window)
                .urgent(random.nextInt(1 + candidate.assigned))
                .on(random.nextInt(4))
                .free(random.nextInt(3) == 0 ? -1 : random.nextInt(1_000))
                .inPieces(1 << random.nextInt(3))
                .takes(random.nextInt(4) == 0 ? -1 : 1 + random.nextLong(2_000_000_000), random.nextLong(1 << 20))
                .erred(random.nextBoolean() ? -1 : random.nextInt(20_000));
    }

    private void enter(final Strategy strategy, final FakeCandidate candidate) {
        switch (random.nextInt(12)) {
            case 0 -> strategy.withdraw(candidate);
            default -> {
                if (candidate.assigned < candidate.window) {
                    strategy.offer(candidate, ++stamp, random.nextBoolean());
                } else {
                    strategy.full(candidate);
                }
            }
        }
    }

    /** They look up their answer in an order, and compare none. */
    private static boolean isBySearch(final String name) {
        return name.equals(Strategy.ROUND_ROBIN) || name.equals(Strategy.PREFER_LOCAL);
    }

    private Demand randomDemand() {
        return new Demand()
                .task(random.nextInt(8), random.nextLong(1 << 22), random.nextInt(4))
                .memory(random.nextBoolean() ? 0 : random.nextInt(1_500), 1 << random.nextInt(2), 64)
                .except(random.nextInt(WORKERS))
                .at(random.nextInt(30_000))
                .settings(random.nextBoolean() ? 0 : random.nextInt(5_000), 10_000, 1 + random.nextInt(100));
    }

    @Test
    void shouldNeverChooseAnExceptedAFullOrAnUnfitWorkerAndExplainWhatItChooses() {
        for (final String name : Strategy.NAMES) {
            final Strategy strategy = Strategy.of(name);
            final List<FakeCandidate> all = new ArrayList<>();
            for (int i = 1; i <= WORKERS; i++) {
                all.add(new FakeCandidate(i));
            }
            int chosenOnes = 0;
            for (int round = 0; round < 20_000; round++) {
                final FakeCandidate changed = all.get(random.nextInt(WORKERS));
                vary(changed);
                enter(strategy, changed);
                final Demand demand = randomDemand();
                final Heard heard = new Heard();
                strategy.explain(demand, heard);
                final FakeCandidate chosen = (FakeCandidate) strategy.choose(demand);
                if (chosen == null) {
                    assertTrue(heard.considered.isEmpty(), name);
                    continue;
                }
                chosenOnes++;
                assertTrue(chosen.isOffered() && chosen.assigned < chosen.window, name);
                assertTrue(chosen.workerId() != demand.exceptWorkerId, name);
                assertTrue(!strategy.isChoosy() || chosen.fits(demand), name);
                assertTrue(heard.considered.contains(chosen), name);
                assertTrue(isBySearch(name) || heard.considered.size() <= Strategy.MOST_COMPARED);
                final long best = heard.scores.get(heard.order.indexOf(chosen));
                final boolean isHighest = name.equals(Strategy.SCORED) || name.equals(Strategy.WEIGHTED_ROUND_ROBIN);
                for (final long other : heard.scores) {
                    // Orders by load have 64 classes, within one of which a turn decides.
                    final long slack = name.equals(Strategy.LEAST_LOADED) || name.equals(Strategy.PREFER_LOCAL)
                            ? Fixed.ONE / 64
                            : 0;
                    assertTrue(isHighest ? other <= best : other >= best - slack, name + " in round " + round);
                }
            }
            assertTrue(chosenOnes > 5_000, name + " chose " + chosenOnes + " times");
        }
    }

    @Test
    void shouldChooseAlikeWhenRebuiltFromStampsAndCredits() {
        for (final String name : Strategy.NAMES) {
            final List<FakeCandidate> ones = new ArrayList<>();
            for (int i = 1; i <= WORKERS; i++) {
                ones.add(new FakeCandidate(i));
            }
            final Strategy one = Strategy.of(name);
            for (int round = 0; round < 300; round++) {
                final FakeCandidate changed = ones.get(random.nextInt(WORKERS));
                vary(changed);
                enter(one, changed);
                one.choose(randomDemand());
                if (round % 10 == 0) {
                    final Strategy other = Strategy.of(name);
                    final List<FakeCandidate> others = copies(ones, other);
                    final Demand demand = randomDemand();
                    for (int i = 0; i < 5; i++) {
                        final Candidate expected = one.choose(demand);
                        final Candidate actual = other.choose(demand);
                        assertEquals(
                                expected == null ? 0 : expected.workerId(),
                                actual == null ? 0 : actual.workerId(),
                                name);
                        if (expected != null) {
                            final long next = ++stamp;
                            one.offer(expected, next, true);
                            other.offer(others.get(expected.workerId() - 1), next, true);
                        }
                    }
                }
            }
        }
    }

    /** As a snapshot restores them: first those without a place, then those with one, by stamp. */
    private static List<FakeCandidate> copies(final List<FakeCandidate> from, final Strategy to) {
        final List<FakeCandidate> copies = new ArrayList<>();
        final List<FakeCandidate> offered = new ArrayList<>();
        for (final FakeCandidate each : from) {
            final FakeCandidate copy = new FakeCandidate(each.workerId())
                    .has(each.assigned, each.window)
                    .urgent(each.urgent)
                    .on(each.onNode)
                    .free(each.freeBytes)
                    .inPieces(each.pieces)
                    .takes(each.meanNs, each.meanBytes)
                    .erred(each.erredMs);
            copy.credit(each.credit());
            copies.add(copy);
            if (each.isOffered()) {
                offered.add(each);
            } else if (each.node != null) {
                to.full(copy);
            }
        }
        offered.sort((left, right) -> Long.compare(left.stamp(), right.stamp()));
        for (final FakeCandidate each : offered) {
            to.offer(copies.get(each.workerId() - 1), each.stamp(), true);
        }
        return copies;
    }

    @Test
    void shouldFindTheOneWorkerWithMemoryBehindManyThatHaveLessLoad() {
        for (final String name : List.of(Strategy.WEIGHTED, Strategy.SCORED)) {
            final Strategy strategy = Strategy.of(name);
            for (int i = 1; i <= 500; i++) {
                strategy.offer(new FakeCandidate(i).has(0, 2).free(10), ++stamp, false);
            }
            final FakeCandidate large = new FakeCandidate(501).has(1, 2).free(1_000);
            strategy.offer(large, ++stamp, false);
            assertEquals(large, strategy.choose(new Demand().memory(500, 1, 1)), name);
            assertNull(strategy.choose(new Demand().memory(1_001, 1, 1)), name);
            assertNotNull(strategy.choose(new Demand()), name);
        }
    }
}
