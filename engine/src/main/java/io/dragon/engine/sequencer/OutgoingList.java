package io.dragon.engine.sequencer;

/** Events in the order of their counters. */
final class OutgoingList {
    Outgoing first;
    private Outgoing last;
    int size;

    void add(final Outgoing outgoing) {
        outgoing.next = null;
        if (first == null) {
            first = outgoing;
        } else {
            last.next = outgoing;
        }
        last = outgoing;
        size++;
    }

    Outgoing poll() {
        final Outgoing taken = first;
        first = taken.next;
        taken.next = null;
        size--;
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
            other.size = 0;
            other.first = null;
            other.last = null;
        }
    }
}
