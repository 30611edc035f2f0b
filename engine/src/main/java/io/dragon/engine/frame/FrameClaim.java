package io.dragon.engine.frame;

import java.nio.ByteBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * A slot being filled. Made once and used again; belongs to the producer thread of its pool. Ends with
 * {@link #publish} or {@link #abort}, after which its buffers must not be touched.
 */
public final class FrameClaim {
    /** A claim of nothing yet. */
    public FrameClaim() {}

    /**
     * The payload: the slot itself.
     *
     * @return as long as claimed
     */
    public MutableDirectBuffer buffer() {
        throw new UnsupportedOperationException();
    }

    /**
     * The payload as a direct byte buffer, for a camera's SDK; little-endian.
     *
     * @return as long as claimed, from position 0
     */
    public ByteBuffer byteBuffer() {
        throw new UnsupportedOperationException();
    }

    /**
     * What the payload is; {@link FrameFormat#RAW} otherwise.
     *
     * @param format of the payload
     * @return this
     */
    public FrameClaim format(final FrameFormat format) {
        throw new UnsupportedOperationException();
    }

    /**
     * The width; 0 otherwise.
     *
     * @param width in pixels
     * @return this
     */
    public FrameClaim width(final int width) {
        throw new UnsupportedOperationException();
    }

    /**
     * The height; 0 otherwise.
     *
     * @param height in pixels
     * @return this
     */
    public FrameClaim height(final int height) {
        throw new UnsupportedOperationException();
    }

    /**
     * The camera; 0 otherwise.
     *
     * @param camera its party id
     * @return this
     */
    public FrameClaim camera(final int camera) {
        throw new UnsupportedOperationException();
    }

    /**
     * The step; 0 otherwise.
     *
     * @param step number that pairs cameras
     * @return this
     */
    public FrameClaim step(final long step) {
        throw new UnsupportedOperationException();
    }

    /**
     * When it was captured, by the disciplined clock; 0 otherwise.
     *
     * @param captureEpochNs nanoseconds since 1970
     * @return this
     */
    public FrameClaim captureEpochNs(final long captureEpochNs) {
        throw new UnsupportedOperationException();
    }

    /**
     * When it was captured, by the host's monotonic clock; 0 otherwise.
     *
     * @param capturedNs {@link System#nanoTime()}
     * @return this
     */
    public FrameClaim capturedNs(final long capturedNs) {
        throw new UnsupportedOperationException();
    }

    /**
     * The caller's own bytes, before the payload.
     *
     * @return as long as the pool allows
     */
    public MutableDirectBuffer metadata() {
        throw new UnsupportedOperationException();
    }

    /**
     * How much of the metadata is used; 0 otherwise.
     *
     * @param length in bytes
     * @return this
     */
    public FrameClaim metadataLength(final int length) {
        throw new UnsupportedOperationException();
    }

    /**
     * Publishes the frame.
     *
     * @param out filled in with its reference; may be null
     * @param hold whether it stays until {@link FramePool#release}
     * @return when, by {@link System#nanoTime()}
     */
    public long publish(final FrameRef out, final boolean hold) {
        throw new UnsupportedOperationException();
    }

    /** Gives the slot back unpublished. */
    public void abort() {
        throw new UnsupportedOperationException();
    }
}
