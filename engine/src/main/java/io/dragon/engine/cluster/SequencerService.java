package io.dragon.engine.cluster;

import io.aeron.Counter;
import io.aeron.ExclusivePublication;
import io.aeron.Image;
import io.aeron.ImageFragmentAssembler;
import io.aeron.Publication;
import io.aeron.cluster.codecs.CloseReason;
import io.aeron.cluster.service.ClientSession;
import io.aeron.cluster.service.Cluster;
import io.aeron.cluster.service.ClusteredService;
import io.aeron.logbuffer.Header;
import io.dragon.codecs.snapshot.SnapshotPlaceDecoder;
import io.dragon.codecs.snapshot.SnapshotPlaceEncoder;
import io.dragon.engine.sequencer.EventSink;
import io.dragon.engine.sequencer.RecordSink;
import io.dragon.engine.sequencer.Sequencer;
import io.dragon.engine.sequencer.SequencerConfig;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The thin shell round the sequencer: hands it what was sequenced, and its events to the sessions they are for. An event that a
 * session does not take at once is dropped and counted; the sequencer emits it again from state when it is asked to resume.
 */
final class SequencerService implements ClusteredService, EventSink {
    /** First of our counters' types: above all of Aeron's. */
    static final int COUNTER_TYPE_ID = 5_000;

    /** How often an event is offered, without waiting: more would let a stopped process stall all others. */
    private static final int OFFER_ATTEMPTS = 3;

    private static final int SNAPSHOT_FRAGMENT_LIMIT = 16;

    private final Sequencer sequencer;
    private final NanoClock nanoClock;
    private final EventStamps stamps = new EventStamps();
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[Sequencer.MAX_MESSAGE_LENGTH]);
    private final Int2ObjectHashMap<ClientSession> sessionByParty = new Int2ObjectHashMap<>();
    private final UnsafeBuffer settings = new UnsafeBuffer(new byte[Sequencer.MAX_MESSAGE_LENGTH]);
    private final SequencerConfig config;
    private final SnapshotPlaceEncoder place = new SnapshotPlaceEncoder();
    private final io.dragon.codecs.snapshot.MessageHeaderDecoder recordHeader =
            new io.dragon.codecs.snapshot.MessageHeaderDecoder();
    private long leadershipTermId;
    private long termBaseLogPosition;
    private long snapshotPosition;
    private Cluster cluster;
    private ClientSession session;
    private boolean isLeader;
    private boolean isTickArmed;
    private long nowNs;
    private Counter commands;
    private Counter eventsSent;
    private Counter eventsDropped;
    private Counter malformed;
    private Counter snapshots;

    /** With this member's own settings: they hold from the beginning of a term that it leads. */
    SequencerService(final SequencerConfig config, final NanoClock nanoClock) {
        this.nanoClock = nanoClock;
        sequencer = new Sequencer(new SequencerConfig(), this);
        this.config = config.conclude();
    }

    @Override
    public void onStart(final Cluster cluster, final Image snapshotImage) {
        this.cluster = cluster;
        commands = counter(0, "commands sequenced");
        eventsSent = counter(1, "events sent");
        eventsDropped = counter(2, "events dropped");
        malformed = counter(3, "malformed messages ignored");
        snapshots = counter(4, "snapshots taken");
        if (snapshotImage != null) {
            load(snapshotImage);
        }
    }

    @Override
    public void onSessionOpen(final ClientSession session, final long timestamp) {}

    @Override
    public void onSessionClose(final ClientSession session, final long timestamp, final CloseReason closeReason) {
        sessionByParty.values().removeIf(known -> known.id() == session.id());
    }

    @Override
    public void onSessionMessage(
            final ClientSession session,
            final long timestamp,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final Header header) {
        final LogRules.Kind kind = LogRules.kind(session != null, buffer, offset, length);
        if (kind == LogRules.Kind.IGNORED) {
            malformed.increment();
            return;
        }
        if (kind == LogRules.Kind.SETTINGS) {
            onSettings(timestamp, buffer, offset, length);
            return;
        }
        this.session = session;
        if (isLeader) {
            nowNs = nanoClock.nanoTime();
            stamps.onCommand(buffer, offset, length, nowNs);
        }
        commands.increment();
        sequencer.onCommand(session.id(), buffer, offset, length, timestamp);
        this.session = null;
        armTick(timestamp);
    }

    private void onSettings(final long timestamp, final DirectBuffer buffer, final int offset, final int length) {
        if (isLeader) {
            nowNs = nanoClock.nanoTime();
        }
        sequencer.onSettings(buffer, offset, length, timestamp);
        armTick(timestamp);
    }

    /**
     * Puts the leader's settings into the log. Every member offers its own, in every term and while it replays the log too:
     * Aeron numbers what services offer by counting, lets only the leader's into the log, and drops from the others what
     * has the same number. A member that left one out would later have its offers dropped without a word, and its snapshot
     * refused.
     */
    @Override
    public void onNewLeadershipTermEvent(
            final long leadershipTermId,
            final long logPosition,
            final long timestamp,
            final long termBaseLogPosition,
            final int leaderMemberId,
            final int logSessionId,
            final TimeUnit timeUnit,
            final int appVersion) {
        this.leadershipTermId = leadershipTermId;
        this.termBaseLogPosition = termBaseLogPosition;
        final int settingsLength =
                Sequencer.encodeSettings(config, cluster.memberId(), (int) leadershipTermId, settings);
        while (cluster.offer(settings, 0, settingsLength) < 0) {
            cluster.idleStrategy().idle();
        }
    }

    @Override
    public void onTimerEvent(final long correlationId, final long timestamp) {
        if (correlationId == LogRules.TICK_CORRELATION_ID) {
            isTickArmed = false;
            if (isLeader) {
                nowNs = nanoClock.nanoTime();
            }
            sequencer.onTick(timestamp);
            armTick(timestamp);
        }
    }

    @Override
    public void onTakeSnapshot(final ExclusivePublication snapshotPublication) {
        final SnapshotWriter writer = new SnapshotWriter(snapshotPublication, cluster);
        place.wrapAndApplyHeader(
                        writer.claim(Sequencer.MAX_MESSAGE_LENGTH),
                        0,
                        new io.dragon.codecs.snapshot.MessageHeaderEncoder())
                .leadershipTermId(leadershipTermId)
                .termBaseLogPosition(termBaseLogPosition)
                .logPosition(cluster.logPosition());
        writer.commit(io.dragon.codecs.snapshot.MessageHeaderEncoder.ENCODED_LENGTH + place.encodedLength());
        sequencer.snapshot(writer);
        // Whoever starts from this snapshot knows of no timer: arm it anew here as there.
        isTickArmed = false;
        snapshots.increment();
        snapshotPosition = cluster.logPosition();
    }

    @Override
    public void onRoleChange(final Cluster.Role newRole) {
        isLeader = newRole == Cluster.Role.LEADER;
        if (isLeader) {
            sequencer.onLeader();
        }
    }

    @Override
    public void onTerminate(final Cluster cluster) {}

    @Override
    public MutableDirectBuffer claim(final int maxLength) {
        return scratch;
    }

    @Override
    public void emit(final int partyId, final int length) {
        if (!isLeader) {
            return;
        }
        final ClientSession recipient = sessionByParty.get(partyId);
        if (recipient == null) {
            eventsDropped.increment();
            return;
        }
        stamps.onEvent(scratch, length, nowNs);
        send(recipient, length);
    }

    @Override
    public void reply(final long sessionId, final int length) {
        if (isLeader) {
            final ClientSession recipient =
                    session != null && session.id() == sessionId ? session : cluster.getClientSession(sessionId);
            if (recipient == null) {
                eventsDropped.increment();
            } else {
                stamps.onReply(scratch, snapshotPosition);
                send(recipient, length);
            }
        }
    }

    @Override
    public void bound(final int partyId, final long sessionId) {
        if (session != null && session.id() == sessionId) {
            sessionByParty.put(partyId, session);
        }
    }

    /** The state's hash; on the service's thread, or when that has ended. */
    long stateHash() {
        return sequencer.stateHash();
    }

    private void send(final ClientSession recipient, final int length) {
        for (int attempt = 0; attempt < OFFER_ATTEMPTS; attempt++) {
            final long position = recipient.offer(scratch, 0, length);
            if (position > 0) {
                eventsSent.increment();
                return;
            }
            if (position != Publication.BACK_PRESSURED && position != Publication.ADMIN_ACTION) {
                break;
            }
        }
        eventsDropped.increment();
    }

    private void armTick(final long timestamp) {
        if (!isTickArmed && sequencer.needsTick()) {
            while (!cluster.scheduleTimer(LogRules.TICK_CORRELATION_ID, timestamp + sequencer.tickMs())) {
                cluster.idleStrategy().idle();
            }
            isTickArmed = true;
        }
    }

    private void load(final Image image) {
        final boolean[] isComplete = {false};
        // A record may be longer than a packet: that of a job with many cameras is.
        final ImageFragmentAssembler records = new ImageFragmentAssembler((buffer, offset, length, header) ->
                isComplete[0] |= !isPlace(buffer, offset, length) && sequencer.load(buffer, offset, length));
        while (!isComplete[0]) {
            final int fragments = image.poll(records, SNAPSHOT_FRAGMENT_LIMIT);
            if (fragments == 0 && (image.isClosed() || image.isEndOfStream()) && !isComplete[0]) {
                throw new IllegalStateException("the snapshot ends before its last record");
            }
            cluster.idleStrategy().idle(fragments);
        }
    }

    /** The record of the shell itself, of which the sequencer's state knows nothing. */
    private boolean isPlace(final DirectBuffer buffer, final int offset, final int length) {
        if (length < io.dragon.codecs.snapshot.MessageHeaderDecoder.ENCODED_LENGTH
                || recordHeader.wrap(buffer, offset).templateId() != SnapshotPlaceDecoder.TEMPLATE_ID) {
            return false;
        }
        final SnapshotPlaceDecoder found = new SnapshotPlaceDecoder().wrapAndApplyHeader(buffer, offset, recordHeader);
        leadershipTermId = found.leadershipTermId();
        termBaseLogPosition = found.termBaseLogPosition();
        snapshotPosition = found.logPosition();
        return true;
    }

    private Counter counter(final int offset, final String label) {
        return cluster.aeron().addCounter(COUNTER_TYPE_ID + offset, "dragon " + label);
    }

    /** Writes records; waits while the archive is behind, and gives up when the member is told to. */
    private static final class SnapshotWriter implements RecordSink {
        private final UnsafeBuffer record = new UnsafeBuffer(new byte[0]);
        private final ExclusivePublication publication;
        private final Cluster cluster;

        private SnapshotWriter(final ExclusivePublication publication, final Cluster cluster) {
            this.publication = publication;
            this.cluster = cluster;
        }

        @Override
        public MutableDirectBuffer claim(final int maxLength) {
            if (record.capacity() < maxLength) {
                record.wrap(new byte[maxLength]);
            }
            return record;
        }

        @Override
        public void commit(final int length) {
            long position = publication.offer(record, 0, length);
            while (position < 0) {
                if (position == Publication.CLOSED || position == Publication.MAX_POSITION_EXCEEDED) {
                    throw new IllegalStateException("the snapshot cannot be written: its stream is closed");
                }
                if (Thread.currentThread().isInterrupted()) {
                    throw new AgentTerminationException("interrupted while a snapshot was taken");
                }
                cluster.idleStrategy().idle();
                position = publication.offer(record, 0, length);
            }
        }
    }
}
