package io.dragon.engine.sequencer.balance;

/** What strategies share that look at workers in the order of their load. */
abstract class Ranked implements Strategy {
    final ByLoad free = new ByLoad();

    @Override
    public void offer(final Candidate candidate, final long stamp, final boolean took) {
        candidate.stamp(stamp);
        free.put(candidate.place);
    }

    @Override
    public void withdraw(final Candidate candidate) {
        free.remove(candidate.place);
    }

    @Override
    public final boolean isEmpty() {
        return free.isEmpty();
    }

    @Override
    public final boolean welcomes(final Demand demand) {
        for (Place place = free.first(); place != null; place = free.after(place)) {
            final Candidate candidate = place.candidate;
            if (candidate.workerId != demand.exceptWorkerId && suits(demand, candidate) && demand.mayGoTo(candidate)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public final boolean suits(final Demand demand, final Candidate candidate) {
        return (!isChoosy() || candidate.fits(demand)) && !isTooLow(demand, candidate);
    }

    /** Why the worker may not have the task; null when it may. */
    String refusal(final Demand demand, final Candidate candidate) {
        if (candidate.workerId == demand.exceptWorkerId) {
            return "the task failed there just before";
        }
        if (isChoosy() && !candidate.fits(demand)) {
            return "the task needs " + candidate.need(demand) + " bytes of its memory, " + candidate.known()
                    + " are free";
        }
        if (!demand.mayGoTo(candidate)) {
            return demand.tooFar(candidate);
        }
        return null;
    }

    /** Whether the score alone forbids the choice. */
    boolean isTooLow(final Demand demand, final Candidate candidate) {
        return false;
    }

    int mostCompared() {
        return MOST_COMPARED;
    }

    abstract long score(Demand demand, Candidate candidate);

    abstract String factors(Demand demand, Candidate candidate);

    @Override
    public void explain(final Demand demand, final Explanation to) {
        int compared = 0;
        for (Place place = free.first(); place != null; place = free.after(place)) {
            final Candidate candidate = place.candidate;
            final String refusal = refusal(demand, candidate);
            if (refusal != null) {
                to.excluded(candidate, refusal);
            } else if (compared++ >= mostCompared()) {
                to.excluded(candidate, MOST_COMPARED + " others with no more load were compared");
            } else if (isTooLow(demand, candidate)) {
                to.excluded(candidate, "below the threshold: " + factors(demand, candidate));
            } else {
                to.considered(candidate, score(demand, candidate), factors(demand, candidate));
            }
        }
    }

    static long load(final Candidate candidate) {
        return Fixed.ONE * candidate.assigned() / candidate.window();
    }

    static String loadText(final Candidate candidate) {
        return candidate.assigned() + " of " + candidate.window() + " places taken";
    }
}
