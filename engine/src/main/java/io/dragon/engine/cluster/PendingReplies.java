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
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Questions asked by a session and not answered yet, by correlation id. What only looks is asked again when no answer comes: a leader that
 * ends takes questions with it, and an answer may find no room.
 */
final class PendingReplies {
    /** One page; under several correlation ids when it was asked for several times, of which the first answer counts. */
    private static final class Question {
        private final ReplyListener listener;
        private final int section;
        private final long afterId;
        private final long deadlineNs;
        private long askedNs;
        private boolean isDone;

        private Question(final ReplyListener listener, final int section, final long afterId, final long deadlineNs) {
            this.listener = listener;
            this.section = section;
            this.afterId = afterId;
            this.deadlineNs = deadlineNs;
        }
    }

    private static final int ANY_SECTION = -1;

    /** So often is a question asked before it is given up. */
    private static final int TIMES_ASKED = 5;

    private final Long2ObjectHashMap<Question> questions = new Long2ObjectHashMap<>();
    private final List<Question> unsent = new ArrayList<>();
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
        questions.put(correlationId, new Question(listener, ANY_SECTION, 0, session.nowNs() + timeoutNs));
        return correlationId;
    }

    void query(final int section, final long afterId, final ReplyListener listener) {
        ask(new Question(listener, section, afterId, session.nowNs() + timeoutNs));
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
        if (questions.isEmpty() && unsent.isEmpty()) {
            return 0;
        }
        int workCount = 0;
        for (final Iterator<Question> each = unsent.iterator(); each.hasNext(); ) {
            final Question question = each.next();
            if (isOver(question, nowNs) || send(question)) {
                each.remove();
                workCount++;
            }
        }
        for (final long correlationId : questions.keySet().toArray(new Long[0])) {
            final Question question = questions.get(correlationId);
            if (question.isDone || isOver(question, nowNs)) {
                questions.remove(correlationId);
                workCount++;
            } else if (question.section != ANY_SECTION && nowNs - question.askedNs >= timeoutNs / TIMES_ASKED) {
                send(question);
            }
        }
        return workCount;
    }

    private static boolean isOver(final Question question, final long nowNs) {
        if (nowNs - question.deadlineNs < 0) {
            return false;
        }
        question.isDone = true;
        question.listener.onEnd(false);
        return true;
    }

    void onReply(final int templateId, final DirectBuffer buffer, final int offset, final int length) {
        final long correlationId = buffer.getLong(offset + ControlMessages.HEADER, ByteOrder.LITTLE_ENDIAN);
        final Question question = questions.remove(correlationId);
        if (question == null || question.isDone) {
            return;
        }
        question.isDone = true;
        question.listener.onReply(templateId, buffer, offset, length);
        final long lastId = templateId == LinkPageDecoder.TEMPLATE_ID
                ? toldIfMore(question.afterId, buffer, offset)
                : lastIdIfMore(templateId, buffer, offset, offset + length);
        if (lastId == 0 || question.section == ANY_SECTION) {
            question.listener.onEnd(true);
        } else {
            ask(new Question(question.listener, question.section, lastId, session.nowNs() + timeoutNs));
        }
    }

    void close() {
        unsent.addAll(questions.values());
        questions.clear();
        for (final Question question : unsent) {
            if (!question.isDone) {
                question.isDone = true;
                question.listener.onEnd(false);
            }
        }
        unsent.clear();
    }

    private void ask(final Question question) {
        if (!send(question)) {
            unsent.add(question);
        }
    }

    private boolean send(final Question question) {
        final long correlationId = session.nextCorrelationId();
        question.askedNs = session.nowNs();
        final boolean isSent = session.sendStatusQuery(correlationId, question.section, question.afterId);
        if (isSent) {
            questions.put(correlationId, question);
        }
        return isSent;
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
            case NodePageDecoder.TEMPLATE_ID, WorkerPageDecoder.TEMPLATE_ID -> 3;
            case IncidentPageDecoder.TEMPLATE_ID, SupervisedPageDecoder.TEMPLATE_ID, MasterPageDecoder.TEMPLATE_ID -> 2;
            default -> 0;
        };
    }

    private static int u16(final DirectBuffer buffer, final int index) {
        return buffer.getShort(index, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
    }
}
