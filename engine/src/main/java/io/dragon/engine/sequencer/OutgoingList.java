package io.dragon.engine.sequencer;

/** Events in the order of their counters. */
final class OutgoingList {
    Outgoing first;
    private Outgoing last;

    void add(final Outgoing outgoing) {
        outgoing.next = null;
        if (first == null) {
            first = outgoing;
        } else {
            last.next = outgoing;
        }
        last = outgoing;
    }

    Outgoing poll() {
        final Outgoing taken = first;
        first = taken.next;
        taken.next = null;
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
            other.first = null;
            other.last = null;
        }
    }
}
