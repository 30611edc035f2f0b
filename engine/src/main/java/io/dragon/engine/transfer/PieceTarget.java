package io.dragon.engine.transfer;

import java.nio.ByteBuffer;

/** Where the bytes of an arriving piece go: into a slot, into a buffer, or nowhere. One thread. */
public final class PieceTarget {
    private ByteBuffer bytes;
    private int index;

    /** Nowhere yet. */
    PieceTarget() {}

    /**
     * The bytes go into memory from here on.
     *
     * @param memory direct; its position and limit are free to be changed
     * @param at index of the first byte
     */
    void to(final ByteBuffer memory, final int at) {
        bytes = memory;
        index = at;
    }

    /** The bytes go nowhere: they are read and forgotten. */
    void discard() {
        bytes = null;
    }

    /**
     * The memory.
     *
     * @return direct, whose position and limit may be changed; null when the bytes are to be forgotten
     */
    public ByteBuffer bytes() {
        return bytes;
    }

    /**
     * Where the first byte of the piece goes.
     *
     * @return index in {@link #bytes()}, whatever has been written of the piece already
     */
    public int index() {
        return index;
    }
}
