package io.dragon.engine.sequencer.balance;

/**
 * Blocks in proportion to what each worker can do, evenly mixed: at each choice every worker compared is credited with its
 * weight, the one with the highest credit is chosen and pays what all were credited with together. The weight is the
 * worker's rate, 1/{@link Candidate#meanNs}, or its window while nobody has done a task of this type.
 *
 * <pre>
 *   weights 5, 1, 1:   credits    5  1  1  -> a, which pays 7   -2  1  1
 *                                 3  2  2  -> a                 -4  2  2
 *                                 1  3  3  -> b                  1 -4  3    and so on: a a b a c a a
 * </pre>
 *
 * Workers without a free place neither gain nor lose. Among equals the one with less load, then the one that waited longest,
 * is chosen.
 */
final class WeightedRoundRobin extends Ranked {
    /** Beyond what any mix of workers leads to in years, and far from overflow. */
    private static final long MOST_CREDIT = 1L << 58;

    @Override
    public Candidate choose(final Demand demand) {
        Candidate chosen = null;
        long total = 0;
        int compared = 0;
        for (Place place = free.first(); place != null && compared < MOST_COMPARED; place = free.after(place)) {
            final Candidate candidate = place.candidate;
            if (candidate.workerId != demand.exceptWorkerId && demand.mayGoTo(candidate)) {
                final long weight = weight(candidate);
                compared++;
                total += weight;
                candidate.credit(Math.min(MOST_CREDIT, candidate.credit() + weight));
                if (chosen == null || candidate.credit() > chosen.credit()) {
                    chosen = candidate;
                }
            }
        }
        if (chosen != null) {
            chosen.credit(Math.max(-MOST_CREDIT, chosen.credit() - total));
        }
        return chosen;
    }

    private static long weight(final Candidate candidate) {
        final long meanNs = candidate.meanNs();
        return meanNs < 0 ? candidate.window() : Math.max(1, Fixed.ONE_PER_NS / Math.max(1, meanNs));
    }

    @Override
    long score(final Demand demand, final Candidate candidate) {
        return candidate.credit() + weight(candidate);
    }

    @Override
    String factors(final Demand demand, final Candidate candidate) {
        final String unit = candidate.meanNs() < 0 ? " (its window)" : " (tasks in a million seconds)";
        return "credit " + candidate.credit() + " + weight " + weight(candidate) + unit + "; the highest wins";
    }
}
