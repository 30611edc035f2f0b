package io.dragon.engine.sequencer.balance;

/** Workers in 64 classes of load (assigned / window), and within a class the one that waited longest. */
final class LeastLoaded implements Strategy {
    private static final int CLASSES = 64;

    private final CandidateList[] classes = new CandidateList[CLASSES];
    private long occupied;

    LeastLoaded() {
        for (int i = 0; i < CLASSES; i++) {
            classes[i] = new CandidateList();
        }
    }

    @Override
    public void offer(final Candidate candidate, final long stamp, final boolean took) {
        withdraw(candidate);
        candidate.stamp(stamp);
        final int index = (int) Math.min(CLASSES - 1, (long) candidate.assigned() * CLASSES / candidate.window());
        classes[index].add(candidate);
        occupied |= 1L << index;
    }

    @Override
    public void withdraw(final Candidate candidate) {
        final CandidateList list = candidate.list;
        if (list != null) {
            list.remove(candidate);
            if (list.first == null) {
                // Only the class left behind can have become empty; finding it by its list is cheaper than storing an
                // index.
                for (long bits = occupied; bits != 0; bits &= bits - 1) {
                    final int index = Long.numberOfTrailingZeros(bits);
                    if (classes[index] == list) {
                        occupied &= ~(1L << index);
                        break;
                    }
                }
            }
        }
    }

    @Override
    public Candidate choose(final int exceptWorkerId) {
        for (long bits = occupied; bits != 0; bits &= bits - 1) {
            final Candidate found = classes[Long.numberOfTrailingZeros(bits)].firstExcept(exceptWorkerId);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    @Override
    public boolean isEmpty() {
        return occupied == 0;
    }
}
