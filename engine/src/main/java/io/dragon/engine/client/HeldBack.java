package io.dragon.engine.client;

import org.agrona.collections.LongArrayList;

/**
 * Tasks that are done here and still open for the masters, because their results are acknowledged only with that of a task before them. They
 * count as open: what the masters have no room for would wait in front of the very commands that the acknowledgement waits for. Agent thread only.
 */
final class HeldBack {
    private final LongArrayList events = new LongArrayList();

    /** A task is done, by an event of this number; gives how many may be open for the masters all the same. */
    int onFinished(final long event, final long takenEvent) {
        if (event > takenEvent) {
            events.addLong(event);
        }
        return events.size();
    }

    /** How many are not acknowledged. */
    int count(final long takenEvent) {
        for (int i = events.size() - 1; i >= 0; i--) {
            if (events.getLong(i) <= takenEvent) {
                events.fastUnorderedRemove(i);
            }
        }
        return events.size();
    }
}
