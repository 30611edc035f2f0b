package io.dragon.engine.transfer;

import io.dragon.codecs.frame.BeginEncoder;
import io.dragon.codecs.frame.ChunkEncoder;
import io.dragon.codecs.frame.EndEncoder;
import io.dragon.codecs.frame.Integrity;
import io.dragon.codecs.frame.MessageHeaderEncoder;
import io.dragon.codecs.frame.PieceEncoder;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A node that serves as it should, message by message, without a network. */
final class HonestPeer {
    private final Inbox inbox;
    private final Inlet inlet;
    private final ForgedLanes lanes;
    private final int chunkLength;
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[1_400]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();

    HonestPeer(final Inbox inbox, final Inlet inlet, final ForgedLanes lanes, final int chunk) {
        this.inbox = inbox;
        this.inlet = inlet;
        this.lanes = lanes;
        chunkLength = chunk / lanes.longestPiece() * lanes.longestPiece();
    }

    /** Answers the newest request with a frame without metadata. */
    void serve(final int length, final long seed) {
        final long requestId = lanes.request(0);
        final ByteBuffer bytes = ByteBuffer.allocateDirect(length)
                .put(TransferHost.content(length, seed))
                .flip();
        final ChunkTable chunks = new ChunkTable();
        final ChunkCodec codec = ChunkCodecs.of(Integrity.CRC32C, Compression.OFF);
        chunks.reset(chunkLength, length, 0);
        final BeginEncoder begin = new BeginEncoder();
        begin.wrapAndApplyHeader(buffer, 0, header)
                .requestId(requestId)
                .length(length)
                .metadataLength(0)
                .chunkLength(chunkLength)
                .chunkCount(chunks.count())
                .firstChunk(0)
                .integrity(Integrity.CRC32C)
                .format(0)
                .width(0)
                .height(0)
                .camera(0)
                .step(0)
                .captureEpochNs(0);
        inbox.onMessage(inlet, buffer, 0, begin.limit());
        for (int i = 0; i < chunks.count(); i++) {
            final int at = chunks.grid().offset(i);
            final int whole = chunks.grid().length(i);
            codec.digest(bytes.limit(at + whole).position(at));
            bytes.clear();
            chunks.put(i, codec.checksumLow(), codec.checksumHigh());
            final ChunkEncoder chunk = new ChunkEncoder();
            chunk.wrapAndApplyHeader(buffer, 0, header)
                    .requestId(requestId)
                    .chunk(i)
                    .length(whole)
                    .encoding((short) ChunkCodec.PLAIN)
                    .checksumLow(chunks.low(i))
                    .checksumHigh(chunks.high(i));
            inbox.onMessage(inlet, buffer, 0, chunk.limit());
            for (int sent = 0; sent < whole; sent += lanes.longestPiece()) {
                piece(requestId, i, sent, bytes, at + sent, Math.min(lanes.longestPiece(), whole - sent));
            }
        }
        final FrameDigest digest = new FrameDigest();
        digest.of(codec, chunks);
        final EndEncoder end = new EndEncoder();
        end.wrapAndApplyHeader(buffer, 0, header)
                .requestId(requestId)
                .checksumLow(digest.low())
                .checksumHigh(digest.high());
        inbox.onMessage(inlet, buffer, 0, end.limit());
    }

    private void piece(
            final long requestId, final int chunk, final int at, final ByteBuffer from, final int index, final int n) {
        new PieceEncoder()
                .wrapAndApplyHeader(buffer, 0, header)
                .requestId(requestId)
                .chunk(chunk)
                .at(at);
        inbox.onPieceBegins(inlet, buffer, 0, Transport.PIECE_HEAD_LENGTH, n);
        inlet.target().bytes().clear().put(inlet.target().index(), from, index, n);
        inbox.onPieceArrived(inlet);
    }
}
