package io.dragon.engine.frame;

import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;

/**
 * A frame leased for reading: its slot cannot be reused before the lease is released. Made once and used again. Filled
 * in by the thread of its {@link FrameReader}; any thread of the process may release it, once.
 */
public final class FrameLease {
    /** A lease of nothing yet. */
    public FrameLease() {}

    /**
     * The payload: the slot itself.
     *
     * @return as long as the frame
     */
    public DirectBuffer buffer() {
        throw new UnsupportedOperationException();
    }

    /**
     * The payload as a read-only direct byte buffer; little-endian.
     *
     * @return as long as the frame, from position 0
     */
    public ByteBuffer byteBuffer() {
        throw new UnsupportedOperationException();
    }

    /**
     * What the payload is.
     *
     * @return its format, {@link FrameFormat#RAW} when its code is unknown
     */
    public FrameFormat format() {
        throw new UnsupportedOperationException();
    }

    /**
     * The width.
     *
     * @return pixels
     */
    public int width() {
        throw new UnsupportedOperationException();
    }

    /**
     * The height.
     *
     * @return pixels
     */
    public int height() {
        throw new UnsupportedOperationException();
    }

    /**
     * The camera.
     *
     * @return its party id
     */
    public int camera() {
        throw new UnsupportedOperationException();
    }

    /**
     * The step.
     *
     * @return its number
     */
    public long step() {
        throw new UnsupportedOperationException();
    }

    /**
     * When it was captured, by the disciplined clock.
     *
     * @return nanoseconds since 1970, 0 unknown
     */
    public long captureEpochNs() {
        throw new UnsupportedOperationException();
    }

    /**
     * When it was captured, by the host's monotonic clock.
     *
     * @return {@link System#nanoTime()}, 0 unknown
     */
    public long capturedNs() {
        throw new UnsupportedOperationException();
    }

    /**
     * When it was published, by the host's monotonic clock.
     *
     * @return {@link System#nanoTime()}
     */
    public long publishedNs() {
        throw new UnsupportedOperationException();
    }

    /**
     * The publisher's own bytes.
     *
     * @return as long as was published
     */
    public DirectBuffer metadata() {
        throw new UnsupportedOperationException();
    }

    /**
     * The length of the publisher's own bytes.
     *
     * @return bytes
     */
    public int metadataLength() {
        throw new UnsupportedOperationException();
    }

    /**
     * Whether the frame is still leased: looks at its bit in shared memory again.
     *
     * @return false once released
     */
    public boolean isHeld() {
        throw new UnsupportedOperationException();
    }

    /** Ends the lease; its buffers must not be touched any more. Harmless when it has ended. */
    public void release() {
        throw new UnsupportedOperationException();
    }

    /**
     * The frame's reference.
     *
     * @return valid until the lease is used again
     */
    public FrameRef ref() {
        throw new UnsupportedOperationException();
    }
}
