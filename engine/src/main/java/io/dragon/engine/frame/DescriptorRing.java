package io.dragon.engine.frame;

import org.agrona.UnsafeApi;

/**
 * A subscriber's ring of descriptors in the file of a pool, as both its ends see it: one producer, one consumer, each of which
 * knows its own position.
 *
 * <p>An entry says itself which position it is of, and says so last. So the consumer waits on the very cache line that the descriptor
 * is in, and writes nothing into it; a queue that clears what was read, or announces it by a tail, moves a second line between the
 * cores for each frame. Who dies while it writes an entry leaves one that is not there yet.
 */
final class DescriptorRing {
    private static final int KEPT = 1 << 31;

    // By address, as slot headers are: no position is outside.
    private final long address;
    private final long readTo;
    private final int mask;

    DescriptorRing(final PoolFile file, final int row) {
        address = file.address + file.layout.ring(row);
        mask = file.layout.ringEntries - 1;
        readTo = at(mask) + PoolLayout.DESCRIPTOR_LENGTH + PoolLayout.RING_HEAD_OFFSET;
    }

    int capacity() {
        return mask + 1;
    }

    /** The producer, before anyone reads: entries of another time are none. */
    void clear() {
        UnsafeApi.setMemory(address, readTo + Long.BYTES - address, (byte) 0);
    }

    /** Up to where the consumer has read. Acquires: what it has read it reads no more. */
    long readTo() {
        return UnsafeApi.getLongVolatile(null, readTo);
    }

    /** The consumer has read up to here. Releases: its reads of those frames come before what the producer then writes. */
    void readTo(final long position) {
        UnsafeApi.putLongRelease(null, readTo, position);
    }

    /** The producer, who knows that there is room. Releases: whoever sees the entry sees its frame. */
    void put(final long position, final FrameRef frame, final boolean kept) {
        final long at = at(position);
        UnsafeApi.putLong(at + PoolLayout.DESCRIPTOR_SEQUENCE_OFFSET, frame.sequence());
        UnsafeApi.putInt(at + PoolLayout.DESCRIPTOR_SLOT_OFFSET, kept ? frame.slot() | KEPT : frame.slot());
        UnsafeApi.putInt(at + PoolLayout.DESCRIPTOR_LENGTH_OFFSET, frame.length());
        UnsafeApi.putLongRelease(null, at + PoolLayout.DESCRIPTOR_NUMBER_OFFSET, position + 1);
    }

    /** Whether there is an entry at the consumer's position. Acquires. */
    boolean isThere(final long position) {
        return UnsafeApi.getLongVolatile(null, at(position) + PoolLayout.DESCRIPTOR_NUMBER_OFFSET) == position + 1;
    }

    /** The frame of an entry that is there; true when its producer keeps it until it counts as read. */
    boolean get(final long position, final long poolId, final FrameRef frame) {
        final long at = at(position);
        final int slot = UnsafeApi.getInt(at + PoolLayout.DESCRIPTOR_SLOT_OFFSET);
        frame.set(
                poolId,
                UnsafeApi.getLong(at + PoolLayout.DESCRIPTOR_SEQUENCE_OFFSET),
                slot & ~KEPT,
                UnsafeApi.getInt(at + PoolLayout.DESCRIPTOR_LENGTH_OFFSET));
        return (slot & KEPT) != 0;
    }

    private long at(final long position) {
        return address + ((int) position & mask) * PoolLayout.DESCRIPTOR_LENGTH;
    }
}
