package io.dragon.engine.transfer;

import io.dragon.codecs.frame.AskDecoder;
import io.dragon.codecs.frame.MessageHeaderDecoder;
import org.agrona.DirectBuffer;

/** A transport without a network: what is sent is taken, and the newest requests are remembered. */
final class ForgedLanes implements Transport {
    private static final int LONGEST_PIECE = 1_352;
    private static final int KEPT = 64;

    private final long[] requests = new long[KEPT];
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final AskDecoder ask = new AskDecoder();
    private int count;

    /** One of the newest requests; 0 is the last one. */
    long request(final int back) {
        return requests[Math.floorMod(count - 1 - back, KEPT)];
    }

    @Override
    public Lane open(final String address, final int port) {
        return new LaneInMemory(LONGEST_MESSAGE, LONGEST_PIECE, false) {
            @Override
            public int send(final DirectBuffer buffer, final int offset, final int length) {
                header.wrap(buffer, offset);
                if (header.templateId() == AskDecoder.TEMPLATE_ID) {
                    requests[count++ % KEPT] =
                            ask.wrapAndApplyHeader(buffer, offset, header).requestId();
                }
                return 1;
            }

            @Override
            public int sendPiece(
                    final DirectBuffer head,
                    final int headOffset,
                    final int headLength,
                    final FrameSource source,
                    final int offset,
                    final int length) {
                source.buffer().checkLimit(offset + length);
                return 1;
            }
        };
    }

    @Override
    public int poll(final InletHandler handler, final long nowNs) {
        return 0;
    }

    @Override
    public int longestPiece() {
        return LONGEST_PIECE;
    }

    @Override
    public void close() {}
}
