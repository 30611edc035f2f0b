package io.dragon.engine.transfer;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.logbuffer.BufferClaim;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** A lane that is an exclusive publication: every message is claimed in its term buffer and written there. */
final class UdpLane implements Lane {
    private final Aeron aeron;
    private final long publicationId;
    private final int longest;
    private final BufferClaim claim = new BufferClaim();
    private ExclusivePublication publication;
    private boolean isClosed;

    UdpLane(final Aeron aeron, final long publicationId, final int longest) {
        this.aeron = aeron;
        this.publicationId = publicationId;
        this.longest = longest;
    }

    long publicationId() {
        return publicationId;
    }

    /** Whether its publication is there. */
    boolean isOpened() {
        return publication != null;
    }

    void opened(final ExclusivePublication opened) {
        publication = opened;
    }

    @Override
    public int send(final DirectBuffer buffer, final int offset, final int length) {
        final int result = claim(length);
        if (result > 0) {
            claim.buffer().putBytes(claim.offset(), buffer, offset, length);
            claim.commit();
        }
        return result;
    }

    @Override
    public int sendPiece(
            final DirectBuffer head,
            final int headOffset,
            final int headLength,
            final FrameSource source,
            final int offset,
            final int length) {
        final int result = claim(headLength + length);
        if (result > 0) {
            final MutableDirectBuffer to = claim.buffer();
            final int at = claim.offset();
            to.putBytes(at, head, headOffset, headLength);
            to.putBytes(at + headLength, source.buffer(), offset, length);
            claim.commit();
        }
        return result;
    }

    private int claim(final int length) {
        if (publication == null) {
            return isClosed ? CLOSED : NOT_CONNECTED;
        }
        long position = publication.tryClaim(length, claim);
        if (position == Publication.ADMIN_ACTION) {
            position = publication.tryClaim(length, claim);
        }
        if (position > 0) {
            return 1;
        }
        if (position == Publication.BACK_PRESSURED || position == Publication.ADMIN_ACTION) {
            return BACK_PRESSURED;
        }
        if (position == Publication.NOT_CONNECTED) {
            return NOT_CONNECTED;
        }
        isClosed = true;
        return CLOSED;
    }

    @Override
    public int longestMessage() {
        return longest;
    }

    @Override
    public int longestPiece() {
        return longest - Transport.PIECE_HEAD_LENGTH;
    }

    @Override
    public boolean isPacketed() {
        return true;
    }

    @Override
    public boolean isConnected() {
        return publication != null && publication.isConnected();
    }

    @Override
    public boolean isClosed() {
        return isClosed || publication != null && publication.isClosed();
    }

    @Override
    public void close() {
        if (publication != null) {
            publication.close();
        } else if (!isClosed) {
            // The driver has not answered yet: nobody would take what it makes, and it would stay as long as this
            // agent.
            aeron.asyncRemovePublication(publicationId);
        }
        isClosed = true;
    }
}
