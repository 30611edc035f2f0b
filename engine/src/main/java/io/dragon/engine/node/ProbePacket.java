package io.dragon.engine.node;

import io.dragon.codecs.discovery.MessageHeaderDecoder;
import io.dragon.codecs.discovery.MessageHeaderEncoder;
import io.dragon.codecs.discovery.ProbeAnswerDecoder;
import io.dragon.codecs.discovery.ProbeAnswerEncoder;
import io.dragon.codecs.discovery.ProbeDecoder;
import io.dragon.codecs.discovery.ProbeEncoder;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A link probe or its answer: made, and judged when one came. Both have the same length. One thread. */
final class ProbePacket {
    static final int LENGTH = MessageHeaderEncoder.ENCODED_LENGTH + ProbeEncoder.BLOCK_LENGTH;

    /** What a datagram is. */
    enum Verdict {
        PROBE,
        ANSWER,
        NOT_OURS
    }

    private final Seal seal;
    private final long senderId;
    private final byte[] out;
    private final ByteBuffer outBytes;
    private final UnsafeBuffer outBuffer;
    private final UnsafeBuffer inBuffer = new UnsafeBuffer(0, 0);
    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final ProbeEncoder probe = new ProbeEncoder();
    private final ProbeAnswerEncoder answer = new ProbeAnswerEncoder();

    /** Both are laid out alike. */
    private final ProbeDecoder in = new ProbeDecoder();

    ProbePacket(final byte[] secret, final long senderId) {
        if (ProbeEncoder.BLOCK_LENGTH != ProbeAnswerEncoder.BLOCK_LENGTH) {
            throw new IllegalStateException("an answer is as long as its question");
        }
        seal = new Seal(secret);
        this.senderId = senderId;
        out = new byte[LENGTH + seal.length()];
        outBytes = ByteBuffer.wrap(out);
        outBuffer = new UnsafeBuffer(out);
    }

    ByteBuffer probe(final long number, final int fromNodeId, final int toNodeId, final long sentNs) {
        probe.wrapAndApplyHeader(outBuffer, 0, headerEncoder)
                .senderId(senderId)
                .number(number)
                .fromNodeId(fromNodeId & 0xFFFF_FFFFL)
                .toNodeId(toNodeId & 0xFFFF_FFFFL)
                .sentNs(sentNs)
                .answeredNs(0);
        return sealed();
    }

    /** The answer to the probe that was judged last. */
    ByteBuffer answer(final long nowNs) {
        answer.wrapAndApplyHeader(outBuffer, 0, headerEncoder)
                .senderId(in.senderId())
                .number(in.number())
                .fromNodeId(in.fromNodeId())
                .toNodeId(in.toNodeId())
                .sentNs(in.sentNs())
                .answeredNs(nowNs);
        return sealed();
    }

    private ByteBuffer sealed() {
        seal.put(out, LENGTH);
        return outBytes.clear();
    }

    Verdict judge(final byte[] datagram, final int length) {
        if (length != out.length || datagram.length < length) {
            return Verdict.NOT_OURS;
        }
        inBuffer.wrap(datagram, 0, length);
        header.wrap(inBuffer, 0);
        final int template = header.templateId();
        if (header.schemaId() != ProbeDecoder.SCHEMA_ID
                || header.blockLength() != ProbeDecoder.BLOCK_LENGTH
                || (template != ProbeDecoder.TEMPLATE_ID && template != ProbeAnswerDecoder.TEMPLATE_ID)
                || !seal.isIntact(datagram, LENGTH)) {
            return Verdict.NOT_OURS;
        }
        in.wrap(inBuffer, MessageHeaderDecoder.ENCODED_LENGTH, ProbeDecoder.BLOCK_LENGTH, header.version());
        return template == ProbeDecoder.TEMPLATE_ID ? Verdict.PROBE : Verdict.ANSWER;
    }

    /** Of who asked. */
    long senderId() {
        return in.senderId();
    }

    /** Whether it is an answer to a probe of this process. */
    boolean isOurs() {
        return in.senderId() == senderId;
    }

    long number() {
        return in.number();
    }

    int fromNodeId() {
        return (int) in.fromNodeId();
    }

    int toNodeId() {
        return (int) in.toNodeId();
    }
}
