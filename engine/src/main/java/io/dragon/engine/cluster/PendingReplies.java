package io.dragon.engine.cluster;

import io.dragon.codecs.control.CameraPageDecoder;
import io.dragon.codecs.control.CamerasAllocatedDecoder;
import io.dragon.codecs.control.IncidentPageDecoder;
import io.dragon.codecs.control.LinkPageDecoder;
import io.dragon.codecs.control.MasterPageDecoder;
import io.dragon.codecs.control.NodePageDecoder;
import io.dragon.codecs.control.RoutesOptimizedDecoder;
import io.dragon.codecs.control.StatusSummaryDecoder;
import io.dragon.codecs.control.SupervisedPageDecoder;
import io.dragon.codecs.control.WorkerPageDecoder;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;

/** Questions asked by a session and not answered yet, by correlation id. */
final class PendingReplies {
    private record Question(ReplyListener listener, int section, long afterId, long deadlineNs, boolean isSent) {}

    private static final int ANY_SECTION = -1;

    private final Long2ObjectHashMap<Question> questions = new Long2ObjectHashMap<>();
    private final ClusterSession session;
    private final long timeoutNs;
    private Consumer<String> snapshotAnswer;
    private long snapshotRequest;

    PendingReplies(final ClusterSession session, final long timeoutNs) {
        this.session = session;
        this.timeoutNs = timeoutNs;
    }

    static boolean isReply(final int templateId) {
        return templateId == StatusSummaryDecoder.TEMPLATE_ID
                || templateId == CamerasAllocatedDecoder.TEMPLATE_ID
                || templateId == RoutesOptimizedDecoder.TEMPLATE_ID
                || templateId == LinkPageDecoder.TEMPLATE_ID
                || strings(templateId) > 0;
    }

    long expect(final ReplyListener listener) {
        final long correlationId = session.nextCorrelationId();
        questions.put(correlationId, new Question(listener, ANY_SECTION, 0, session.nowNs() + timeoutNs, true));
        return correlationId;
    }

    void query(final int section, final long afterId, final ReplyListener listener) {
        ask(new Question(listener, section, afterId, session.nowNs() + timeoutNs, false));
    }

    void requestSnapshot(final Consumer<String> answer, final ClusterConnection connection) {
        snapshotRequest = session.nextCorrelationId();
        snapshotAnswer = answer;
        if (!connection.requestSnapshot(snapshotRequest)) {
            onAdminResponse(
                    snapshotRequest,
                    connection.isConnected() ? "the leader takes no more messages" : connection.state());
        }
    }

    void onAdminResponse(final long correlationId, final String refusal) {
        if (snapshotAnswer != null && correlationId == snapshotRequest) {
            final Consumer<String> answer = snapshotAnswer;
            snapshotAnswer = null;
            session.guard(() -> answer.accept(refusal == null ? "" : refusal));
        }
    }

    int poll(final long nowNs) {
        if (questions.isEmpty()) {
            return 0;
        }
        int workCount = 0;
        for (final long correlationId : questions.keySet().toArray(new Long[0])) {
            final Question question = questions.get(correlationId);
            if (nowNs - question.deadlineNs() >= 0) {
                questions.remove(correlationId);
                question.listener().onEnd(false);
                workCount++;
            } else if (!question.isSent()) {
                questions.remove(correlationId);
                ask(question);
            }
        }
        return workCount;
    }

    void onReply(final int templateId, final DirectBuffer buffer, final int offset, final int length) {
        final long correlationId = buffer.getLong(offset + ControlMessages.HEADER, ByteOrder.LITTLE_ENDIAN);
        final Question question = questions.remove(correlationId);
        if (question == null) {
            return;
        }
        question.listener().onReply(templateId, buffer, offset, length);
        final long lastId = templateId == LinkPageDecoder.TEMPLATE_ID
                ? toldIfMore(question.afterId(), buffer, offset)
                : lastIdIfMore(templateId, buffer, offset, offset + length);
        if (lastId == 0 || question.section() == ANY_SECTION) {
            question.listener().onEnd(true);
        } else {
            ask(new Question(question.listener(), question.section(), lastId, session.nowNs() + timeoutNs, false));
        }
    }

    void close() {
        for (final Question question : questions.values()) {
            question.listener().onEnd(false);
        }
        questions.clear();
    }

    private void ask(final Question question) {
        final long correlationId = session.nextCorrelationId();
        final boolean isSent = session.sendStatusQuery(correlationId, question.section(), question.afterId());
        questions.put(
                correlationId,
                new Question(
                        question.listener(), question.section(), question.afterId(), question.deadlineNs(), isSent));
    }

    /** Every page begins alike: the correlation id, hasMore, then one group whose entries begin with what they are numbered by. */
    private static long lastIdIfMore(final int templateId, final DirectBuffer buffer, final int offset, final int end) {
        final int strings = strings(templateId);
        final int body = offset + ControlMessages.HEADER;
        if (strings == 0 || buffer.getByte(body + Long.BYTES) != 1) {
            return 0;
        }
        int at = body + ControlMessages.blockLength(buffer, offset);
        final int entryLength = u16(buffer, at);
        final int count = u16(buffer, at + Short.BYTES);
        at += 2 * Short.BYTES;
        long lastId = 0;
        for (int i = 0; i < count && at + entryLength <= end; i++) {
            lastId = buffer.getInt(at, ByteOrder.LITTLE_ENDIAN) & 0xFFFF_FFFFL;
            at += entryLength;
            for (int s = 0; s < strings; s++) {
                at += Short.BYTES + u16(buffer, at);
            }
        }
        return lastId;
    }

    /** Links are told by how many they are; 0 when no more follow. */
    private static long toldIfMore(final long before, final DirectBuffer buffer, final int offset) {
        final int body = offset + ControlMessages.HEADER;
        final int at = body + ControlMessages.blockLength(buffer, offset);
        return buffer.getByte(body + Long.BYTES) == 1 ? before + u16(buffer, at + Short.BYTES) : 0;
    }

    /** Strings of an entry; 0 for what is no page by ids. */
    private static int strings(final int templateId) {
        return switch (templateId) {
            case CameraPageDecoder.TEMPLATE_ID -> 1;
            case NodePageDecoder.TEMPLATE_ID -> 3;
            case WorkerPageDecoder.TEMPLATE_ID,
                    IncidentPageDecoder.TEMPLATE_ID,
                    SupervisedPageDecoder.TEMPLATE_ID,
                    MasterPageDecoder.TEMPLATE_ID -> 2;
            default -> 0;
        };
    }

    private static int u16(final DirectBuffer buffer, final int index) {
        return buffer.getShort(index, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
    }
}
