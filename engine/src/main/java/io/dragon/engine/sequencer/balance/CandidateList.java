package io.dragon.engine.sequencer.balance;

/** An intrusive list of candidates, the smallest stamp first. */
final class CandidateList {
    Place first;
    private Place last;

    void add(final Place place) {
        final long stamp = place.candidate.stamp();
        Place after = last;
        while (after != null && after.candidate.stamp() > stamp) {
            after = after.previous;
        }
        place.list = this;
        place.previous = after;
        place.next = after == null ? first : after.next;
        if (place.next == null) {
            last = place;
        } else {
            place.next.previous = place;
        }
        if (after == null) {
            first = place;
        } else {
            after.next = place;
        }
    }

    void remove(final Place place) {
        if (place.previous == null) {
            first = place.next;
        } else {
            place.previous.next = place.next;
        }
        if (place.next == null) {
            last = place.previous;
        } else {
            place.next.previous = place.previous;
        }
        place.list = null;
        place.previous = null;
        place.next = null;
    }
}
