package io.dragon.engine.frame;

import java.nio.ByteBuffer;

/** The one producer of a pool: takes slots, publishes them or gives them back. One thread, the first that claims. */
final class SlotProducer {
    private final PoolFile file;
    private final FullPolicy policy;
    private final Steps steps;
    private final SlotOrder order;
    private final SubscriberRings rings;
    private final ByteBuffer[] payloads;
    private final boolean[] wasHeld;
    private volatile boolean closed;
    private Thread thread;

    SlotProducer(final PoolFile file, final FullPolicy policy, final Steps steps) {
        this.file = file;
        this.policy = policy;
        this.steps = steps;
        order = new SlotOrder(file.layout.slotCount);
        rings = new SubscriberRings(file);
        payloads = file.payloads(false);
        wasHeld = new boolean[file.layout.slotCount];
    }

    PoolFile file() {
        return file;
    }

    ByteBuffer payload(final int slot) {
        return payloads[slot];
    }

    /** Nothing is published from now on. */
    void close() {
        closed = true;
    }

    void checkThread() {
        final Thread current = Thread.currentThread();
        if (thread != current) {
            if (thread != null) {
                throw new IllegalStateException("frame pool " + Long.toHexString(file.poolId)
                        + " has one producer, thread " + thread.getName() + "; " + current.getName() + " is another");
            }
            thread = current;
        }
    }

    /** Takes the slot that was published longest ago among those that may be taken. */
    int take() {
        int slot = order.first();
        while (!order.isEnd(slot)) {
            final int after = order.after(slot);
            final long word = file.word(slot);
            if (SlotWord.isClaimable(word) && isFreeToTake(slot, word)) {
                final long sequence = SlotWord.sequence(word);
                steps.reached("claim.looked");
                if (sequence == SlotWord.MAX_SEQUENCE) {
                    // Its numbers are used up; starting anew would make old references valid again.
                    if (file.casWord(slot, word, SlotWord.of(sequence, SlotWord.DEAD))) {
                        order.remove(slot);
                    }
                } else if (file.casWord(slot, word, SlotWord.of(sequence + 1, SlotWord.FILLING))) {
                    steps.reached("claim.filling");
                    order.remove(slot);
                    countOverwritten(slot, word);
                    return slot;
                }
            }
            slot = after;
        }
        return FramePool.BACK_PRESSURED;
    }

    private boolean isFreeToTake(final int slot, final long word) {
        return policy == FullPolicy.OVERWRITE_OLDEST || SlotWord.state(word) == SlotWord.FREE || !rings.isWanted(slot);
    }

    private void countOverwritten(final int slot, final long word) {
        if (policy == FullPolicy.OVERWRITE_OLDEST && SlotWord.state(word) == SlotWord.READABLE && !wasHeld[slot]) {
            final int touched = PoolLayout.slotHeader(slot) + PoolLayout.SLOT_TOUCHED_OFFSET;
            if (file.header.getLong(touched) != SlotWord.sequence(word)) {
                PoolCounter.OVERWRITTEN.increment(file);
            }
        }
    }

    /** Makes a filled slot readable. */
    void publish(final int slot, final int length, final long publishedNs, final boolean hold) {
        final long filling = file.word(slot);
        final long sequence = SlotWord.sequence(filling);
        final long readable = SlotWord.of(sequence, SlotWord.READABLE) | (hold ? SlotWord.HOLD : 0);
        steps.reached("publish.filled");
        if (closed || SlotWord.state(filling) != SlotWord.FILLING || !file.casWord(slot, filling, readable)) {
            abort(slot);
            throw new IllegalStateException("frame pool " + Long.toHexString(file.poolId) + " was closed meanwhile");
        }
        steps.reached("publish.readable");
        wasHeld[slot] = hold;
        order.addLast(slot);
        PoolCounter.PUBLISHED.increment(file);
        rings.offer(slot, sequence, length, publishedNs, !hold);
        steps.reached("publish.offered");
        file.release();
    }

    /** Gives a slot back. */
    void abort(final int slot) {
        final long filling = file.word(slot);
        steps.reached("abort.looked");
        if (SlotWord.state(filling) == SlotWord.FILLING) {
            file.casWord(slot, filling, SlotWord.of(SlotWord.sequence(filling), SlotWord.FREE));
        }
        steps.reached("abort.free");
        order.addFirst(slot);
        file.release();
    }
}
