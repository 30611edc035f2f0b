package io.dragon.engine.frame;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.UnsafeApi;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A frame leased for reading: its slot cannot be reused before the lease is released. Made once and used again. Filled
 * in by the thread of its {@link FrameReader}; any thread of the process may release it, once.
 */
public final class FrameLease {
    private static final int ENDED = 0;
    private static final int HELD = 1;
    private static final int ENDING = 2;
    private static final int LENT = 3;
    private static final int PHASE = 3;
    private static final int ONE_USE = 4;

    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer metadata = new UnsafeBuffer(0, 0);
    private final FrameRef ref = new FrameRef();
    // With the number of the use, so that whoever comes too late for one does not end the next.
    private final AtomicInteger state = new AtomicInteger(ENDED);
    private final boolean isOfSubscriber;
    private AttachedPool pool;
    private long term;
    private int length;
    private int metadataLength;
    private int formatCode;
    private int width;
    private int height;
    private int camera;
    private long step;
    private long captureEpochNs;
    private long capturedNs;
    private long publishedNs;

    /** A lease of nothing yet. */
    public FrameLease() {
        this(false);
    }

    /** A subscriber's own ends with the call of its handler, and by nothing else. */
    FrameLease(final boolean isOfSubscriber) {
        this.isOfSubscriber = isOfSubscriber;
    }

    /**
     * The payload: the slot itself.
     *
     * @return as long as the frame
     */
    public DirectBuffer buffer() {
        return buffer;
    }

    /**
     * The payload as a read-only direct byte buffer; little-endian.
     *
     * @return as long as the frame, from position 0
     */
    public ByteBuffer byteBuffer() {
        if (!isInUse()) {
            throw new IllegalStateException("nothing is leased");
        }
        final ByteBuffer payload = pool.payload(ref.slot());
        // Two leases of one frame must not share a position.
        return term != AttachedPool.NO_TERM
                ? payload.clear().limit(length)
                : payload.duplicate().clear().limit(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Where the payload is in the file of its pool, for whoever sends from the file.
     *
     * @return position of its first byte
     */
    public long filePosition() {
        if (!isInUse()) {
            throw new IllegalStateException("nothing is leased");
        }
        return pool.file.payloadPosition(ref.slot());
    }

    /**
     * Where the segment of the pool that holds the payload is mapped, for whoever has the whole segment pinned.
     *
     * @return address of its first byte, a page
     */
    public long segmentAddress() {
        if (!isInUse()) {
            throw new IllegalStateException("nothing is leased");
        }
        return pool.file.segmentAddress(ref.slot());
    }

    /**
     * How long that segment is.
     *
     * @return bytes
     */
    public long segmentLength() {
        if (!isInUse()) {
            throw new IllegalStateException("nothing is leased");
        }
        return pool.file.segmentLength(ref.slot());
    }

    /**
     * Has something done when the mapping of the pool is to end, before it does; while the lease is held. Nobody in this process holds a
     * lease on a frame of that mapping then. The mapping stays until the action has called what it is given: there, or later on a
     * thread of its own, when it takes longer than whoever gives back the last lease may wait.
     *
     * @param action runs once, on the thread that gives back the last lease
     */
    public void beforeUnmapped(final Consumer<Runnable> action) {
        if (!isInUse()) {
            throw new IllegalStateException("nothing is leased");
        }
        pool.file.beforeUnmapped(action);
    }

    /**
     * What the payload is.
     *
     * @return its format, {@link FrameFormat#RAW} when its code is unknown
     */
    public FrameFormat format() {
        final FrameFormat format = FrameFormat.of(formatCode);
        return format == null ? FrameFormat.RAW : format;
    }

    /**
     * The width.
     *
     * @return pixels
     */
    public int width() {
        return width;
    }

    /**
     * The height.
     *
     * @return pixels
     */
    public int height() {
        return height;
    }

    /**
     * The camera.
     *
     * @return its party id
     */
    public int camera() {
        return camera;
    }

    /**
     * The step.
     *
     * @return its number
     */
    public long step() {
        return step;
    }

    /**
     * When it was captured, by the disciplined clock.
     *
     * @return nanoseconds since 1970, 0 unknown
     */
    public long captureEpochNs() {
        return captureEpochNs;
    }

    /**
     * When it was captured, by the host's monotonic clock.
     *
     * @return {@link System#nanoTime()}, 0 unknown
     */
    public long capturedNs() {
        return capturedNs;
    }

    /**
     * When it was published, by the host's monotonic clock.
     *
     * @return {@link System#nanoTime()}
     */
    public long publishedNs() {
        return publishedNs;
    }

    /**
     * The publisher's own bytes.
     *
     * @return as long as was published
     */
    public DirectBuffer metadata() {
        return metadata;
    }

    /**
     * The length of the publisher's own bytes.
     *
     * @return bytes
     */
    public int metadataLength() {
        return metadataLength;
    }

    /**
     * Whether the frame is still leased: looks at its bit in shared memory again.
     *
     * @return false once released
     */
    public boolean isHeld() {
        final int phase = state.get() & PHASE;
        return phase == HELD && pool.isHeld(ref.slot(), ref.sequence())
                || phase == LENT && pool.isReadable(ref.slot(), ref.sequence());
    }

    /**
     * Ends the lease; its buffers must not be touched any more. Harmless when it has ended, and without effect on the one
     * that a {@link FrameSubscriber} hands over: that ends with the call of the handler, however its frame is kept meanwhile.
     */
    public void release() {
        if (!isOfSubscriber) {
            endHeld();
        }
    }

    private void endHeld() {
        final int held = state.get();
        if ((held & PHASE) != HELD) {
            return;
        }
        final AttachedPool owner = pool;
        final int slot = ref.slot();
        final long termOfSlot = term;
        VarHandle.loadLoadFence();
        if (state.get() != held) {
            // Another thread has ended it meanwhile, and what was read may be of its next use.
            return;
        }
        if (owner.beginEnd(slot, termOfSlot)) {
            // Before the bit is cleared: whoever sees it clear waits for the end, and does not take the lease for held.
            state.setRelease(held - HELD + ENDING);
            unwrap();
            owner.clear(slot, termOfSlot);
            state.setRelease(held - HELD + ENDED);
        } else if (owner.isShared(slot, termOfSlot) && state.compareAndSet(held, held - HELD + ENDING)) {
            unwrap();
            owner.end(slot);
            state.setRelease(held - HELD + ENDED);
        }
    }

    /** Ends the lease in the hands of a handler, whichever it is; the thread of the subscriber. */
    void end() {
        final int seen = state.get();
        if ((seen & PHASE) == LENT) {
            // No exchange: nobody else ends it.
            unwrap();
            state.setRelease(seen - LENT + ENDED);
        } else {
            endHeld();
        }
    }

    private boolean isInUse() {
        final int phase = state.get() & PHASE;
        return phase == HELD || phase == LENT;
    }

    /** From here on a touch of the buffers is an exception, not somebody else's frame. */
    private void unwrap() {
        PoolFile.unwrap(buffer);
        if (metadata.capacity() != 0) {
            PoolFile.unwrap(metadata);
        }
    }

    /**
     * The frame's reference.
     *
     * @return valid until the lease is used again
     */
    public FrameRef ref() {
        return ref;
    }

    void checkEnded() {
        if (isOfSubscriber) {
            throw new IllegalStateException("the lease belongs to a subscriber: take one of your own");
        }
        // Looked at once more, it could be ENDING by now, and pass for ended.
        int seen = state.get() & PHASE;
        while (seen == ENDING) {
            Thread.yield();
            seen = state.get() & PHASE;
        }
        if (seen != ENDED) {
            throw new IllegalStateException("the lease still holds " + ref + ": release it first");
        }
    }

    void begin(
            final AttachedPool owner,
            final FrameRef leased,
            final int payloadLength,
            final int metadataBytes,
            final long termOfSlot) {
        fill(owner, leased, payloadLength, metadataBytes, termOfSlot);
        state.setRelease(state.getPlain() - ENDED + ONE_USE + HELD);
    }

    /** Begins the lease of a frame that its producer keeps, until {@link #end}. */
    void beginLent(final AttachedPool owner, final FrameRef lent, final int payloadLength, final int metadataBytes) {
        fill(owner, lent, payloadLength, metadataBytes, AttachedPool.LENT_TERM);
        state.setRelease(state.getPlain() - ENDED + ONE_USE + LENT);
    }

    private void fill(
            final AttachedPool owner,
            final FrameRef leased,
            final int payloadLength,
            final int metadataBytes,
            final long termOfSlot) {
        final int slot = leased.slot();
        final long header = owner.file.slotHeader(slot);
        if (pool != owner) {
            pool = owner;
        }
        ref.set(leased.poolId(), leased.sequence(), slot, payloadLength);
        term = termOfSlot;
        length = payloadLength;
        metadataLength = metadataBytes;
        formatCode = PoolLayout.format(UnsafeApi.getInt(header + PoolLayout.SLOT_METADATA_AND_FORMAT_OFFSET));
        width = UnsafeApi.getInt(header + PoolLayout.SLOT_WIDTH_OFFSET);
        height = UnsafeApi.getInt(header + PoolLayout.SLOT_HEIGHT_OFFSET);
        camera = UnsafeApi.getInt(header + PoolLayout.SLOT_CAMERA_OFFSET);
        step = UnsafeApi.getLong(header + PoolLayout.SLOT_STEP_OFFSET);
        captureEpochNs = UnsafeApi.getLong(header + PoolLayout.SLOT_CAPTURE_EPOCH_OFFSET);
        capturedNs = UnsafeApi.getLong(header + PoolLayout.SLOT_CAPTURED_OFFSET);
        publishedNs = UnsafeApi.getLong(header + PoolLayout.SLOT_PUBLISHED_OFFSET);
        owner.file.wrapPayload(buffer, slot, payloadLength);
        if (metadataBytes != 0) {
            owner.file.wrapMetadata(metadata, slot, metadataBytes);
        }
    }
}
