package io.dragon.engine.cluster;

import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.RecipientDecoder;
import io.dragon.codecs.control.SenderDecoder;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** Offsets that every message shares, so that a session and the sequencer's shell need not know the message. */
final class ControlMessages {
    static final int HEADER = MessageHeaderDecoder.ENCODED_LENGTH;
    static final int SENDER_END = HEADER + SenderDecoder.ENCODED_LENGTH;
    static final int RECIPIENT_END = HEADER + RecipientDecoder.ENCODED_LENGTH;

    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private ControlMessages() {}

    /** Whether the header is whole, ours, and followed by the block that it announces. */
    static boolean isWellFormed(final DirectBuffer buffer, final int offset, final int length) {
        return length >= HEADER
                && schemaId(buffer, offset) == MessageHeaderDecoder.SCHEMA_ID
                && length >= HEADER + blockLength(buffer, offset);
    }

    static int blockLength(final DirectBuffer buffer, final int offset) {
        return buffer.getShort(offset + MessageHeaderDecoder.blockLengthEncodingOffset(), ORDER) & 0xFFFF;
    }

    static int templateId(final DirectBuffer buffer, final int offset) {
        return buffer.getShort(offset + MessageHeaderDecoder.templateIdEncodingOffset(), ORDER) & 0xFFFF;
    }

    static int version(final DirectBuffer buffer, final int offset) {
        return buffer.getShort(offset + MessageHeaderDecoder.versionEncodingOffset(), ORDER) & 0xFFFF;
    }

    static int schemaId(final DirectBuffer buffer, final int offset) {
        return buffer.getShort(offset + MessageHeaderDecoder.schemaIdEncodingOffset(), ORDER) & 0xFFFF;
    }

    static void sender(
            final MutableDirectBuffer buffer,
            final int offset,
            final int partyId,
            final int incarnation,
            final long seq,
            final long lastEvent) {
        final int sender = offset + HEADER;
        buffer.putInt(sender + SenderDecoder.partyIdEncodingOffset(), partyId, ORDER);
        buffer.putInt(sender + SenderDecoder.incarnationEncodingOffset(), incarnation, ORDER);
        buffer.putLong(sender + SenderDecoder.seqEncodingOffset(), seq, ORDER);
        buffer.putLong(sender + SenderDecoder.lastEventEncodingOffset(), lastEvent, ORDER);
    }

    static int senderPartyId(final DirectBuffer buffer, final int offset) {
        return buffer.getInt(offset + HEADER + SenderDecoder.partyIdEncodingOffset(), ORDER);
    }

    static int senderIncarnation(final DirectBuffer buffer, final int offset) {
        return buffer.getInt(offset + HEADER + SenderDecoder.incarnationEncodingOffset(), ORDER);
    }

    static long senderSeq(final DirectBuffer buffer, final int offset) {
        return buffer.getLong(offset + HEADER + SenderDecoder.seqEncodingOffset(), ORDER);
    }

    static int recipientPartyId(final DirectBuffer buffer, final int offset) {
        return buffer.getInt(offset + HEADER + RecipientDecoder.partyIdEncodingOffset(), ORDER);
    }

    static int recipientIncarnation(final DirectBuffer buffer, final int offset) {
        return buffer.getInt(offset + HEADER + RecipientDecoder.incarnationEncodingOffset(), ORDER);
    }

    static long recipientEvent(final DirectBuffer buffer, final int offset) {
        return buffer.getLong(offset + HEADER + RecipientDecoder.eventEncodingOffset(), ORDER);
    }

    static long recipientAckSeq(final DirectBuffer buffer, final int offset) {
        return buffer.getLong(offset + HEADER + RecipientDecoder.ackSeqEncodingOffset(), ORDER);
    }
}
