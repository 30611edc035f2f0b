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
import java.util.function.LongSupplier;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.NanoClock;

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

    /** What sends a question; false when it was not taken. */
    @FunctionalInterface
    interface Asker {
        boolean ask(long correlationId, int section, long afterId);
    }

    private static final int ANY_SECTION = -1;
    private static final long NO_MORE = 0;

    /** More follows, and nobody can tell after what. */
    private static final long BROKEN = -1;

    /** So often is a question asked before it is given up. */
    private static final int TIMES_ASKED = 5;

    private final Long2ObjectHashMap<Question> questions = new Long2ObjectHashMap<>();
    private final List<Question> unsent = new ArrayList<>();
    private final LongSupplier correlationIds;
    private final NanoClock clock;
    private final Asker asker;
    private final Consumer<Runnable> guard;
    private final long timeoutNs;
    private Consumer<String> snapshotAnswer;
    private long snapshotRequest;

    /** {@code guard} calls a listener, and keeps what that throws. */
    PendingReplies(
            final LongSupplier correlationIds,
            final NanoClock clock,
            final Asker asker,
            final Consumer<Runnable> guard,
            final long timeoutNs) {
        this.correlationIds = correlationIds;
        this.clock = clock;
        this.asker = asker;
        this.guard = guard;
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
        final long correlationId = correlationIds.getAsLong();
        questions.put(correlationId, new Question(listener, ANY_SECTION, 0, clock.nanoTime() + timeoutNs));
        return correlationId;
    }

    void query(final int section, final long afterId, final ReplyListener listener) {
        ask(new Question(listener, section, afterId, clock.nanoTime() + timeoutNs));
    }

    void requestSnapshot(final Consumer<String> answer, final ClusterConnection connection) {
        snapshotRequest = correlationIds.getAsLong();
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
            guard.accept(() -> answer.accept(refusal == null ? "" : refusal));
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
        long next = BROKEN;
        try {
            question.listener.onReply(templateId, buffer, offset, length);
            next = question.section == ANY_SECTION ? NO_MORE : next(question, templateId, buffer, offset, length);
        } finally {
            if (next <= NO_MORE) { // whoever asked waits for it, also where a listener has failed
                question.listener.onEnd(next == NO_MORE);
            }
        }
        if (next > NO_MORE) {
            ask(new Question(question.listener, question.section, next, clock.nanoTime() + timeoutNs));
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
        final long correlationId = correlationIds.getAsLong();
        question.askedNs = clock.nanoTime();
        final boolean isSent = asker.ask(correlationId, question.section, question.afterId);
        if (isSent) {
            questions.put(correlationId, question);
        }
        return isSent;
    }

    /**
     * After what the next page begins. Every page begins alike: the correlation id, hasMore, then one group. Its entries begin with what they
     * are numbered by; links are told by how many they are.
     */
    private static long next(
            final Question question,
            final int templateId,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        final boolean isOfLinks = templateId == LinkPageDecoder.TEMPLATE_ID;
        final int body = offset + ControlMessages.HEADER;
        if (!isOfLinks && strings(templateId) == 0 || buffer.getByte(body + Long.BYTES) != 1) {
            return NO_MORE;
        }
        final int group = body + ControlMessages.blockLength(buffer, offset);
        final long next = isOfLinks
                ? question.afterId + u16(buffer, group + Short.BYTES)
                : lastId(strings(templateId), buffer, group, offset + length);
        return next > question.afterId ? next : BROKEN; // the same page would come again and again
    }

    private static long lastId(final int strings, final DirectBuffer buffer, final int group, final int end) {
        final int entryLength = u16(buffer, group);
        final int count = u16(buffer, group + Short.BYTES);
        int at = group + 2 * Short.BYTES;
        long lastId = BROKEN;
        for (int i = 0; i < count; i++) {
            if (at + entryLength > end) {
                return BROKEN;
            }
            lastId = buffer.getInt(at, ByteOrder.LITTLE_ENDIAN) & 0xFFFF_FFFFL;
            at += entryLength;
            for (int s = 0; s < strings; s++) {
                if (at + Short.BYTES > end) {
                    return BROKEN;
                }
                at += Short.BYTES + u16(buffer, at);
            }
        }
        return at > end ? BROKEN : lastId;
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
