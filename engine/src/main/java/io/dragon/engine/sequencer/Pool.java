package io.dragon.engine.sequencer;

import org.agrona.collections.Long2LongHashMap;

/** A frame pool that an incarnation of a party owns, and the frames of it that something names. */
final class Pool {
    private static final int SEQUENCE_BITS = 40;

    final long id;
    final Party owner;
    final int ownerIncarnation;
    final int slotCount;
    final long slotLength;

    /** The node of the host where it lies, which it never leaves, wherever its owner goes; 0 unknown. */
    int nodeId;

    /** The node agent that waits to remove it; 0 while none does. */
    int orphanedBy;

    /** Key to length (upper half) and count (lower half). */
    final Long2LongHashMap holds = new Long2LongHashMap(0);

    Pool(final long id, final Party owner, final int ownerIncarnation, final int slotCount, final long slotLength) {
        this.id = id;
        this.owner = owner;
        this.ownerIncarnation = ownerIncarnation;
        this.slotCount = slotCount;
        this.slotLength = slotLength;
        nodeId = owner.nodeId;
    }

    boolean isOwned() {
        return owner.isAlive && owner.incarnation == ownerIncarnation;
    }

    static boolean isKey(final long sequence, final int slot) {
        return sequence >>> SEQUENCE_BITS == 0 && slot >>> (64 - SEQUENCE_BITS) == 0;
    }

    static long key(final long sequence, final int slot) {
        return (long) slot << SEQUENCE_BITS | sequence;
    }

    static long sequence(final long key) {
        return key & ((1L << SEQUENCE_BITS) - 1);
    }

    static int slot(final long key) {
        return (int) (key >>> SEQUENCE_BITS);
    }
}
