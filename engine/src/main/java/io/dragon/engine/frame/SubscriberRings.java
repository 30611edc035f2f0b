package io.dragon.engine.frame;

import org.agrona.UnsafeApi;

/**
 * The producer's ends of its subscribers' rings. A ring has one producer and one consumer, so that a death on either
 * side blocks no one else: a producer killed inside a write ends its pool with it, a dead consumer's ring is dropped when
 * its lock is found free. Only the producer ever clears a ring, when it first sees the subscriber. One thread.
 *
 * <p>A slot whose frame a subscriber has still to read is not claimed, unless the policy overwrites: so that subscriber needs no lease
 * on the frame until it says that it has read it. The descriptor tells it so.
 */
final class SubscriberRings {
    private final PoolFile file;
    private final boolean isKept;
    private final FrameRef frame = new FrameRef();
    private final DescriptorRing[] rings = new DescriptorRing[SlotWord.READERS];
    private final long[] states = new long[SlotWord.READERS];
    // For each slot: to which rows its frame was offered, and up to where each must have read to be done with it.
    private final int[] offered;
    private final long[][] readUpTo;
    // For each row: where it was when last looked at. It only goes on, so that most looks can be spared, each of which
    // fetches a cache line that the subscriber writes with every frame.
    private final long[] read = new long[SlotWord.READERS];
    private final long[] written = new long[SlotWord.READERS];
    private long changesSeen;
    private int active;

    SubscriberRings(final PoolFile file, final FullPolicy policy) {
        this.file = file;
        isKept = policy != FullPolicy.OVERWRITE_OLDEST;
        offered = new int[file.layout.slotCount];
        readUpTo = new long[file.layout.slotCount][SlotWord.READERS];
    }

    /** Looks who has come and who has gone. */
    void refresh() {
        final long changes = UnsafeApi.getLongVolatile(null, file.address + PoolLayout.SUBSCRIBER_CHANGES_OFFSET);
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
            final DescriptorRing ring = new DescriptorRing(file, row);
            ring.clear();
            file.header.putLong(PoolLayout.row(row) + PoolLayout.ROW_MISSED_OFFSET, 0);
            final long subscribed = ReaderRows.withKind(state, ReaderRows.SUBSCRIBED);
            if (ReaderRows.casState(file, row, state, subscribed)) {
                rings[row] = ring;
                states[row] = subscribed;
                read[row] = 0;
                written[row] = 0;
                active |= 1 << row;
                for (int slot = 0; slot < offered.length; slot++) {
                    offered[slot] &= ~(1 << row);
                }
            }
        }
    }

    /** Puts the descriptor of a frame into every ring; whose ring is full misses it. */
    void offer(final int slot, final long sequence, final int length, final boolean wait) {
        refresh();
        offered[slot] = 0;
        if (active != 0) {
            frame.set(file.poolId, sequence, slot, length);
            for (int rows = active; rows != 0; rows &= rows - 1) {
                offer(Integer.numberOfTrailingZeros(rows), slot, wait);
            }
        }
    }

    private void offer(final int row, final int slot, final boolean wait) {
        final DescriptorRing ring = rings[row];
        final long position = written[row];
        if (hasRead(row, position + 1 - ring.capacity())) {
            ring.put(position, frame, wait && isKept);
            written[row] = position + 1;
            if (wait) {
                offered[slot] |= 1 << row;
                readUpTo[slot][row] = position + 1;
            }
        } else {
            file.header.addLongRelease(PoolLayout.row(row) + PoolLayout.ROW_MISSED_OFFSET, 1);
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
            if (!hasRead(row, readUpTo[slot][row])) {
                return true;
            }
        }
        return false;
    }

    private boolean hasRead(final int row, final long position) {
        if (read[row] < position) {
            read[row] = rings[row].readTo();
        }
        return read[row] >= position;
    }
}
