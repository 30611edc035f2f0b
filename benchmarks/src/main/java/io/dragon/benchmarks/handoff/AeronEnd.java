package io.dragon.benchmarks.handoff;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import io.aeron.logbuffer.BufferClaim;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.Header;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One end of a bare exchange over Aeron IPC: what is larger than a fragment goes in fragments, copied in and copied out, as
 * it must.
 */
final class AeronEnd implements AutoCloseable {
    static final int QUESTIONS = 1001;
    static final int ANSWERS = 1002;

    private static final String CHANNEL = "aeron:ipc?term-length=16m|mtu=65504";
    private static final int HEADER = 16;
    private static final int LENGTH_OFFSET = 8;
    private static final int POSITION_OFFSET = 12;

    private final Aeron aeron;
    private final ExclusivePublication publication;
    private final Subscription subscription;
    private final BufferClaim claim = new BufferClaim();
    private final FragmentHandler onFragment = this::onFragment;
    private final UnsafeBuffer sent = new UnsafeBuffer(new byte[Sizes.LARGEST]);
    private final UnsafeBuffer received = new UnsafeBuffer(new byte[Sizes.LARGEST]);
    private int arrived;
    private boolean isWhole;
    private long number;

    AeronEnd(final String directory, final int publishedStream, final int subscribedStream) {
        aeron = Aeron.connect(new Aeron.Context().aeronDirectoryName(directory));
        publication = aeron.addExclusivePublication(CHANNEL, publishedStream);
        subscription = aeron.addSubscription(CHANNEL, subscribedStream);
    }

    boolean isConnected() {
        return publication.isConnected() && subscription.isConnected();
    }

    void send(final long messageNumber, final int length) {
        sent.putLong(0, messageNumber);
        sent.putLong(length - Long.BYTES, messageNumber);
        final int most = publication.maxPayloadLength() - HEADER;
        for (int position = 0; position < length; ) {
            final int piece = Math.min(most, length - position);
            if (publication.tryClaim(HEADER + piece, claim) > 0) {
                final int offset = claim.offset();
                claim.buffer().putLong(offset, messageNumber);
                claim.buffer().putInt(offset + LENGTH_OFFSET, length);
                claim.buffer().putInt(offset + POSITION_OFFSET, position);
                claim.buffer().putBytes(offset + HEADER, sent, position, piece);
                claim.commit();
                position += piece;
            } else {
                Thread.onSpinWait();
            }
        }
    }

    /** Whether a whole message has come. */
    boolean poll() {
        isWhole = false;
        subscription.poll(onFragment, 1);
        return isWhole;
    }

    private void onFragment(final DirectBuffer buffer, final int offset, final int length, final Header header) {
        final int piece = length - HEADER;
        final int whole = buffer.getInt(offset + LENGTH_OFFSET);
        received.putBytes(buffer.getInt(offset + POSITION_OFFSET), buffer, offset + HEADER, piece);
        arrived += piece;
        if (arrived == whole) {
            arrived = 0;
            isWhole = true;
            number = received.getLong(0);
            if (received.getLong(whole - Long.BYTES) != number || buffer.getLong(offset) != number) {
                throw new IllegalStateException("a message's end is another message's");
            }
        }
    }

    /** Of the message that came last. */
    long number() {
        return number;
    }

    @Override
    public void close() {
        CloseHelper.closeAll(publication, subscription, aeron);
    }
}
