package io.dragon.engine.transfer;

import io.dragon.codecs.frame.AskEncoder;
import io.dragon.codecs.frame.BeginEncoder;
import io.dragon.codecs.frame.ChunkAgainEncoder;
import io.dragon.codecs.frame.ChunkEncoder;
import io.dragon.codecs.frame.EndEncoder;
import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.codecs.frame.FrameRefEncoder;
import io.dragon.codecs.frame.HelloAnswerEncoder;
import io.dragon.codecs.frame.HelloEncoder;
import io.dragon.codecs.frame.Integrity;
import io.dragon.codecs.frame.LeaveEncoder;
import io.dragon.codecs.frame.MessageHeaderEncoder;
import io.dragon.codecs.frame.NewsEncoder;
import io.dragon.codecs.frame.PieceEncoder;
import io.dragon.codecs.frame.RefusedEncoder;
import io.dragon.codecs.frame.WaitingEncoder;
import io.dragon.codecs.frame.WatchEncoder;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameRef;
import java.nio.charset.StandardCharsets;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Encodes the messages of agents into one buffer, each over the last. One thread. */
final class Wording {
    /** An error text takes so many bytes at most. */
    static final int LONGEST_TEXT = 256;

    private static final int LONGEST_PACKET = 65_536;

    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[LONGEST_PACKET]);
    private final UnsafeBuffer head = new UnsafeBuffer(new byte[Transport.PIECE_HEAD_LENGTH]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final HelloEncoder hello = new HelloEncoder();
    private final HelloAnswerEncoder helloAnswer = new HelloAnswerEncoder();
    private final AskEncoder ask = new AskEncoder();
    private final RefusedEncoder refused = new RefusedEncoder();
    private final WaitingEncoder waiting = new WaitingEncoder();
    private final BeginEncoder begin = new BeginEncoder();
    private final ChunkEncoder chunk = new ChunkEncoder();
    private final PieceEncoder piece = new PieceEncoder();
    private final EndEncoder end = new EndEncoder();
    private final ChunkAgainEncoder chunkAgain = new ChunkAgainEncoder();
    private final LeaveEncoder leave = new LeaveEncoder();
    private final WatchEncoder watch = new WatchEncoder();
    private final NewsEncoder news = new NewsEncoder();

    MutableDirectBuffer buffer() {
        return buffer;
    }

    /** The head of the piece that was encoded last. */
    MutableDirectBuffer head() {
        return head;
    }

    int hello(final int nodeId, final long agentId, final long number, final int length) {
        hello.wrapAndApplyHeader(buffer, 0, header)
                .nodeId(nodeId)
                .agentId(agentId)
                .number(number);
        final int encoded = MessageHeaderEncoder.ENCODED_LENGTH + hello.encodedLength();
        final int whole = Math.max(encoded, length);
        hello.length(whole);
        buffer.setMemory(encoded, whole - encoded, (byte) 0);
        return whole;
    }

    int helloAnswer(final int nodeId, final long agentId, final long number) {
        helloAnswer
                .wrapAndApplyHeader(buffer, 0, header)
                .nodeId(nodeId)
                .agentId(agentId)
                .number(number);
        return MessageHeaderEncoder.ENCODED_LENGTH + helloAnswer.encodedLength();
    }

    int ask(
            final Fetch fetch,
            final long agentId,
            final int nodeId,
            final Integrity integrity,
            final boolean compress) {
        ask.wrapAndApplyHeader(buffer, 0, header)
                .requestId(fetch.requestId)
                .agentId(agentId)
                .nodeId(nodeId)
                .originId(fetch.originId)
                .firstChunk(fetch.chunks.firstMissing())
                .chunkLength(fetch.chunks.chunkLength())
                .integrity(integrity)
                .compression((short) (compress ? 1 : 0))
                .hops((short) fetch.hops)
                .via1(fetch.via[0])
                .via2(fetch.via[1])
                .via3(fetch.via[2])
                .via4(fetch.via[3]);
        put(ask.frame(), fetch.ref);
        return MessageHeaderEncoder.ENCODED_LENGTH + ask.encodedLength();
    }

    int refused(final long requestId, final FetchOutcome outcome, final String text) {
        refused.wrapAndApplyHeader(buffer, 0, header).requestId(requestId).outcome(outcome);
        final byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        refused.putText(bytes, 0, Math.min(bytes.length, LONGEST_TEXT));
        return MessageHeaderEncoder.ENCODED_LENGTH + refused.encodedLength();
    }

    int waiting(final long requestId) {
        waiting.wrapAndApplyHeader(buffer, 0, header).requestId(requestId);
        return MessageHeaderEncoder.ENCODED_LENGTH + waiting.encodedLength();
    }

    int begin(final Serving serving, final FrameLease lease) {
        begin.wrapAndApplyHeader(buffer, 0, header)
                .requestId(serving.requestId)
                .length(lease.buffer().capacity())
                .metadataLength(lease.metadataLength())
                .chunkLength(serving.chunkLength)
                .chunkCount(serving.chunkCount)
                .firstChunk(serving.firstChunk)
                .integrity(serving.integrity)
                .format(lease.format().code())
                .width(lease.width())
                .height(lease.height())
                .camera(lease.camera())
                .step(lease.step())
                .captureEpochNs(lease.captureEpochNs());
        return MessageHeaderEncoder.ENCODED_LENGTH + begin.encodedLength();
    }

    int chunk(
            final long requestId,
            final int number,
            final int length,
            final int encoding,
            final long checksumLow,
            final long checksumHigh) {
        chunk.wrapAndApplyHeader(buffer, 0, header)
                .requestId(requestId)
                .chunk(number)
                .length(length)
                .encoding((short) encoding)
                .checksumLow(checksumLow)
                .checksumHigh(checksumHigh);
        return MessageHeaderEncoder.ENCODED_LENGTH + chunk.encodedLength();
    }

    void piece(final long requestId, final int number, final int offset) {
        piece.wrapAndApplyHeader(head, 0, header)
                .requestId(requestId)
                .chunk(number)
                .at(offset);
    }

    int end(final long requestId, final long checksumLow, final long checksumHigh) {
        end.wrapAndApplyHeader(buffer, 0, header)
                .requestId(requestId)
                .checksumLow(checksumLow)
                .checksumHigh(checksumHigh);
        return MessageHeaderEncoder.ENCODED_LENGTH + end.encodedLength();
    }

    int chunkAgain(final long requestId, final int number) {
        chunkAgain.wrapAndApplyHeader(buffer, 0, header).requestId(requestId).chunk(number);
        return MessageHeaderEncoder.ENCODED_LENGTH + chunkAgain.encodedLength();
    }

    int leave(final long requestId) {
        leave.wrapAndApplyHeader(buffer, 0, header).requestId(requestId);
        return MessageHeaderEncoder.ENCODED_LENGTH + leave.encodedLength();
    }

    int watch(final long requestId, final long agentId, final int nodeId, final int originId, final long poolId) {
        watch.wrapAndApplyHeader(buffer, 0, header)
                .requestId(requestId)
                .agentId(agentId)
                .nodeId(nodeId)
                .originId(originId)
                .poolId(poolId);
        return MessageHeaderEncoder.ENCODED_LENGTH + watch.encodedLength();
    }

    int news(
            final long requestId,
            final FrameRef ref,
            final long skipped,
            final long slotLength,
            final int metadataLength) {
        news.wrapAndApplyHeader(buffer, 0, header)
                .requestId(requestId)
                .skipped(skipped)
                .slotLength(slotLength)
                .metadataLength(metadataLength);
        put(news.frame(), ref);
        return MessageHeaderEncoder.ENCODED_LENGTH + news.encodedLength();
    }

    static void put(final FrameRefEncoder encoder, final FrameRef ref) {
        encoder.poolId(ref.poolId())
                .sequence(ref.sequence())
                .slot(Integer.toUnsignedLong(ref.slot()))
                .length(Integer.toUnsignedLong(ref.length()));
    }
}
