package io.dragon.engine.frame;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;
import org.agrona.UnsafeApi;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A slot being filled. Made once and used again; belongs to the producer thread of its pool. Ends with
 * {@link #publish} or {@link #abort}, after which its buffers must not be touched.
 */
public final class FrameClaim {
    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer metadata = new UnsafeBuffer(0, 0);
    private SlotProducer producer;
    private boolean claimed;
    private int slot;
    private int length;
    private int metadataLength;
    private int formatCode;
    private int width;
    private int height;
    private int camera;
    private long step;
    private long captureEpochNs;
    private long capturedNs;

    /** A claim of nothing yet. */
    public FrameClaim() {}

    /**
     * The payload: the slot itself.
     *
     * @return as long as claimed
     */
    public MutableDirectBuffer buffer() {
        return buffer;
    }

    /**
     * The payload as a direct byte buffer, for a camera's SDK; little-endian.
     *
     * @return as long as claimed, from position 0
     */
    public ByteBuffer byteBuffer() {
        checkClaimed();
        return producer.payload(slot).clear().limit(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The pool of the slot that is being filled.
     *
     * @return its id
     */
    public long poolId() {
        checkClaimed();
        return producer.file().poolId;
    }

    /**
     * What the payload is; {@link FrameFormat#RAW} otherwise.
     *
     * @param format of the payload
     * @return this
     */
    public FrameClaim format(final FrameFormat format) {
        formatCode = format.code();
        return this;
    }

    /**
     * The width; 0 otherwise.
     *
     * @param width in pixels
     * @return this
     */
    public FrameClaim width(final int width) {
        this.width = width;
        return this;
    }

    /**
     * The height; 0 otherwise.
     *
     * @param height in pixels
     * @return this
     */
    public FrameClaim height(final int height) {
        this.height = height;
        return this;
    }

    /**
     * The camera; 0 otherwise.
     *
     * @param camera its party id
     * @return this
     */
    public FrameClaim camera(final int camera) {
        this.camera = camera;
        return this;
    }

    /**
     * The step; 0 otherwise.
     *
     * @param step number that pairs cameras
     * @return this
     */
    public FrameClaim step(final long step) {
        this.step = step;
        return this;
    }

    /**
     * When it was captured, by the disciplined clock; 0 otherwise.
     *
     * @param captureEpochNs nanoseconds since 1970
     * @return this
     */
    public FrameClaim captureEpochNs(final long captureEpochNs) {
        this.captureEpochNs = captureEpochNs;
        return this;
    }

    /**
     * When it was captured, by the host's monotonic clock; 0 otherwise.
     *
     * @param capturedNs {@link System#nanoTime()}
     * @return this
     */
    public FrameClaim capturedNs(final long capturedNs) {
        this.capturedNs = capturedNs;
        return this;
    }

    /**
     * The caller's own bytes, before the payload; to be asked for with each claim.
     *
     * @return as long as the pool allows; empty when nothing is claimed
     */
    public MutableDirectBuffer metadata() {
        // Not with the claim: most frames have none.
        if (claimed && metadata.capacity() == 0) {
            producer.file().wrapMetadata(metadata, slot, producer.file().layout.metadataLength);
        }
        return metadata;
    }

    /**
     * How much of the metadata is used; 0 otherwise.
     *
     * @param length in bytes
     * @return this
     */
    public FrameClaim metadataLength(final int length) {
        final int most = claimed ? producer.file().layout.metadataLength : 0;
        if (length < 0 || length > most) {
            throw new IllegalArgumentException("metadata of " + length + " bytes, where the pool allows " + most);
        }
        metadataLength = length;
        return this;
    }

    /**
     * Shortens the payload, for a slot that was claimed before it was known how long the frame would be. What is written stays.
     *
     * @param shorter bytes, at most as many as claimed
     * @return this
     */
    public FrameClaim shorten(final int shorter) {
        checkClaimed();
        if (shorter < 0 || shorter > length) {
            throw new IllegalArgumentException("a claim of " + length + " bytes cannot be shortened to " + shorter);
        }
        length = shorter;
        producer.file().wrapPayload(buffer, slot, shorter);
        return this;
    }

    /**
     * Publishes the frame.
     *
     * @param out filled in with its reference; may be null
     * @param hold whether it stays until {@link FramePool#release}
     * @return when, by {@link System#nanoTime()}
     */
    public long publish(final FrameRef out, final boolean hold) {
        checkClaimed();
        final SlotProducer owner = producer;
        owner.checkThread();
        final PoolFile file = owner.file();
        final long publishedNs = System.nanoTime();
        describe(file.slotHeader(slot), publishedNs);
        end();
        final long sequence = owner.publish(slot, length, hold);
        if (out != null) {
            out.set(file.poolId, sequence, slot, length);
        }
        return publishedNs;
    }

    /** Gives the slot back unpublished. */
    public void abort() {
        checkClaimed();
        final SlotProducer owner = producer;
        owner.checkThread();
        end();
        owner.abort(slot);
    }

    /** Whether a slot is being filled. */
    boolean isClaimed() {
        return claimed;
    }

    void checkEnded() {
        if (claimed) {
            throw new IllegalStateException("the claim still fills slot " + slot + ": publish or abort it first");
        }
    }

    private void checkClaimed() {
        if (!claimed) {
            throw new IllegalStateException("nothing is claimed");
        }
    }

    void begin(final SlotProducer owner, final int claimedSlot, final int claimedLength) {
        if (producer != owner) {
            producer = owner;
        }
        claimed = true;
        slot = claimedSlot;
        length = claimedLength;
        metadataLength = 0;
        formatCode = FrameFormat.RAW.code();
        width = 0;
        height = 0;
        camera = 0;
        step = 0;
        captureEpochNs = 0;
        capturedNs = 0;
        owner.file().wrapPayload(buffer, claimedSlot, claimedLength);
    }

    /** From here on a touch of the buffers is an exception, not somebody else's frame. */
    private void end() {
        claimed = false;
        PoolFile.unwrap(buffer);
        if (metadata.capacity() != 0) {
            PoolFile.unwrap(metadata);
        }
    }

    private void describe(final long header, final long publishedNs) {
        UnsafeApi.putInt(header + PoolLayout.SLOT_PAYLOAD_LENGTH_OFFSET, length);
        UnsafeApi.putInt(
                header + PoolLayout.SLOT_METADATA_AND_FORMAT_OFFSET,
                PoolLayout.metadataAndFormat(metadataLength, formatCode));
        UnsafeApi.putInt(header + PoolLayout.SLOT_WIDTH_OFFSET, width);
        UnsafeApi.putInt(header + PoolLayout.SLOT_HEIGHT_OFFSET, height);
        UnsafeApi.putInt(header + PoolLayout.SLOT_CAMERA_OFFSET, camera);
        UnsafeApi.putLong(header + PoolLayout.SLOT_STEP_OFFSET, step);
        UnsafeApi.putLong(header + PoolLayout.SLOT_CAPTURE_EPOCH_OFFSET, captureEpochNs);
        UnsafeApi.putLong(header + PoolLayout.SLOT_CAPTURED_OFFSET, capturedNs);
        UnsafeApi.putLong(header + PoolLayout.SLOT_PUBLISHED_OFFSET, publishedNs);
    }
}
