package io.dragon.engine.sequencer.balance;

/** Candidates in 64 classes of load (assigned / window), and within a class the one that waited longest first. */
final class ByLoad {
    private static final int CLASSES = 64;

    private final CandidateList[] classes = new CandidateList[CLASSES];
    private long occupied;

    ByLoad() {
        for (int i = 0; i < CLASSES; i++) {
            classes[i] = new CandidateList();
        }
    }

    /** Enters a place, or puts it where its candidate's load and stamp say. */
    void put(final Place place) {
        remove(place);
        final Candidate candidate = place.candidate;
        final int index = (int) Math.min(CLASSES - 1, (long) candidate.assigned() * CLASSES / candidate.window());
        place.index = index;
        classes[index].add(place);
        occupied |= 1L << index;
    }

    void remove(final Place place) {
        if (place.list != null) {
            final CandidateList list = place.list;
            list.remove(place);
            if (list.first == null) {
                occupied &= ~(1L << place.index);
            }
        }
    }

    boolean isEmpty() {
        return occupied == 0;
    }

    Place first() {
        return occupied == 0 ? null : classes[Long.numberOfTrailingZeros(occupied)].first;
    }

    Place after(final Place place) {
        if (place.next != null) {
            return place.next;
        }
        // Shifted twice, because a shift by 64 would be none.
        final long higher = occupied >>> place.index >>> 1 << place.index << 1;
        return higher == 0 ? null : classes[Long.numberOfTrailingZeros(higher)].first;
    }

    /** The lowest load, with those passed over that are not to get the task. */
    Candidate first(final Demand demand) {
        Place place = first();
        while (place != null
                && (place.candidate.workerId == demand.exceptWorkerId || !demand.mayGoTo(place.candidate))) {
            place = after(place);
        }
        return place == null ? null : place.candidate;
    }
}
