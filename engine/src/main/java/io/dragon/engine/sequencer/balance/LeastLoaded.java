package io.dragon.engine.sequencer.balance;

/** The lowest load, in 64 classes; within a class the one that waited longest. */
final class LeastLoaded extends Ranked {
    @Override
    public Candidate choose(final Demand demand) {
        return free.first(demand);
    }

    @Override
    long score(final Demand demand, final Candidate candidate) {
        return load(candidate);
    }

    @Override
    String factors(final Demand demand, final Candidate candidate) {
        return loadText(candidate) + ", turn " + candidate.stamp();
    }
}
