package io.dragon.engine.sequencer.balance;

/** An intrusive list of candidates, the smallest stamp first. */
final class CandidateList {
    Candidate first;
    private Candidate last;

    void add(final Candidate candidate) {
        Candidate after = last;
        while (after != null && after.stamp() > candidate.stamp()) {
            after = after.previous;
        }
        candidate.list = this;
        candidate.previous = after;
        candidate.next = after == null ? first : after.next;
        if (candidate.next == null) {
            last = candidate;
        } else {
            candidate.next.previous = candidate;
        }
        if (after == null) {
            first = candidate;
        } else {
            after.next = candidate;
        }
    }

    void remove(final Candidate candidate) {
        if (candidate.previous == null) {
            first = candidate.next;
        } else {
            candidate.previous.next = candidate.next;
        }
        if (candidate.next == null) {
            last = candidate.previous;
        } else {
            candidate.next.previous = candidate.previous;
        }
        candidate.list = null;
        candidate.previous = null;
        candidate.next = null;
    }

    Candidate firstExcept(final int workerId) {
        final Candidate head = first;
        return head == null || head.workerId != workerId ? head : head.next;
    }
}
