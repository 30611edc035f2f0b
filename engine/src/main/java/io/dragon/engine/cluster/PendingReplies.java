package io.dragon.engine.cluster;

import io.dragon.codecs.control.CameraPageDecoder;
import io.dragon.codecs.control.CamerasAllocatedDecoder;
import io.dragon.codecs.control.NodePageDecoder;
import io.dragon.codecs.control.StatusSummaryDecoder;
import io.dragon.codecs.control.WorkerPageDecoder;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;

/** Questions asked by a session and not answered yet, by correlation id. */
final class PendingReplies {
    private record Question(ReplyListener listener, int section, long afterId, long deadlineNs, boolean isSent) {}

    private static final int ANY_SECTION = -1;

    private final Long2ObjectHashMap<Question> questions = new Long2ObjectHashMap<>();
    private final ClusterSession session;
    private final long timeoutNs;

    PendingReplies(final ClusterSession session, final long timeoutNs) {
        this.session = session;
        this.timeoutNs = timeoutNs;
    }

    static boolean isReply(final int templateId) {
        return switch (templateId) {
            case StatusSummaryDecoder.TEMPLATE_ID,
                    WorkerPageDecoder.TEMPLATE_ID,
                    NodePageDecoder.TEMPLATE_ID,
                    CameraPageDecoder.TEMPLATE_ID,
                    CamerasAllocatedDecoder.TEMPLATE_ID -> true;
            default -> false;
        };
    }

    long expect(final ReplyListener listener) {
        final long correlationId = session.nextCorrelationId();
        questions.put(correlationId, new Question(listener, ANY_SECTION, 0, session.nowNs() + timeoutNs, true));
        return correlationId;
    }

    void query(final int section, final ReplyListener listener) {
        ask(new Question(listener, section, 0, session.nowNs() + timeoutNs, false));
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
        final long lastId = lastIdIfMore(templateId, buffer, offset);
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

    private static long lastIdIfMore(final int templateId, final DirectBuffer buffer, final int offset) {
        final int body = offset + ControlMessages.HEADER;
        final int blockLength = ControlMessages.blockLength(buffer, offset);
        long lastId = 0;
        switch (templateId) {
            case WorkerPageDecoder.TEMPLATE_ID -> {
                final WorkerPageDecoder page =
                        new WorkerPageDecoder().wrap(buffer, body, blockLength, WorkerPageDecoder.SCHEMA_VERSION);
                if (page.hasMore() == 1) {
                    for (final WorkerPageDecoder.WorkersDecoder worker : page.workers()) {
                        lastId = worker.partyId();
                        worker.skipName();
                        worker.skipDevice();
                    }
                }
            }
            case NodePageDecoder.TEMPLATE_ID -> {
                final NodePageDecoder page =
                        new NodePageDecoder().wrap(buffer, body, blockLength, NodePageDecoder.SCHEMA_VERSION);
                if (page.hasMore() == 1) {
                    for (final NodePageDecoder.NodesDecoder node : page.nodes()) {
                        lastId = node.partyId();
                        node.skipName();
                        node.skipHost();
                    }
                }
            }
            case CameraPageDecoder.TEMPLATE_ID -> {
                final CameraPageDecoder page =
                        new CameraPageDecoder().wrap(buffer, body, blockLength, CameraPageDecoder.SCHEMA_VERSION);
                if (page.hasMore() == 1) {
                    for (final CameraPageDecoder.CamerasDecoder camera : page.cameras()) {
                        lastId = camera.partyId();
                        camera.skipName();
                    }
                }
            }
            default -> lastId = 0;
        }
        return lastId;
    }
}
