package io.dragon.engine.sequencer.balance;

/**
 * The lowest {@code load - 1/avgExecTime + priorityFactor}.
 *
 * <pre>
 *   load            assigned / window
 *   avgExecTime     seconds: {@link Candidate#meanNs}; the term is left out while nobody has done a task of this type
 *   priorityFactor  0.1 x tasks of this priority or higher that the worker has
 * </pre>
 *
 * A worker whose free memory cannot hold the task is left out; among equals the one with less load, then the one that waited
 * longest, is chosen.
 */
final class Weighted extends Ranked {
    private static final long PER_TASK = Fixed.ONE / 10;

    @Override
    public boolean isChoosy() {
        return true;
    }

    @Override
    public Candidate choose(final Demand demand) {
        Candidate chosen = null;
        long lowest = Long.MAX_VALUE;
        int compared = 0;
        for (Place place = free.first(); place != null && compared < MOST_COMPARED; place = free.after(place)) {
            final Candidate candidate = place.candidate;
            if (candidate.workerId != demand.exceptWorkerId && candidate.fits(demand) && demand.mayGoTo(candidate)) {
                final long score = score(demand, candidate);
                compared++;
                if (score < lowest) {
                    lowest = score;
                    chosen = candidate;
                }
            }
        }
        return chosen;
    }

    @Override
    long score(final Demand demand, final Candidate candidate) {
        return load(candidate) - speed(candidate) + PER_TASK * candidate.assignedAtLeast(demand.priority);
    }

    private static long speed(final Candidate candidate) {
        final long meanNs = candidate.meanNs();
        return meanNs < 0 ? 0 : Fixed.ONE_PER_NS / Math.max(1, meanNs);
    }

    @Override
    String factors(final Demand demand, final Candidate candidate) {
        return "load " + Fixed.text(load(candidate)) + " - speed " + Fixed.text(speed(candidate)) + " + 0.1 x "
                + candidate.assignedAtLeast(demand.priority) + " as urgent; the lowest wins";
    }
}
