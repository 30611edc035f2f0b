package io.dragon.engine.frame;

/**
 * The slots that a producer may look at for its next claim, in the order in which they were published; free ones come
 * first. Known to the producer alone: a list woven through two arrays.
 */
final class SlotOrder {
    private final int end;
    private final int[] next;
    private final int[] previous;

    SlotOrder(final int slotCount) {
        end = slotCount;
        next = new int[slotCount + 1];
        previous = new int[slotCount + 1];
        next[end] = end;
        previous[end] = end;
        for (int slot = 0; slot < slotCount; slot++) {
            addLast(slot);
        }
    }

    int first() {
        return next[end];
    }

    int after(final int slot) {
        return next[slot];
    }

    boolean isEnd(final int slot) {
        return slot == end;
    }

    void remove(final int slot) {
        next[previous[slot]] = next[slot];
        previous[next[slot]] = previous[slot];
    }

    void addLast(final int slot) {
        insert(previous[end], slot, end);
    }

    void addFirst(final int slot) {
        insert(end, slot, next[end]);
    }

    private void insert(final int before, final int slot, final int after) {
        next[before] = slot;
        previous[slot] = before;
        next[slot] = after;
        previous[after] = slot;
    }
}
