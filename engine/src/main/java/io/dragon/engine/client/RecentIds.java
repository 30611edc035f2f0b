package io.dragon.engine.client;

import org.agrona.collections.LongHashSet;

/** The ids seen last, so that what is told twice is taken once. */
final class RecentIds {
    private final long[] order;
    private final LongHashSet ids;
    private int next;

    RecentIds(final int capacity) {
        order = new long[capacity];
        ids = new LongHashSet(capacity * 2);
    }

    /** False when the id is among the recent ones. */
    boolean add(final long id) {
        if (!ids.add(id)) {
            return false;
        }
        if (order[next] != 0) {
            ids.remove(order[next]);
        }
        order[next] = id;
        next = next + 1 == order.length ? 0 : next + 1;
        return true;
    }
}
