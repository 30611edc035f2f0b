package io.dragon.benchmarks;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.logbuffer.BufferClaim;
import io.aeron.logbuffer.FragmentHandler;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A bare chunk pump over Aeron: a header of 16 bytes and as much of the frame as fits the MTU is copied into each claim, and out
 * of each fragment into its place. On request both ends compute CRC32C of every 64 KiB: the sender before it sends them, the
 * receiver when they are there.
 */
final class AeronPump extends BarePump {
    private static final int STREAM = 77;
    private static final int HEADER = 16;
    private static final int FRAGMENTS = 64;
    private static final int CHUNK = 65_536;

    private final boolean summed;
    private final IdleStrategy senderIdle;
    private final IdleStrategy receiverIdle;
    private final UnsafeBuffer sourceView;
    private final UnsafeBuffer targetView;
    private final Subscription subscription;
    private final ExclusivePublication publication;
    private final BufferClaim claim = new BufferClaim();
    private final CRC32C sentSum = new CRC32C();
    private final CRC32C receivedSum = new CRC32C();
    private final FragmentHandler handler = (buffer, offset, length, header) -> onPiece(buffer, offset, length);
    private int frameLength;
    private int framesReceived;

    AeronPump(
            final Aeron aeron,
            final String channel,
            final PumpMemory memory,
            final boolean summed,
            final IdleStrategy senderIdle,
            final IdleStrategy receiverIdle) {
        super(summed ? Transfer.SUMMED : Transfer.BARE, memory);
        this.summed = summed;
        this.senderIdle = senderIdle;
        this.receiverIdle = receiverIdle;
        sourceView = new UnsafeBuffer(source);
        targetView = new UnsafeBuffer(target());
        final int stream = STREAM + (summed ? 1 : 0);
        subscription = aeron.addSubscription(channel, stream);
        publication = aeron.addExclusivePublication(channel, stream);
        while (!publication.isConnected() || !subscription.isConnected()) {
            senderIdle.idle();
        }
    }

    @Override
    void send(final int length, final int frames) {
        for (int frame = 0; frame < frames; frame++) {
            send(length);
        }
    }

    @Override
    void receive(final int length, final int frames) {
        frameLength = length;
        framesReceived = 0;
        while (framesReceived < frames) {
            receiverIdle.idle(subscription.poll(handler, FRAGMENTS));
        }
    }

    private void send(final int length) {
        final int longest = publication.maxPayloadLength() - HEADER;
        for (int chunk = 0; chunk < length; chunk += CHUNK) {
            final int chunkLength = Math.min(CHUNK, length - chunk);
            long sum = 0;
            if (summed) {
                sum = sum(sentSum, source, chunk, chunkLength);
            }
            for (int at = 0; at < chunkLength; ) {
                final int piece = Math.min(longest, chunkLength - at);
                final boolean last = at + piece == chunkLength;
                claim(piece);
                final MutableDirectBuffer buffer = claim.buffer();
                final int offset = claim.offset();
                buffer.putInt(offset, chunk + at);
                buffer.putInt(offset + 4, last ? chunkLength : 0);
                buffer.putLong(offset + 8, sum);
                buffer.putBytes(offset + HEADER, sourceView, chunk + at, piece);
                claim.commit();
                at += piece;
            }
        }
    }

    private void claim(final int piece) {
        senderIdle.reset();
        for (; ; ) {
            final long position = publication.tryClaim(HEADER + piece, claim);
            if (position > 0) {
                return;
            }
            if (position == Publication.CLOSED || position == Publication.MAX_POSITION_EXCEEDED) {
                throw new IllegalStateException("the publication is at its end: " + position);
            }
            senderIdle.idle();
        }
    }

    private static long sum(final CRC32C crc, final ByteBuffer memory, final int offset, final int length) {
        crc.reset();
        crc.update(memory.limit(offset + length).position(offset));
        return crc.getValue();
    }

    private void onPiece(final DirectBuffer buffer, final int offset, final int length) {
        final int at = buffer.getInt(offset);
        final int piece = length - HEADER;
        targetView.putBytes(at, buffer, offset + HEADER, piece);
        final int chunkLength = buffer.getInt(offset + 4);
        if (chunkLength > 0
                && summed
                && sum(receivedSum, target(), at + piece - chunkLength, chunkLength) != buffer.getLong(offset + 8)) {
            throw new IllegalStateException("a chunk arrived damaged");
        }
        if (at + piece == frameLength) {
            framesReceived++;
        }
    }

    @Override
    public void close() {
        publication.close();
        subscription.close();
    }
}
