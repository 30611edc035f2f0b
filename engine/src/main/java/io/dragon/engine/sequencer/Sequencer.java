package io.dragon.engine.sequencer;

import io.dragon.codecs.control.AllocateCamerasDecoder;
import io.dragon.codecs.control.CancelTaskDecoder;
import io.dragon.codecs.control.CloseJobDecoder;
import io.dragon.codecs.control.CompleteTaskDecoder;
import io.dragon.codecs.control.DeviceReportDecoder;
import io.dragon.codecs.control.FramePublishedDecoder;
import io.dragon.codecs.control.HeartbeatDecoder;
import io.dragon.codecs.control.LinkReportDecoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.NodeReportDecoder;
import io.dragon.codecs.control.OptimizeRoutesDecoder;
import io.dragon.codecs.control.PartyDeadDecoder;
import io.dragon.codecs.control.PoolOrphanedDecoder;
import io.dragon.codecs.control.PoolQueryDecoder;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.RegisterDecoder;
import io.dragon.codecs.control.RegisterJobDecoder;
import io.dragon.codecs.control.RegisterPoolDecoder;
import io.dragon.codecs.control.RegisterTaskTypeDecoder;
import io.dragon.codecs.control.ReportIncidentDecoder;
import io.dragon.codecs.control.ReportWorkerDecoder;
import io.dragon.codecs.control.ResumeDecoder;
import io.dragon.codecs.control.RouteQueryDecoder;
import io.dragon.codecs.control.SenderDecoder;
import io.dragon.codecs.control.StatusQueryDecoder;
import io.dragon.codecs.control.SubmitTaskDecoder;
import io.dragon.codecs.control.UnregisterDecoder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** The state machine that decides who works on what. Single-threaded and deterministic. */
public final class Sequencer {
    /** Changes with every change of the logic; a snapshot of another version is refused. */
    public static final int APP_VERSION = 11;

    /** No message in or out is longer, header included: bytes. */
    public static final int MAX_MESSAGE_LENGTH = 1344;

    private static final int HEADER = MessageHeaderDecoder.ENCODED_LENGTH;

    private final Core core;
    private final Shapes shapes = new Shapes();
    private final Status status;
    private final SnapshotWriter writer;
    private final SnapshotReader reader;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final SenderDecoder sender = new SenderDecoder();
    private final RegisterDecoder register = new RegisterDecoder();
    private final HeartbeatDecoder heartbeat = new HeartbeatDecoder();
    private final ResumeDecoder resume = new ResumeDecoder();
    private final RegisterTaskTypeDecoder registerType = new RegisterTaskTypeDecoder();
    private final SubmitTaskDecoder submit = new SubmitTaskDecoder();
    private final CancelTaskDecoder cancel = new CancelTaskDecoder();
    private final CompleteTaskDecoder complete = new CompleteTaskDecoder();
    private final RegisterPoolDecoder registerPool = new RegisterPoolDecoder();
    private final FramePublishedDecoder publish = new FramePublishedDecoder();
    private final PoolOrphanedDecoder orphaned = new PoolOrphanedDecoder();
    private final RegisterJobDecoder registerJob = new RegisterJobDecoder();
    private final CloseJobDecoder closeJob = new CloseJobDecoder();
    private final AllocateCamerasDecoder allocate = new AllocateCamerasDecoder();
    private final PartyDeadDecoder dead = new PartyDeadDecoder();
    private final ReportIncidentDecoder reportIncident = new ReportIncidentDecoder();
    private final ReportWorkerDecoder reportWorker = new ReportWorkerDecoder();
    private final StatusQueryDecoder query = new StatusQueryDecoder();
    private final NodeReportDecoder nodeReport = new NodeReportDecoder();
    private final LinkReportDecoder linkReport = new LinkReportDecoder();
    private final DeviceReportDecoder deviceReport = new DeviceReportDecoder();
    private final RouteQueryDecoder routeQuery = new RouteQueryDecoder();
    private final PoolQueryDecoder poolQuery = new PoolQueryDecoder();
    private final OptimizeRoutesDecoder optimizeRoutes = new OptimizeRoutesDecoder();

    /**
     * A sequencer without any state.
     *
     * @param config what holds until a Settings message or a snapshot brings others: the same on every replica, and at every
     *               start, so nothing that a user can change; concluded and copied here
     * @param sink   where events and replies go
     */
    public Sequencer(final SequencerConfig config, final EventSink sink) {
        core = new Core(Settings.copy(config), sink);
        status = new Status(core);
        writer = new SnapshotWriter(core);
        reader = new SnapshotReader(core, writer);
    }

    /**
     * Takes one sequenced message. Malformed ones are counted and ignored; nothing is ever thrown because of a message's
     * content.
     *
     * @param sessionId     the session it came over, for replies
     * @param buffer        holds the message, SBE header included
     * @param offset        of the header
     * @param length        bytes with the header
     * @param clusterTimeMs cluster time, milliseconds
     */
    public void onCommand(
            final long sessionId,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final long clusterTimeMs) {
        core.advance(clusterTimeMs);
        core.routes.refresh();
        core.session = sessionId;
        core.increment(Counters.COMMANDS);
        if (length < HEADER || length > MAX_MESSAGE_LENGTH) {
            core.increment(Counters.MALFORMED);
        } else {
            header.wrap(buffer, offset);
            take(buffer, offset + HEADER, offset + length);
        }
        endStep();
    }

    /**
     * Takes settings from the log: those of the leader, which hold from here on. For what the masters themselves put into the
     * log only: a Settings message that comes as a command is ignored as a malformed one.
     *
     * @param buffer        holds the Settings message, SBE header included
     * @param offset        of the header
     * @param length        bytes with the header
     * @param clusterTimeMs cluster time, milliseconds
     */
    public void onSettings(final DirectBuffer buffer, final int offset, final int length, final long clusterTimeMs) {
        core.advance(clusterTimeMs);
        core.routes.refresh();
        final SequencerConfig settings = Settings.decode(buffer, offset, length);
        if (settings == null) {
            core.increment(Counters.MALFORMED);
        } else {
            final SequencerConfig before = core.config;
            core.config = settings;
            core.types.onSettings();
            core.incidents.onSettings();
            core.faults.term(before, settings);
        }
        endStep();
    }

    /**
     * Encodes the message for {@link #onSettings}.
     *
     * @param config           what to put into the log; not changed
     * @param memberId         the member of the masters that puts it there
     * @param leadershipTermId the leadership term that it begins
     * @param buffer of {@link #MAX_MESSAGE_LENGTH} bytes; written from its beginning
     * @return bytes with the SBE header
     * @throws IllegalStateException naming the values that contradict each other
     */
    public static int encodeSettings(
            final SequencerConfig config,
            final int memberId,
            final int leadershipTermId,
            final MutableDirectBuffer buffer) {
        final SequencerConfig settings = Settings.copy(config)
                .set(Setting.MEMBER_ID, memberId)
                .set(Setting.LEADERSHIP_TERM_ID, leadershipTermId);
        return Settings.encode(settings, buffer);
    }

    /**
     * The period of the tick that holds now.
     *
     * @return milliseconds of cluster time
     */
    public long tickMs() {
        return core.config.tickMs;
    }

    private void take(final DirectBuffer buffer, final int body, final int end) {
        final int id = header.templateId();
        if (header.schemaId() != MessageHeaderDecoder.SCHEMA_ID || !shapes.isCommand(id)) {
            core.increment(Counters.MALFORMED);
            return;
        }
        final boolean fits = shapes.fits(id, buffer, body, header.blockLength(), end);
        if (id == RegisterDecoder.TEMPLATE_ID || id == StatusQueryDecoder.TEMPLATE_ID) {
            if (!fits) {
                core.increment(Counters.MALFORMED);
            } else if (id == RegisterDecoder.TEMPLATE_ID) {
                core.parties.register(register.wrap(buffer, body, header.blockLength(), header.version()));
            } else {
                status.answer(query.wrap(buffer, body, header.blockLength(), header.version()));
            }
            return;
        }
        if (end - body < SenderDecoder.ENCODED_LENGTH) {
            core.increment(Counters.MALFORMED);
            return;
        }
        if (!fits) {
            core.increment(Counters.MALFORMED);
        }
        sender.wrap(buffer, body);
        final int partyId = (int) sender.partyId();
        final Party party = core.parties.get(partyId);
        final int incarnation = (int) sender.incarnation();
        if (party == null || !party.isAlive || party.incarnation != incarnation) {
            core.parties.fence(partyId, incarnation, party);
            return;
        }
        party.heardMs = core.upMs();
        core.parties.bind(party);
        core.egress.acknowledge(party, sender.lastEvent());
        if (!isUnsequenced(id)) {
            takeSequenced(party, id, fits, buffer, body);
        } else if (fits) {
            takeUnsequenced(party, id, buffer, body);
        }
    }

    /** What is sent again and again anyway, and what is answered at once: the last one counts, and none has a number. */
    private static boolean isUnsequenced(final int id) {
        return switch (id) {
            case HeartbeatDecoder.TEMPLATE_ID,
                    ResumeDecoder.TEMPLATE_ID,
                    NodeReportDecoder.TEMPLATE_ID,
                    LinkReportDecoder.TEMPLATE_ID,
                    DeviceReportDecoder.TEMPLATE_ID,
                    RouteQueryDecoder.TEMPLATE_ID,
                    PoolQueryDecoder.TEMPLATE_ID -> true;
            default -> false;
        };
    }

    private void takeUnsequenced(final Party party, final int id, final DirectBuffer buffer, final int body) {
        final int block = header.blockLength();
        final int version = header.version();
        switch (id) {
            case HeartbeatDecoder.TEMPLATE_ID -> core.parties.heartbeat(
                    party, heartbeat.wrap(buffer, body, block, version));
            case NodeReportDecoder.TEMPLATE_ID -> core.topology.report(
                    party, nodeReport.wrap(buffer, body, block, version));
            case LinkReportDecoder.TEMPLATE_ID -> core.topology.report(
                    party, linkReport.wrap(buffer, body, block, version));
            case DeviceReportDecoder.TEMPLATE_ID -> core.devices.report(
                    party, deviceReport.wrap(buffer, body, block, version));
            case RouteQueryDecoder.TEMPLATE_ID -> core.answers.routes(
                    party, routeQuery.wrap(buffer, body, block, version));
            case PoolQueryDecoder.TEMPLATE_ID -> core.answers.pool(party, poolQuery.wrap(buffer, body, block, version));
            default -> core.egress.resume(
                    party, resume.wrap(buffer, body, block, version).correlationId());
        }
    }

    /** Only the next number is taken; a lower one is acknowledged again. */
    private void takeSequenced(
            final Party party, final int id, final boolean fits, final DirectBuffer buffer, final int body) {
        final long seq = sender.seq();
        final boolean isUrgent = fits && party.kind == Party.CLIENT && isUrgent(id);
        if (seq == 0 && isUrgent) {
            core.egress.touch(party);
            apply(party, id, buffer, body);
        } else if (seq <= party.lastSeq) {
            core.egress.acknowledgeAgain(party);
        } else if (seq != party.lastSeq + 1) {
            takeAhead(party, id, seq, isUrgent, buffer, body);
        } else if (isOverloaded(party, id)) {
            core.egress.refuse(party, seq, Reason.OVERLOADED.value(), core.config.get(Setting.RETRY_AFTER_MS));
        } else {
            party.lastSeq = seq;
            core.egress.touch(party);
            if (fits) {
                apply(party, id, buffer, body);
            } else if (id == SubmitTaskDecoder.TEMPLATE_ID && party.kind == Party.CLIENT) {
                core.tasks.submitMalformed(party, seq);
            } else if (id == RegisterJobDecoder.TEMPLATE_ID && party.kind == Party.CLIENT) {
                core.jobs.refuse(party, Tasks.id(party.id, seq), Reason.MALFORMED);
            }
        }
    }

    /** Commands that may take effect ahead of their number, and again when it comes: their effect is the same every time. */
    private static boolean isUrgent(final int id) {
        return id == CancelTaskDecoder.TEMPLATE_ID || id == CloseJobDecoder.TEMPLATE_ID;
    }

    /**
     * Something before this command is missing, or was refused for want of room. What makes room must not wait for it: a cancel or a
     * close takes effect now, though its number is not used; and whoever leaves takes back what was not taken before.
     */
    private void takeAhead(
            final Party party,
            final int id,
            final long seq,
            final boolean isUrgent,
            final DirectBuffer buffer,
            final int body) {
        final boolean isInWindow = seq - party.lastSeq <= core.config.maxUnacknowledged + 1;
        if (id == UnregisterDecoder.TEMPLATE_ID && party.kind == Party.CLIENT && isInWindow) {
            party.lastSeq = seq;
            core.parties.unregister(party);
            return;
        }
        if (isUrgent) {
            apply(party, id, buffer, body);
        }
        core.egress.refuse(party, seq, Reason.OUT_OF_ORDER.value(), 0);
    }

    private boolean isOverloaded(final Party party, final int id) {
        if (core.egress.owesTooMuch(party)) {
            core.faults.owesTooMuch(party);
            return id != UnregisterDecoder.TEMPLATE_ID;
        }
        if (id != SubmitTaskDecoder.TEMPLATE_ID) {
            return false;
        }
        if (core.tasks.isFull()) {
            core.faults.tableFull();
            return true;
        }
        return party.openTasks >= core.tasks.maxOpenTasks();
    }

    private void apply(final Party party, final int id, final DirectBuffer buffer, final int body) {
        final int block = header.blockLength();
        final int version = header.version();
        switch (id) {
            case UnregisterDecoder.TEMPLATE_ID -> core.parties.unregister(party);
            case RegisterTaskTypeDecoder.TEMPLATE_ID -> core.types.register(
                    party, registerType.wrap(buffer, body, block, version).name());
            case RegisterPoolDecoder.TEMPLATE_ID -> {
                registerPool.wrap(buffer, body, block, version);
                core.frames.register(
                        party, registerPool.poolId(), (int) registerPool.slotCount(), registerPool.slotLength());
            }
            default -> {
                switch (party.kind) {
                    case Party.CLIENT -> applyOfClient(party, id, buffer, body);
                    case Party.WORKER -> applyOfWorker(party, id, buffer, body);
                    case Party.CAMERA -> applyOfCamera(party, id, buffer, body);
                    case Party.NODE -> applyOfNode(party, id, buffer, body);
                    default -> applyReport(party, id, buffer, body);
                }
            }
        }
    }

    private void applyOfClient(final Party client, final int id, final DirectBuffer buffer, final int body) {
        final int block = header.blockLength();
        final int version = header.version();
        switch (id) {
            case SubmitTaskDecoder.TEMPLATE_ID -> core.tasks.submit(
                    client, client.lastSeq, submit.wrap(buffer, body, block, version), buffer);
            case CancelTaskDecoder.TEMPLATE_ID -> core.tasks.cancel(
                    client, cancel.wrap(buffer, body, block, version).taskId());
            case RegisterJobDecoder.TEMPLATE_ID -> core.jobs.register(
                    client, client.lastSeq, registerJob.wrap(buffer, body, block, version), buffer);
            case CloseJobDecoder.TEMPLATE_ID -> core.jobs.close(
                    client, closeJob.wrap(buffer, body, block, version).jobId());
            case AllocateCamerasDecoder.TEMPLATE_ID -> core.allocation.allocate(
                    allocate.wrap(buffer, body, block, version));
            case OptimizeRoutesDecoder.TEMPLATE_ID -> core.answers.optimize(
                    optimizeRoutes.wrap(buffer, body, block, version));
            default -> core.increment(Counters.MALFORMED);
        }
    }

    private void applyOfWorker(final Party worker, final int id, final DirectBuffer buffer, final int body) {
        if (id == CompleteTaskDecoder.TEMPLATE_ID) {
            core.completions.complete(
                    worker, complete.wrap(buffer, body, header.blockLength(), header.version()), buffer);
        } else {
            applyReport(worker, id, buffer, body);
        }
    }

    /** Of a worker, a node agent or a master. */
    private void applyReport(final Party party, final int id, final DirectBuffer buffer, final int body) {
        if (id == ReportIncidentDecoder.TEMPLATE_ID) {
            core.supervision.report(party, reportIncident.wrap(buffer, body, header.blockLength(), header.version()));
        } else {
            core.increment(Counters.MALFORMED);
        }
    }

    private void applyOfCamera(final Party camera, final int id, final DirectBuffer buffer, final int body) {
        if (id == FramePublishedDecoder.TEMPLATE_ID) {
            core.jobs.publish(camera, publish.wrap(buffer, body, header.blockLength(), header.version()), buffer);
        } else {
            core.increment(Counters.MALFORMED);
        }
    }

    private void applyOfNode(final Party node, final int id, final DirectBuffer buffer, final int body) {
        final int block = header.blockLength();
        final int version = header.version();
        switch (id) {
            case PoolOrphanedDecoder.TEMPLATE_ID -> core.frames.orphaned(
                    node, orphaned.wrap(buffer, body, block, version).poolId());
            case PartyDeadDecoder.TEMPLATE_ID -> {
                dead.wrap(buffer, body, block, version);
                final long detectedMs = dead.detectedMs();
                core.parties.dead(
                        node,
                        (int) dead.partyId(),
                        (int) dead.incarnation(),
                        detectedMs == 0 ? Incidents.UNKNOWN_MS : detectedMs);
            }
            case ReportWorkerDecoder.TEMPLATE_ID -> core.supervision.report(
                    node, reportWorker.wrap(buffer, body, block, version));
            default -> applyReport(node, id, buffer, body);
        }
    }

    private void endStep() {
        core.routes.refresh();
        do {
            core.tasks.drain();
            core.scheduler.run();
        } while (core.tasks.drain());
        core.egress.flush();
    }

    /**
     * The replicated tick: deadlines, timeouts, re-emission.
     *
     * @param clusterTimeMs cluster time, milliseconds
     */
    public void onTick(final long clusterTimeMs) {
        core.advance(clusterTimeMs);
        core.routes.refresh();
        core.parties.checkSilence();
        core.tasks.expire();
        core.jobs.steps.checkDeadlines();
        core.scheduler.lookAgain();
        for (int i = 0; i < core.parties.alive.size(); i++) {
            final Party party = core.parties.alive.get(i);
            if (party.kind == Party.WORKER) {
                core.scheduler.checkTimeout(party);
                core.fitness.check(party);
            }
            core.egress.tick(party);
        }
        core.hung.check();
        core.allocation.check();
        endStep();
    }

    /**
     * Whether the tick timer is to be armed.
     *
     * @return true while a deadline exists: anybody alive (who may fall silent), or a task with a deadline
     */
    public boolean needsTick() {
        return core.needsTick();
    }

    /**
     * Sets who hears what is decided from here on; changes no decision.
     *
     * @param trace hears it; null for nobody, as at the beginning
     */
    public void trace(final Trace trace) {
        core.trace = trace;
    }

    /** This replica became the leader. Changes no state: recipients ask for what they missed by Resume. */
    public void onLeader() {}

    /**
     * Writes the whole state in a fixed order.
     *
     * @param sink takes the records
     */
    public void snapshot(final RecordSink sink) {
        writer.write(sink);
    }

    /**
     * Takes the next record of a snapshot; the sequencer must be new.
     *
     * @param buffer holds the record, SBE header included
     * @param offset of the header
     * @param length bytes with the header
     * @return true when it was the last record, and the state is complete and proven equal to the one written
     * @throws IllegalStateException when the snapshot is of another version, damaged, or out of order; one plain sentence
     */
    public boolean load(final DirectBuffer buffer, final int offset, final int length) {
        return reader.read(buffer, offset, length);
    }

    /**
     * A hash over the bytes that {@link #snapshot} would write.
     *
     * @return equal on every replica after the same commands
     */
    public long stateHash() {
        return writer.hash();
    }

    Core core() {
        return core;
    }
}
