package io.dragon.engine.transfer;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The bytes of the chunk that a peer is being sent: of a frame in its slot, or of what was made of them. */
final class PieceSource implements FrameSource {
    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private PoolChannels channels;
    private long poolId;
    private long position;

    /** The payload of a leased frame. */
    void ofFrame(final Serving serving, final PoolChannels poolChannels) {
        buffer.wrap(serving.bytes.clear());
        channels = poolChannels;
        poolId = serving.lease.ref().poolId();
        position = serving.lease.filePosition();
    }

    void ofMemory(final ByteBuffer memory) {
        buffer.wrap(memory);
        channels = null;
    }

    @Override
    public DirectBuffer buffer() {
        return buffer;
    }

    @Override
    public FileChannel channel() {
        return channels == null ? null : channels.of(poolId);
    }

    @Override
    public long position() {
        return position;
    }
}
