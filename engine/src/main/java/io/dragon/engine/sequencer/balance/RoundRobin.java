package io.dragon.engine.sequencer.balance;

/** Workers take turns: whoever was offered longest ago is next. */
final class RoundRobin implements Strategy {
    private final CandidateList waiting = new CandidateList();

    @Override
    public void offer(final Candidate candidate, final long stamp, final boolean took) {
        if (candidate.place.list != null) {
            if (!took) {
                return; // One place more does not change its turn.
            }
            waiting.remove(candidate.place);
        }
        candidate.stamp(stamp);
        waiting.add(candidate.place);
    }

    @Override
    public void withdraw(final Candidate candidate) {
        if (candidate.place.list != null) {
            waiting.remove(candidate.place);
        }
    }

    @Override
    public Candidate choose(final Demand demand) {
        Place place = waiting.first;
        while (place != null
                && (place.candidate.workerId == demand.exceptWorkerId || !demand.mayGoTo(place.candidate))) {
            place = place.next;
        }
        return place == null ? null : place.candidate;
    }

    @Override
    public boolean welcomes(final Demand demand) {
        return choose(demand) != null;
    }

    @Override
    public boolean isEmpty() {
        return waiting.first == null;
    }

    @Override
    public void explain(final Demand demand, final Explanation to) {
        long turn = 0;
        for (Place place = waiting.first; place != null; place = place.next) {
            if (place.candidate.workerId == demand.exceptWorkerId) {
                to.excluded(place.candidate, "the task failed there just before");
            } else if (!demand.mayGoTo(place.candidate)) {
                to.excluded(place.candidate, demand.tooFar(place.candidate));
            } else {
                turn++;
                to.considered(place.candidate, turn * Fixed.ONE, "turn " + turn + "; the lowest wins");
            }
        }
    }
}
