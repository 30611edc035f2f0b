package io.dragon.engine.sequencer.balance;

/** Workers take turns: whoever was offered longest ago is next. */
final class RoundRobin implements Strategy {
    private final CandidateList waiting = new CandidateList();

    @Override
    public void offer(final Candidate candidate, final long stamp, final boolean took) {
        if (candidate.list != null) {
            if (!took) {
                return; // One place more does not change its turn.
            }
            waiting.remove(candidate);
        }
        candidate.stamp(stamp);
        waiting.add(candidate);
    }

    @Override
    public void withdraw(final Candidate candidate) {
        if (candidate.list != null) {
            waiting.remove(candidate);
        }
    }

    @Override
    public Candidate choose(final int exceptWorkerId) {
        return waiting.firstExcept(exceptWorkerId);
    }

    @Override
    public boolean isEmpty() {
        return waiting.first == null;
    }
}
