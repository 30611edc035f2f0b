package io.dragon.engine.cluster;

import io.dragon.codecs.control.AssignTaskDecoder;
import io.dragon.codecs.control.CompleteTaskDecoder;
import io.dragon.codecs.control.FramePublishedDecoder;
import io.dragon.codecs.control.FrameRefDecoder;
import io.dragon.codecs.control.GroupSizeEncodingDecoder;
import io.dragon.codecs.control.MasterPageDecoder;
import io.dragon.codecs.control.StampsDecoder;
import io.dragon.codecs.control.SubmitTaskDecoder;
import io.dragon.codecs.control.TaskResultDecoder;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Writes into events when this leader sequenced and assigned their tasks. A task that the sequencer made itself counts as
 * sequenced when the last of its inputs was.
 */
final class EventStamps {
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final int TASK_ID_SEQ_BITS = 40;

    private final StampTable table = new StampTable();

    void onCommand(final DirectBuffer buffer, final int offset, final int length, final long nowNs) {
        final int body = offset + ControlMessages.HEADER;
        switch (ControlMessages.templateId(buffer, offset)) {
            case SubmitTaskDecoder.TEMPLATE_ID -> {
                if (length >= ControlMessages.HEADER + SubmitTaskDecoder.BLOCK_LENGTH) {
                    final long partyId = ControlMessages.senderPartyId(buffer, offset) & 0xFF_FFFFL;
                    final long taskId = partyId << TASK_ID_SEQ_BITS | ControlMessages.senderSeq(buffer, offset);
                    if (!table.has(taskId)) { // a command sent again was sequenced when it first came
                        table.onSubmitted(taskId, nowNs);
                    }
                }
            }
            case FramePublishedDecoder.TEMPLATE_ID -> {
                if (length >= ControlMessages.HEADER + FramePublishedDecoder.BLOCK_LENGTH) {
                    onFrame(buffer, body + FramePublishedDecoder.frameEncodingOffset(), nowNs);
                }
            }
            case CompleteTaskDecoder.TEMPLATE_ID -> {
                final int group = body + ControlMessages.blockLength(buffer, offset);
                final int entryLength = groupEntryLength(buffer, group, offset + length);
                final int count = groupCount(buffer, group, offset + length, entryLength);
                for (int i = 0; i < count; i++) {
                    onFrame(buffer, group + GroupSizeEncodingDecoder.ENCODED_LENGTH + i * entryLength, nowNs);
                }
            }
            default -> {}
        }
    }

    void onEvent(final MutableDirectBuffer buffer, final int length, final long nowNs) {
        final int body = ControlMessages.HEADER;
        final int templateId = ControlMessages.templateId(buffer, 0);
        if (templateId == AssignTaskDecoder.TEMPLATE_ID) {
            final long taskId = buffer.getLong(body + AssignTaskDecoder.taskIdEncodingOffset(), ORDER);
            final int attempt = buffer.getShort(body + AssignTaskDecoder.attemptEncodingOffset(), ORDER) & 0xFFFF;
            if (!table.isAssigned(taskId, attempt)) {
                table.onAssigned(taskId, attempt, inputsSequencedNs(buffer, length), nowNs);
            }
            write(buffer, body + AssignTaskDecoder.stampsEncodingOffset(), taskId);
        } else if (templateId == TaskResultDecoder.TEMPLATE_ID) {
            final long taskId = buffer.getLong(body + TaskResultDecoder.taskIdEncodingOffset(), ORDER);
            write(buffer, body + TaskResultDecoder.stampsEncodingOffset(), taskId);
        }
    }

    /** What the sequencer's state cannot tell: it begins with a snapshot and knows nothing of it. */
    void onReply(final MutableDirectBuffer buffer, final long snapshotPosition) {
        if (ControlMessages.templateId(buffer, 0) == MasterPageDecoder.TEMPLATE_ID) {
            buffer.putLong(
                    ControlMessages.HEADER + MasterPageDecoder.snapshotPositionEncodingOffset(),
                    snapshotPosition,
                    ORDER);
        }
    }

    private void write(final MutableDirectBuffer buffer, final int stamps, final long taskId) {
        buffer.putLong(stamps + StampsDecoder.sequencedNsEncodingOffset(), table.sequencedNs(taskId), ORDER);
        buffer.putLong(stamps + StampsDecoder.assignedNsEncodingOffset(), table.assignedNs(taskId), ORDER);
    }

    private void onFrame(final DirectBuffer buffer, final int frame, final long nowNs) {
        table.onFrame(
                buffer.getLong(frame + FrameRefDecoder.poolIdEncodingOffset(), ORDER),
                buffer.getLong(frame + FrameRefDecoder.sequenceEncodingOffset(), ORDER),
                buffer.getInt(frame + FrameRefDecoder.slotEncodingOffset(), ORDER),
                nowNs);
    }

    private long inputsSequencedNs(final DirectBuffer buffer, final int length) {
        final int group = ControlMessages.HEADER + ControlMessages.blockLength(buffer, 0);
        final int entryLength = groupEntryLength(buffer, group, length);
        final int count = groupCount(buffer, group, length, entryLength);
        long latestNs = 0;
        for (int i = 0; i < count; i++) {
            final int frame = group + GroupSizeEncodingDecoder.ENCODED_LENGTH + i * entryLength;
            final long sequencedNs = table.frameNs(
                    buffer.getLong(frame + FrameRefDecoder.poolIdEncodingOffset(), ORDER),
                    buffer.getLong(frame + FrameRefDecoder.sequenceEncodingOffset(), ORDER),
                    buffer.getInt(frame + FrameRefDecoder.slotEncodingOffset(), ORDER));
            if (sequencedNs != 0 && (latestNs == 0 || sequencedNs - latestNs > 0)) {
                latestNs = sequencedNs;
            }
        }
        return latestNs;
    }

    private static int groupEntryLength(final DirectBuffer buffer, final int group, final int end) {
        return group + GroupSizeEncodingDecoder.ENCODED_LENGTH > end
                ? 0
                : buffer.getShort(group + GroupSizeEncodingDecoder.blockLengthEncodingOffset(), ORDER) & 0xFFFF;
    }

    /** The entries that are really there, each long enough for a frame's reference. */
    private static int groupCount(final DirectBuffer buffer, final int group, final int end, final int entryLength) {
        if (entryLength < FrameRefDecoder.ENCODED_LENGTH) {
            return 0;
        }
        final int announced =
                buffer.getShort(group + GroupSizeEncodingDecoder.numInGroupEncodingOffset(), ORDER) & 0xFFFF;
        return Math.min(announced, (end - group - GroupSizeEncodingDecoder.ENCODED_LENGTH) / entryLength);
    }
}
