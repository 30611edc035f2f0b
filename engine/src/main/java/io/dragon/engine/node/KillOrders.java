package io.dragon.engine.node;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.KillWorkerDecoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import org.agrona.DirectBuffer;
import org.agrona.collections.LongHashSet;

/**
 * Workers that hang for too long, as the sequencer tells their host: killed where they are supervised, otherwise told to people, once
 * for each incarnation. One thread.
 */
public final class KillOrders {
    private static final int MAX_TOLD = 1_024;

    private final Supervisor supervisor;
    private final NodeReports reports;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final KillWorkerDecoder killWorker = new KillWorkerDecoder();
    private final LongHashSet told = new LongHashSet();

    /**
     * Orders for a host.
     *
     * @param supervisor of its workers; null when nobody supervises any.
     * @param reports    where it is told.
     */
    public KillOrders(final Supervisor supervisor, final NodeReports reports) {
        this.supervisor = supervisor;
        this.reports = reports;
    }

    /**
     * Takes an event; others than KillWorker, and malformed ones, are left alone.
     *
     * @param templateId of the message.
     * @param buffer     holds it.
     * @param offset     of its SBE header.
     * @param length     of the message with its header, bytes.
     */
    public void onEvent(final int templateId, final DirectBuffer buffer, final int offset, final int length) {
        if (templateId != KillWorkerDecoder.TEMPLATE_ID
                || length < MessageHeaderDecoder.ENCODED_LENGTH + KillWorkerDecoder.BLOCK_LENGTH) {
            return;
        }
        killWorker.wrapAndApplyHeader(buffer, offset, header);
        final int workerId = (int) killWorker.workerId();
        final int incarnation = (int) killWorker.workerIncarnation();
        final long processId = killWorker.processId();
        final long hungMs = killWorker.hungMs();
        if (supervisor == null || !supervisor.kill(workerId, incarnation, processId, hungMs)) {
            tell(workerId, incarnation, processId, hungMs);
        }
    }

    private void tell(final int workerId, final int incarnation, final long processId, final long hungMs) {
        if (told.size() >= MAX_TOLD) {
            told.clear();
        }
        if (told.add((long) workerId << 32 | incarnation & 0xFFFF_FFFFL)) {
            reports.incident(
                    IncidentKind.WORKER_HUNG,
                    IncidentRule.HANG_KILL_AFTER,
                    workerId,
                    hungMs,
                    "process " + processId + " hangs and nobody supervises it: end it with kill -9 " + processId);
        }
    }
}
