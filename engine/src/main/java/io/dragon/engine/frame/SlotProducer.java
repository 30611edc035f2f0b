package io.dragon.engine.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The one producer of a pool: takes slots, publishes them or gives them back. One thread, the first that claims.
 *
 * <p>Its claims keep the pool mapped, whoever closes it meanwhile. This thread says how many are open, then looks whether the
 * pool is closed; who closes says so, then looks whether any is open. Both are volatile, so that one of the two sees the
 * other: a claim is refused, or the mapping is left to whoever ends the last claim.
 */
final class SlotProducer {
    private static final VarHandle OPEN;
    private static final int LOOKS = 100;

    static {
        try {
            OPEN = MethodHandles.lookup().findVarHandle(SlotProducer.class, "open", int.class);
        } catch (final ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final PoolFile file;
    private final FullPolicy policy;
    private final Steps steps;
    private final SlotOrder order;
    private final SubscriberRings rings;
    private final ByteBuffer[] payloads;
    private final boolean[] wasHeld;
    // The word of a slot that is neither read nor held, as this thread has left it.
    private final long[] idle;
    private final AtomicBoolean unused = new AtomicBoolean();
    private volatile boolean closed;
    private volatile boolean ended;
    private volatile int open;
    private Thread thread;

    SlotProducer(final PoolFile file, final FullPolicy policy, final Steps steps) {
        this.file = file;
        this.policy = policy;
        this.steps = steps;
        order = new SlotOrder(file.layout.slotCount);
        rings = new SubscriberRings(file, policy);
        payloads = file.payloads(false);
        wasHeld = new boolean[file.layout.slotCount];
        idle = new long[file.layout.slotCount];
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

    /** Ends the use that the owner makes of the mapping, now or with the last claim; once, by whoever closes. */
    void end() {
        ended = true;
        // The end of a claim has no fence between its two steps, so that it may miss this one; it has taken its first
        // step then,
        // and that is seen in a moment. A claim that stays open longer cannot miss it.
        for (int look = 0; open > 0 && look < LOOKS && thread != Thread.currentThread(); look++) {
            Thread.yield();
        }
        if (open == 0) {
            unuse();
        }
    }

    /** False when the pool is closed. Otherwise it stays mapped until {@link #leave}. */
    boolean enter() {
        final int now = (int) OPEN.get(this);
        if (now > 0) {
            OPEN.setRelease(this, now + 1);
            return true;
        }
        open = 1;
        if (closed) {
            open = 0;
            unuseIfEnded();
            return false;
        }
        return true;
    }

    /** Ends what {@link #enter} began. After it the mapping is not touched. */
    void leave() {
        final int left = (int) OPEN.get(this) - 1;
        OPEN.setRelease(this, left);
        if (left == 0) {
            unuseIfEnded();
        }
    }

    private void unuseIfEnded() {
        if (ended) {
            unuse();
        }
    }

    private void unuse() {
        if (unused.compareAndSet(false, true)) {
            file.release();
        }
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
        if (!order.isEnd(slot)) {
            // The oldest is tried without a look: a look first would fetch its cache line twice from the core of its
            // last reader.
            final long word = idle[slot];
            final long sequence = SlotWord.sequence(word);
            if (sequence < SlotWord.MAX_SEQUENCE && isFreeToTake(slot, word)) {
                Steps.at(steps, "claim.guessed");
                if (file.casWord(slot, word, SlotWord.of(sequence + 1, SlotWord.FILLING))) {
                    return taken(slot, word);
                }
            }
        }
        while (!order.isEnd(slot)) {
            final int after = order.after(slot);
            final long word = file.word(slot);
            if (SlotWord.isClaimable(word) && isFreeToTake(slot, word)) {
                final long sequence = SlotWord.sequence(word);
                Steps.at(steps, "claim.looked");
                if (sequence == SlotWord.MAX_SEQUENCE) {
                    // Its numbers are used up; starting anew would make old references valid again.
                    if (file.casWord(slot, word, SlotWord.of(sequence, SlotWord.DEAD))) {
                        order.remove(slot);
                    }
                } else if (file.casWord(slot, word, SlotWord.of(sequence + 1, SlotWord.FILLING))) {
                    return taken(slot, word);
                }
            }
            slot = after;
        }
        return FramePool.BACK_PRESSURED;
    }

    private int taken(final int slot, final long word) {
        Steps.at(steps, "claim.filling");
        order.remove(slot);
        countOverwritten(slot, word);
        return slot;
    }

    private boolean isFreeToTake(final int slot, final long word) {
        return policy == FullPolicy.OVERWRITE_OLDEST || SlotWord.state(word) == SlotWord.FREE || !rings.isWanted(slot);
    }

    private void countOverwritten(final int slot, final long word) {
        if (policy == FullPolicy.OVERWRITE_OLDEST && SlotWord.state(word) == SlotWord.READABLE && !wasHeld[slot]) {
            final int touched = PoolLayout.slotHeader(slot) + PoolLayout.SLOT_TOUCHED_OFFSET;
            if (file.header.getInt(touched) != (int) SlotWord.sequence(word)) {
                PoolCounter.OVERWRITTEN.increment(file);
            }
        }
    }

    /**
     * Makes a filled slot readable. A store is enough: readers and those who clear HOLD leave a slot alone that is not readable, and
     * a janitor has the owner's lock first, which is given up after the last claim. It releases, so that whoever sees the frame
     * readable sees all of it.
     *
     * @return the sequence of the frame
     */
    long publish(final int slot, final int length, final boolean hold) {
        final long filling = file.word(slot);
        final long sequence = SlotWord.sequence(filling);
        final long readable = SlotWord.of(sequence, SlotWord.READABLE);
        Steps.at(steps, "publish.filled");
        if (closed || SlotWord.state(filling) != SlotWord.FILLING) {
            abort(slot);
            throw new IllegalStateException("frame pool " + Long.toHexString(file.poolId) + " was closed meanwhile");
        }
        idle[slot] = readable;
        file.putWord(slot, hold ? readable | SlotWord.HOLD : readable);
        Steps.at(steps, "publish.readable");
        wasHeld[slot] = hold;
        order.addLast(slot);
        PoolCounter.PUBLISHED.increment(file);
        rings.offer(slot, sequence, length, !hold);
        Steps.at(steps, "publish.offered");
        leave();
        return sequence;
    }

    /** Gives a slot back. */
    void abort(final int slot) {
        final long filling = file.word(slot);
        Steps.at(steps, "abort.looked");
        if (SlotWord.state(filling) == SlotWord.FILLING) {
            idle[slot] = SlotWord.of(SlotWord.sequence(filling), SlotWord.FREE);
            file.putWord(slot, idle[slot]);
        }
        Steps.at(steps, "abort.free");
        order.addFirst(slot);
        leave();
    }
}
