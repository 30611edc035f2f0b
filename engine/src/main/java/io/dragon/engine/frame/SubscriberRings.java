package io.dragon.engine.frame;

import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

/**
 * The producer's ends of its subscribers' rings. A ring has one producer and one consumer, so that a death on either
 * side blocks no one else: a producer killed inside a write ends its pool with it, a dead consumer's ring is dropped when
 * its lock is found free. Only the producer ever clears a ring, when it first sees the subscriber. One thread.
 */
final class SubscriberRings {
    private static final int MESSAGE_TYPE = 1;

    private final PoolFile file;
    private final OneToOneRingBuffer[] rings = new OneToOneRingBuffer[SlotWord.READERS];
    private final long[] states = new long[SlotWord.READERS];
    // For each slot: to which rows its frame was offered, and up to where each must have read to be done with it.
    private final int[] offered;
    private final long[][] readUpTo;
    // For each row: where it was when last looked at. It only goes on, so that most looks can be spared, each of which
    // fetches a cache line that the subscriber writes with every frame.
    private final long[] read = new long[SlotWord.READERS];
    private long changesSeen;
    private int active;

    SubscriberRings(final PoolFile file) {
        this.file = file;
        offered = new int[file.layout.slotCount];
        readUpTo = new long[file.layout.slotCount][SlotWord.READERS];
    }

    /** Looks who has come and who has gone. */
    void refresh() {
        final long changes = file.header.getLongVolatile(PoolLayout.SUBSCRIBER_CHANGES_OFFSET);
        if (changes != changesSeen) {
            changesSeen = changes;
            for (int row = 0; row < SlotWord.READERS; row++) {
                refresh(row);
            }
        }
    }

    private void refresh(final int row) {
        final long state = ReaderRows.state(file, row);
        if (rings[row] != null && state != states[row]) {
            rings[row] = null;
            active &= ~(1 << row);
        }
        if (ReaderRows.kind(state) == ReaderRows.SUBSCRIBING) {
            final int at = file.layout.ring(row);
            file.header.setMemory(at, file.layout.ringLength, (byte) 0);
            file.header.putLong(PoolLayout.row(row) + PoolLayout.ROW_MISSED_OFFSET, 0);
            final long subscribed = ReaderRows.withKind(state, ReaderRows.SUBSCRIBED);
            if (ReaderRows.casState(file, row, state, subscribed)) {
                rings[row] = new OneToOneRingBuffer(new UnsafeBuffer(file.header, at, file.layout.ringLength));
                states[row] = subscribed;
                read[row] = 0;
                active |= 1 << row;
                for (int slot = 0; slot < offered.length; slot++) {
                    offered[slot] &= ~(1 << row);
                }
            }
        }
    }

    /** Puts the descriptor of a frame into every ring; whose ring is full misses it. */
    void offer(final int slot, final long sequence, final int length, final long publishedNs, final boolean wait) {
        refresh();
        offered[slot] = 0;
        for (int rows = active; rows != 0; rows &= rows - 1) {
            final int row = Integer.numberOfTrailingZeros(rows);
            final OneToOneRingBuffer ring = rings[row];
            final int index = ring.tryClaim(MESSAGE_TYPE, PoolLayout.DESCRIPTOR_LENGTH);
            if (index < 0) {
                file.header.addLongRelease(PoolLayout.row(row) + PoolLayout.ROW_MISSED_OFFSET, 1);
            } else {
                final AtomicBuffer descriptor = ring.buffer();
                descriptor.putLong(index + PoolLayout.DESCRIPTOR_SEQUENCE_OFFSET, sequence);
                descriptor.putInt(index + PoolLayout.DESCRIPTOR_SLOT_OFFSET, slot);
                descriptor.putInt(index + PoolLayout.DESCRIPTOR_LENGTH_OFFSET, length);
                descriptor.putLong(index + PoolLayout.DESCRIPTOR_PUBLISHED_OFFSET, publishedNs);
                ring.commit(index);
                if (wait) {
                    offered[slot] |= 1 << row;
                    readUpTo[slot][row] = ring.producerPosition();
                }
            }
        }
    }

    /** Whether a living subscriber has not yet read the frame of a slot. */
    boolean isWanted(final int slot) {
        if ((offered[slot] & active) == 0) {
            return false;
        }
        refresh();
        for (int rows = offered[slot] & active; rows != 0; rows &= rows - 1) {
            final int row = Integer.numberOfTrailingZeros(rows);
            if (read[row] < readUpTo[slot][row]) {
                read[row] = rings[row].consumerPosition();
                if (read[row] < readUpTo[slot][row]) {
                    return true;
                }
            }
        }
        return false;
    }
}
