package io.dragon.engine.sequencer.balance;

/** A candidate's link in one order of candidates. */
final class Place {
    final Candidate candidate;
    CandidateList list;
    int index;
    Place previous;
    Place next;

    Place(final Candidate candidate) {
        this.candidate = candidate;
    }
}
