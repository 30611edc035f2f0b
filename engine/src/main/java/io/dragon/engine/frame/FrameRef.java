package io.dragon.engine.frame;

/**
 * Names one frame in one slot of one pool: the 24 bytes that travel instead of the frame. Mutable, to be reused on the
 * hot path; not for sharing between threads.
 */
public final class FrameRef {
    /** Bytes of a reference on the wire. */
    public static final int BYTES = 24;

    private long poolId;
    private long sequence;
    private int slot;
    private int length;

    /** A null reference. */
    public FrameRef() {}

    /**
     * Makes this name a frame.
     *
     * @param poolId of the pool; 0 names no frame
     * @param sequence of the frame in its slot
     * @param slot index of the slot
     * @param length of the payload in bytes
     * @return this
     */
    public FrameRef set(final long poolId, final long sequence, final int slot, final int length) {
        this.poolId = poolId;
        this.sequence = sequence;
        this.slot = slot;
        this.length = length;
        return this;
    }

    /**
     * Makes this name the same frame as another.
     *
     * @param other to copy
     * @return this
     */
    public FrameRef set(final FrameRef other) {
        return set(other.poolId, other.sequence, other.slot, other.length);
    }

    /**
     * Makes this name no frame.
     *
     * @return this
     */
    public FrameRef clear() {
        return set(0, 0, 0, 0);
    }

    /**
     * The pool.
     *
     * @return its id, 0 for no frame
     */
    public long poolId() {
        return poolId;
    }

    /**
     * The frame's number in its slot.
     *
     * @return 1 for the first frame that was in the slot
     */
    public long sequence() {
        return sequence;
    }

    /**
     * The slot.
     *
     * @return its index
     */
    public int slot() {
        return slot;
    }

    /**
     * The length of the payload.
     *
     * @return bytes
     */
    public int length() {
        return length;
    }

    /**
     * Whether this names no frame.
     *
     * @return true when it does not
     */
    public boolean isNull() {
        return poolId == 0;
    }

    @Override
    public boolean equals(final Object other) {
        return other instanceof FrameRef that
                && poolId == that.poolId
                && sequence == that.sequence
                && slot == that.slot
                && length == that.length;
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Long.hashCode(poolId) + Long.hashCode(sequence)) + slot;
    }

    @Override
    public String toString() {
        return isNull() ? "no frame" : String.format("%016x/%d#%d(%d bytes)", poolId, slot, sequence, length);
    }
}
