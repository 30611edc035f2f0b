package io.dragon.engine.sequencer;

/** Events in the order of their counters. */
final class OutgoingList {
    Outgoing first;
    private Outgoing last;
    int size;

    /** Those that the end of a job may have to wait for. */
    int ofJobs;

    void add(final Outgoing outgoing) {
        outgoing.next = null;
        if (first == null) {
            first = outgoing;
        } else {
            last.next = outgoing;
        }
        last = outgoing;
        size++;
        ofJobs += isOfJob(outgoing);
    }

    private static int isOfJob(final Outgoing outgoing) {
        return outgoing.kind == Outgoing.RESULT || outgoing.kind == Outgoing.JOB_STARTED ? 1 : 0;
    }

    Outgoing poll() {
        final Outgoing taken = first;
        first = taken.next;
        taken.next = null;
        size--;
        ofJobs -= isOfJob(taken);
        return taken;
    }

    /** Moves everything of another list behind what is here. */
    void takeAll(final OutgoingList other) {
        if (other.first != null) {
            if (first == null) {
                first = other.first;
            } else {
                last.next = other.first;
            }
            last = other.last;
            size += other.size;
            ofJobs += other.ofJobs;
            other.size = 0;
            other.ofJobs = 0;
            other.first = null;
            other.last = null;
        }
    }
}
