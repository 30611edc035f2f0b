package io.dragon.engine.cluster;

import io.aeron.ExclusivePublication;
import io.aeron.Image;
import io.aeron.cluster.codecs.CloseReason;
import io.aeron.cluster.service.ClientSession;
import io.aeron.cluster.service.Cluster;
import io.aeron.cluster.service.ClusteredService;
import io.aeron.logbuffer.Header;
import io.dragon.codecs.control.CommandAckEncoder;
import io.dragon.codecs.control.CommandRefusedEncoder;
import io.dragon.codecs.control.FencedEncoder;
import io.dragon.codecs.control.HeartbeatDecoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.RegisterDecoder;
import io.dragon.codecs.control.RegisteredEncoder;
import io.dragon.codecs.control.ResumeDecoder;
import io.dragon.codecs.control.ResumedEncoder;
import io.dragon.codecs.control.StatusQueryDecoder;
import io.dragon.codecs.control.StatusSummaryEncoder;
import io.dragon.codecs.control.TaskResultEncoder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Stands in for the sequencer: answers every sequenced command with a result of the task of that number, and can do wrong. */
final class EchoService implements ClusteredService {
    private static final class Known {
        private int id;
        private int incarnation;
        private long lastSeq;
        private long event;
        private ClientSession session;
        private final List<Long> results = new ArrayList<>();
        private final Map<Long, Long> eventOfResult = new HashMap<>();
    }

    private final Map<String, Known> byName = new HashMap<>();
    private final Map<Integer, Known> byId = new HashMap<>();
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[Party.MAX_LENGTH]);
    private final MessageHeaderDecoder headerDecoder = new MessageHeaderDecoder();
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final RegisterDecoder register = new RegisterDecoder();
    private final ResumeDecoder resume = new ResumeDecoder();
    private final StatusQueryDecoder query = new StatusQueryDecoder();

    /** Every so many commands an event is counted but not sent; 0: never. Set before the start. */
    int loseEveryEvent;

    /** Every so many commands one is refused as overloaded; 0: never. Set before the start. */
    int refuseEvery;

    /** Sends the results of one to all. Set before the start. */
    boolean isBroadcasting;

    /** So many registrations are not answered at first. Set before the start. */
    int ignoreRegisters;

    /** So many queries are not answered at first. Set before the start. */
    int ignoreQueries;

    final List<Long> registerIds = new CopyOnWriteArrayList<>();
    volatile boolean isFencing;
    volatile long commands;
    volatile int registrations;
    volatile long duplicates;
    volatile long outOfOrder;
    volatile long resumes;
    volatile long heartbeats;
    private long seen;

    @Override
    public void onStart(final Cluster cluster, final Image snapshotImage) {}

    @Override
    public void onSessionOpen(final ClientSession session, final long timestamp) {}

    @Override
    public void onSessionClose(final ClientSession session, final long timestamp, final CloseReason reason) {}

    @Override
    public void onTimerEvent(final long correlationId, final long timestamp) {}

    @Override
    public void onTakeSnapshot(final ExclusivePublication publication) {}

    @Override
    public void onRoleChange(final Cluster.Role newRole) {}

    @Override
    public void onTerminate(final Cluster cluster) {}

    @Override
    public void onSessionMessage(
            final ClientSession session,
            final long timestamp,
            final DirectBuffer message,
            final int offset,
            final int length,
            final Header h) {
        if (!ControlMessages.isWellFormed(message, offset, length)) {
            return;
        }
        switch (ControlMessages.templateId(message, offset)) {
            case RegisterDecoder.TEMPLATE_ID -> onRegister(session, message, offset);
            case StatusQueryDecoder.TEMPLATE_ID -> onQuery(session, message, offset);
            default -> onPartyMessage(session, message, offset);
        }
    }

    private void onRegister(final ClientSession session, final DirectBuffer message, final int offset) {
        register.wrapAndApplyHeader(message, offset, headerDecoder);
        registerIds.add(register.correlationId());
        if (registerIds.size() <= ignoreRegisters) {
            return;
        }
        final Known known = byName.computeIfAbsent(register.name(), name -> {
            final Known added = new Known();
            added.id = byName.size() + 1;
            byId.put(added.id, added);
            return added;
        });
        known.incarnation++;
        registrations++;
        known.results.clear();
        final RegisteredEncoder registered = new RegisteredEncoder();
        registered
                .wrapAndApplyHeader(buffer, 0, header)
                .correlationId(register.correlationId())
                .partyId(known.id)
                .incarnation(known.incarnation)
                .lastSeq(known.lastSeq)
                .lastEvent(known.event)
                .maxUnacknowledged(256)
                .maxOpenTasks(4_096)
                .kind(register.kind());
        session.offer(buffer, 0, ControlMessages.HEADER + registered.encodedLength());
    }

    private void onQuery(final ClientSession session, final DirectBuffer message, final int offset) {
        query.wrapAndApplyHeader(message, offset, headerDecoder);
        if (ignoreQueries-- > 0) {
            return;
        }
        final StatusSummaryEncoder summary = new StatusSummaryEncoder();
        summary.wrapAndApplyHeader(buffer, 0, header)
                .correlationId(query.correlationId())
                .commands(commands)
                .unservedCount(0);
        session.offer(buffer, 0, ControlMessages.HEADER + summary.encodedLength());
    }

    private void onPartyMessage(final ClientSession session, final DirectBuffer message, final int offset) {
        final Known known = byId.get(ControlMessages.senderPartyId(message, offset));
        final int incarnation = ControlMessages.senderIncarnation(message, offset);
        if (known == null || known.incarnation != incarnation || isFencing) {
            isFencing = false;
            if (known != null && known.incarnation == incarnation) {
                known.incarnation++;
            }
            final FencedEncoder fenced = new FencedEncoder();
            fenced.wrapAndApplyHeader(buffer, 0, header)
                    .partyId(ControlMessages.senderPartyId(message, offset))
                    .incarnation(incarnation);
            session.offer(buffer, 0, ControlMessages.HEADER + fenced.encodedLength());
            return;
        }
        final long lastEvent = message.getLong(offset + ControlMessages.HEADER + 16);
        known.results.removeIf(seq -> known.eventOfResult.get(seq) <= lastEvent);
        final long seq = ControlMessages.senderSeq(message, offset);
        final int templateId = ControlMessages.templateId(message, offset);
        if (templateId == ResumeDecoder.TEMPLATE_ID) {
            onResume(session, known, message, offset);
        } else if (templateId == HeartbeatDecoder.TEMPLATE_ID) {
            heartbeats++;
        } else if (seq > 0) {
            onCommand(session, known, seq);
        }
    }

    private void onResume(
            final ClientSession session, final Known known, final DirectBuffer message, final int offset) {
        resumes++;
        resume.wrapAndApplyHeader(message, offset, headerDecoder);
        known.event++;
        final ResumedEncoder resumed = new ResumedEncoder();
        resumed.wrapAndApplyHeader(buffer, 0, header).correlationId(resume.correlationId());
        send(session, known, ControlMessages.HEADER + resumed.encodedLength(), known.event);
        for (final long seq : List.copyOf(known.results)) {
            emitResult(session, known, seq, false);
        }
    }

    private void onCommand(final ClientSession session, final Known known, final long seq) {
        if (seq <= known.lastSeq) {
            duplicates++;
            final CommandAckEncoder ack = new CommandAckEncoder();
            ack.wrapAndApplyHeader(buffer, 0, header);
            send(session, known, ControlMessages.HEADER + ack.encodedLength(), 0);
            return;
        }
        seen++;
        final boolean isRefused = refuseEvery > 0 && seen % refuseEvery == 0;
        if (seq != known.lastSeq + 1 || isRefused) {
            outOfOrder++;
            final CommandRefusedEncoder refused = new CommandRefusedEncoder();
            refused.wrapAndApplyHeader(buffer, 0, header)
                    .seq(seq)
                    .expectedSeq(known.lastSeq + 1)
                    .retryAfterMs(isRefused ? 5 : 0)
                    .reason(isRefused ? Reason.OVERLOADED : Reason.OUT_OF_ORDER);
            send(session, known, ControlMessages.HEADER + refused.encodedLength(), 0);
            return;
        }
        known.lastSeq = seq;
        known.session = session;
        commands++;
        if (isBroadcasting) {
            for (final Known other : byId.values()) {
                if (other != known && other.session != null) {
                    emitResult(other.session, other, -seq, false);
                }
            }
        }
        known.results.add(seq);
        emitResult(session, known, seq, loseEveryEvent > 0 && seen % loseEveryEvent == 0);
    }

    private void emitResult(final ClientSession session, final Known known, final long seq, final boolean isLost) {
        known.event++;
        known.eventOfResult.put(seq, known.event);
        final TaskResultEncoder result = new TaskResultEncoder();
        result.wrapAndApplyHeader(buffer, 0, header).taskId(seq);
        result.outputsCount(0);
        result.putInlineResult(new byte[0], 0, 0).putErrorText(new byte[0], 0, 0);
        if (!isLost) {
            send(session, known, ControlMessages.HEADER + result.encodedLength(), known.event);
        }
    }

    private void send(final ClientSession session, final Known known, final int length, final long event) {
        final int recipient = ControlMessages.HEADER;
        buffer.putInt(recipient, known.id);
        buffer.putInt(recipient + 4, known.incarnation);
        buffer.putLong(recipient + 8, event);
        buffer.putLong(recipient + 16, known.lastSeq);
        for (int attempt = 0; attempt < 3; attempt++) {
            if (session.offer(buffer, 0, length) > 0) {
                return;
            }
        }
    }
}
