package io.dragon.engine.frame;

import org.agrona.concurrent.UnsafeBuffer;

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

    private final UnsafeBuffer buffer;
    private final int mask;

    DescriptorRing(final PoolFile file, final int row) {
        buffer = new UnsafeBuffer(file.header, file.layout.ring(row), file.layout.ringLength);
        mask = file.layout.ringEntries - 1;
    }

    int capacity() {
        return mask + 1;
    }

    /** The producer, before anyone reads: entries of another time are none. */
    void clear() {
        buffer.setMemory(0, buffer.capacity(), (byte) 0);
    }

    /** Up to where the consumer has read. Acquires: what it has read it reads no more. */
    long readTo() {
        return buffer.getLongVolatile(headOffset());
    }

    /** The consumer has read up to here. Releases: its reads of those frames come before what the producer then writes. */
    void readTo(final long position) {
        buffer.putLongRelease(headOffset(), position);
    }

    private int headOffset() {
        return capacity() * PoolLayout.DESCRIPTOR_LENGTH + PoolLayout.RING_HEAD_OFFSET;
    }

    /** The producer, who knows that there is room. Releases: whoever sees the entry sees its frame. */
    void put(final long position, final FrameRef frame, final boolean kept) {
        final int at = at(position);
        buffer.putLong(at + PoolLayout.DESCRIPTOR_SEQUENCE_OFFSET, frame.sequence());
        buffer.putInt(at + PoolLayout.DESCRIPTOR_SLOT_OFFSET, kept ? frame.slot() | KEPT : frame.slot());
        buffer.putInt(at + PoolLayout.DESCRIPTOR_LENGTH_OFFSET, frame.length());
        buffer.putLongRelease(at + PoolLayout.DESCRIPTOR_NUMBER_OFFSET, position + 1);
    }

    /** Whether there is an entry at the consumer's position. Acquires. */
    boolean isThere(final long position) {
        return buffer.getLongVolatile(at(position) + PoolLayout.DESCRIPTOR_NUMBER_OFFSET) == position + 1;
    }

    /** The frame of an entry that is there; true when its producer keeps it until it counts as read. */
    boolean get(final long position, final long poolId, final FrameRef frame) {
        final int at = at(position);
        final int slot = buffer.getInt(at + PoolLayout.DESCRIPTOR_SLOT_OFFSET);
        frame.set(
                poolId,
                buffer.getLong(at + PoolLayout.DESCRIPTOR_SEQUENCE_OFFSET),
                slot & ~KEPT,
                buffer.getInt(at + PoolLayout.DESCRIPTOR_LENGTH_OFFSET));
        return (slot & KEPT) != 0;
    }

    private int at(final long position) {
        return ((int) position & mask) * PoolLayout.DESCRIPTOR_LENGTH;
    }
}
