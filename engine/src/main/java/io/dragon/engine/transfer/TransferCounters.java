package io.dragon.engine.transfer;

import java.util.concurrent.atomic.AtomicLongArray;

/** What a {@link TransferAgent} has done since it started. Written by its thread, read by any. */
public final class TransferCounters {
    enum Kind {
        FRAMES_FETCHED,
        BYTES_FETCHED,
        FETCH_NS,
        FETCHES_FAILED,
        FRAMES_SERVED,
        BYTES_SERVED,
        FRAMES_RELAYED,
        CHUNKS_REPEATED,
        FRAMES_REPEATED,
        FRAMES_CORRUPT,
        INTRUDERS,
        LATE,
        LANES_LOST,
        FRAMES_SKIPPED
    }

    private final AtomicLongArray counts = new AtomicLongArray(Kind.values().length);

    TransferCounters() {}

    void add(final Kind kind, final long amount) {
        final int index = kind.ordinal();
        counts.setRelease(index, counts.getPlain(index) + amount);
    }

    void increment(final Kind kind) {
        add(kind, 1);
    }

    private long read(final Kind kind) {
        return counts.getAcquire(kind.ordinal());
    }

    /** {@return frames brought here from other hosts} */
    public long framesFetched() {
        return read(Kind.FRAMES_FETCHED);
    }

    /** {@return bytes of those frames, as their readers see them} */
    public long bytesFetched() {
        return read(Kind.BYTES_FETCHED);
    }

    /** {@return nanoseconds from each request to the last byte, added up} */
    public long fetchNs() {
        return read(Kind.FETCH_NS);
    }

    /** {@return frames that could not be brought, whatever the reason} */
    public long fetchesFailed() {
        return read(Kind.FETCHES_FAILED);
    }

    /** {@return frames sent to other hosts} */
    public long framesServed() {
        return read(Kind.FRAMES_SERVED);
    }

    /** {@return bytes of those frames} */
    public long bytesServed() {
        return read(Kind.BYTES_SERVED);
    }

    /** {@return of the frames served: those of third hosts} */
    public long framesRelayed() {
        return read(Kind.FRAMES_RELAYED);
    }

    /** {@return chunks asked for again because they came damaged} */
    public long chunksRepeated() {
        return read(Kind.CHUNKS_REPEATED);
    }

    /** {@return frames asked for again, whole, because they came damaged} */
    public long framesRepeated() {
        return read(Kind.FRAMES_REPEATED);
    }

    /** {@return frames given up because they came damaged every time} */
    public long framesCorrupt() {
        return read(Kind.FRAMES_CORRUPT);
    }

    /** {@return packets and messages ignored because nobody of this system sent them} */
    public long intruders() {
        return read(Kind.INTRUDERS);
    }

    /** {@return messages of requests that had ended when they came} */
    public long late() {
        return read(Kind.LATE);
    }

    /** {@return lanes to other nodes that were lost and opened again} */
    public long lanesLost() {
        return read(Kind.LANES_LOST);
    }

    /** {@return frames of mirrored pools that newer ones overtook} */
    public long framesSkipped() {
        return read(Kind.FRAMES_SKIPPED);
    }
}
