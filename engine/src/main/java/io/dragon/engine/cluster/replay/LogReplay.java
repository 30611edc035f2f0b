package io.dragon.engine.cluster.replay;

import io.aeron.cluster.RecordingLog;
import io.aeron.cluster.client.AeronCluster;
import io.aeron.cluster.codecs.ClientSessionDecoder;
import io.aeron.cluster.codecs.ClusterActionRequestDecoder;
import io.aeron.cluster.codecs.MessageHeaderDecoder;
import io.aeron.cluster.codecs.NewLeadershipTermEventDecoder;
import io.aeron.cluster.codecs.SessionCloseEventDecoder;
import io.aeron.cluster.codecs.SessionMessageHeaderDecoder;
import io.aeron.cluster.codecs.SessionOpenEventDecoder;
import io.aeron.cluster.codecs.TimerEventDecoder;
import io.dragon.codecs.snapshot.SnapshotPlaceDecoder;
import io.dragon.engine.cluster.LogRules;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.sequencer.EventSink;
import io.dragon.engine.sequencer.Sequencer;
import io.dragon.engine.sequencer.SequencerConfig;
import io.dragon.engine.sequencer.Trace;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.SemanticVersion;
import org.agrona.collections.LongHashSet;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Replays the log of a master's copy through a sequencer of its own, from the oldest snapshot kept. One thread. The end of the log of
 * a master that was killed may hold messages that a majority never had; what such a message did is shown as if it had counted.
 */
public final class LogReplay implements AutoCloseable {
    /** Hears what the log says besides commands. */
    public interface Listener {
        /**
         * A leader took over.
         *
         * @param termId         its leadership term
         * @param leaderMemberId which member
         */
        default void onTerm(final long termId, final int leaderMemberId) {}

        /** The masters took a snapshot here. */
        default void onSnapshotTaken() {}
    }

    /** Number of the service among those of a cluster member: there is one. */
    private static final int SERVICE_ID = 0;

    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final SessionMessageHeaderDecoder sessionMessage = new SessionMessageHeaderDecoder();
    private final TimerEventDecoder timer = new TimerEventDecoder();
    private final SessionOpenEventDecoder sessionOpen = new SessionOpenEventDecoder();
    private final SessionCloseEventDecoder sessionClose = new SessionCloseEventDecoder();
    private final NewLeadershipTermEventDecoder term = new NewLeadershipTermEventDecoder();
    private final ClusterActionRequestDecoder action = new ClusterActionRequestDecoder();
    private final ClientSessionDecoder clientSession = new ClientSessionDecoder();
    private final LongHashSet sessions = new LongHashSet();
    private final List<String> remarks = new ArrayList<>();
    private final Listener listener;
    private Sequencer sequencer;
    private RecordedMessages log;
    private boolean isFromSnapshot;
    private long startPosition;
    private long startTimeMs;
    private long timeMs;
    private long position;
    private long messages;
    private boolean isPending;

    private LogReplay(final Listener listener) {
        this.listener = listener;
        sequencer = newSequencer();
    }

    /**
     * Loads the oldest snapshot that can be read, or begins where the log does.
     *
     * @param copy     of a master's directory
     * @param listener hears of terms and snapshots
     * @param trace    hears what is decided
     * @return the replay, to be closed before the copy
     * @throws DragonException in one sentence, when there is nothing to replay or it cannot be read
     */
    public static LogReplay open(final MasterCopy copy, final Listener listener, final Trace trace) {
        final LogReplay replay = new LogReplay(listener);
        try (RecordingLog recordingLog = new RecordingLog(copy.cluster().toFile(), false)) {
            replay.begin(copy, recordingLog);
        } catch (final IllegalStateException | IllegalArgumentException | IndexOutOfBoundsException ex) {
            throw new DragonException(DragonException.FAILED, copy.source() + ": " + ex.getMessage() + ".", ex);
        }
        replay.position = replay.startPosition;
        replay.sequencer.trace(trace);
        return replay;
    }

    private void begin(final MasterCopy copy, final RecordingLog recordingLog) {
        final long recordingId = recordingLog.findLastTermRecordingId();
        if (recordingId == RecordingLogEntry.NONE) {
            throw new DragonException(copy.source() + " holds no log yet: this master has never had a leader.");
        }
        final Recording recording = Recording.find(copy.archive(), recordingId);
        for (final RecordingLogEntry snapshot : RecordingLogEntry.snapshots(recordingLog, SERVICE_ID)) {
            if (snapshot.logPosition() >= recording.startPosition() && load(copy, snapshot)) {
                log = new RecordedMessages(recording, startPosition);
                return;
            }
        }
        if (recording.startPosition() > 0) {
            throw new DragonException("The log in " + copy.source() + " begins at position "
                    + recording.startPosition() + ", and no snapshot from there on can be read"
                    + (remarks.isEmpty() ? "." : ": " + remarks.get(remarks.size() - 1)));
        }
        log = new RecordedMessages(recording, 0);
    }

    /** A snapshot that cannot be read is passed over, with a remark. */
    private boolean load(final MasterCopy copy, final RecordingLogEntry snapshot) {
        final Sequencer loaded = newSequencer();
        sessions.clear();
        String fault = "it ends before its last record";
        try (RecordedMessages records =
                new RecordedMessages(Recording.find(copy.archive(), snapshot.recordingId()), 0)) {
            boolean isComplete = false;
            while (!isComplete && records.next()) {
                isComplete = record(loaded, records);
            }
            if (isComplete) {
                sequencer = loaded;
                isFromSnapshot = true;
                startPosition = snapshot.logPosition();
                return true;
            }
        } catch (final IllegalStateException | DragonException | IndexOutOfBoundsException ex) {
            fault = ex.getMessage();
        }
        remarks.add("the snapshot at position " + snapshot.logPosition() + " cannot be read: " + fault);
        return false;
    }

    /** First what the cluster wrote, the sessions between two markers, then what the shell did, then the sequencer's records. */
    private boolean record(final Sequencer loaded, final RecordedMessages records) {
        final DirectBuffer buffer = records.buffer();
        final int offset = records.offset();
        header.wrap(buffer, offset);
        if (header.schemaId() != MessageHeaderDecoder.SCHEMA_ID) {
            final boolean isState = header.templateId() != SnapshotPlaceDecoder.TEMPLATE_ID;
            return isState && loaded.load(buffer, offset, records.length());
        }
        if (header.templateId() == ClientSessionDecoder.TEMPLATE_ID) {
            clientSession.wrapAndApplyHeader(buffer, offset, header);
            sessions.add(clientSession.clusterSessionId());
        }
        return false;
    }

    /**
     * Applies the next message of the log.
     *
     * @return false at the end
     */
    public boolean step() {
        return step(Long.MAX_VALUE, Long.MAX_VALUE);
    }

    /**
     * Applies the next message of the log, unless it lies behind a position or a time.
     *
     * @param lastPosition the last position to reach, bytes
     * @param lastTimeMs   the last cluster time to reach, milliseconds since 1970
     * @return false at the end, or when the next message lies behind; it is then the next one still
     */
    public boolean step(final long lastPosition, final long lastTimeMs) {
        if (!isPending) {
            position = log.position();
            isPending = log.next();
        }
        if (!isPending || log.position() > lastPosition || nextTimeMs() > lastTimeMs) {
            return false;
        }
        isPending = false;
        position = log.position();
        timeMs = nextTimeMs();
        startTimeMs = startTimeMs == 0 ? timeMs : startTimeMs;
        messages++;
        apply(log.buffer(), log.offset(), log.length());
        return true;
    }

    /** Reads the header of the next message; one without a time has that of the message before. */
    private long nextTimeMs() {
        final DirectBuffer buffer = log.buffer();
        final int offset = log.offset();
        header.wrap(buffer, offset);
        if (header.schemaId() != MessageHeaderDecoder.SCHEMA_ID) {
            throw new DragonException("The log is damaged before position " + log.position()
                    + ": a message of schema " + header.schemaId() + ", expected " + MessageHeaderDecoder.SCHEMA_ID
                    + ".");
        }
        return switch (header.templateId()) {
            case SessionMessageHeaderDecoder.TEMPLATE_ID -> sessionMessage
                    .wrapAndApplyHeader(buffer, offset, header)
                    .timestamp();
            case TimerEventDecoder.TEMPLATE_ID -> timer.wrapAndApplyHeader(buffer, offset, header)
                    .timestamp();
            case SessionOpenEventDecoder.TEMPLATE_ID -> sessionOpen
                    .wrapAndApplyHeader(buffer, offset, header)
                    .timestamp();
            case SessionCloseEventDecoder.TEMPLATE_ID -> sessionClose
                    .wrapAndApplyHeader(buffer, offset, header)
                    .timestamp();
            case NewLeadershipTermEventDecoder.TEMPLATE_ID -> term.wrapAndApplyHeader(buffer, offset, header)
                    .timestamp();
            case ClusterActionRequestDecoder.TEMPLATE_ID -> action.wrapAndApplyHeader(buffer, offset, header)
                    .timestamp();
            default -> timeMs;
        };
    }

    /** The decoder of the message's kind is wrapped already. */
    private void apply(final DirectBuffer buffer, final int offset, final int length) {
        switch (header.templateId()) {
            case SessionMessageHeaderDecoder.TEMPLATE_ID -> {
                final long session = sessionMessage.clusterSessionId();
                final int at = offset + AeronCluster.SESSION_HEADER_LENGTH;
                final int bytes = length - AeronCluster.SESSION_HEADER_LENGTH;
                switch (LogRules.kind(sessions.contains(session), buffer, at, bytes)) {
                    case COMMAND -> sequencer.onCommand(session, buffer, at, bytes, timeMs);
                    case SETTINGS -> sequencer.onSettings(buffer, at, bytes, timeMs);
                    default -> {}
                }
            }
            case TimerEventDecoder.TEMPLATE_ID -> {
                if (timer.correlationId() == LogRules.TICK_CORRELATION_ID) {
                    sequencer.onTick(timeMs);
                }
            }
            case SessionOpenEventDecoder.TEMPLATE_ID -> sessions.add(sessionOpen.clusterSessionId());
            case SessionCloseEventDecoder.TEMPLATE_ID -> sessions.remove(sessionClose.clusterSessionId());
            case NewLeadershipTermEventDecoder.TEMPLATE_ID -> onTerm();
            case ClusterActionRequestDecoder.TEMPLATE_ID -> listener.onSnapshotTaken();
            default -> {}
        }
    }

    private void onTerm() {
        final int version = SemanticVersion.major(term.appVersion());
        if (version != Sequencer.APP_VERSION) {
            throw new DragonException("The log at position " + position + " was written by version " + version
                    + " of the sequencer, and this is version " + Sequencer.APP_VERSION
                    + ": replay it with the Dragon that wrote it.");
        }
        listener.onTerm(term.leadershipTermId(), term.leaderMemberId());
    }

    /**
     * Whether it began with a snapshot, and not with the log's first message.
     *
     * @return true for a snapshot
     */
    public boolean isFromSnapshot() {
        return isFromSnapshot;
    }

    /**
     * Where the replay began.
     *
     * @return a position of the log, bytes
     */
    public long startPosition() {
        return startPosition;
    }

    /**
     * Cluster time of the first message replayed.
     *
     * @return milliseconds since 1970 by the leader's clock; 0 before the first step of a replay without a snapshot
     */
    public long startTimeMs() {
        return startTimeMs;
    }

    /**
     * Behind the message applied last.
     *
     * @return a position of the log, bytes
     */
    public long position() {
        return position;
    }

    /**
     * Cluster time of the message applied last.
     *
     * @return milliseconds since 1970 by the leader's clock
     */
    public long timeMs() {
        return timeMs;
    }

    /**
     * Messages of the log applied so far.
     *
     * @return a count
     */
    public long messages() {
        return messages;
    }

    /**
     * What was passed over, in words.
     *
     * @return a sentence each
     */
    public List<String> remarks() {
        return List.copyOf(remarks);
    }

    /**
     * The hash of the sequencer's state now: equal on every member at the same position.
     *
     * @return the hash
     */
    public long stateHash() {
        return sequencer.stateHash();
    }

    /**
     * What the sequencer would answer to a question about its state now. The question itself leaves no trace.
     *
     * @return the state, as tables
     */
    public ReplayedState state() {
        return ReplayedState.ask(sequencer::snapshot, timeMs);
    }

    private static Sequencer newSequencer() {
        return new Sequencer(new SequencerConfig(), new Nowhere());
    }

    @Override
    public void close() {
        if (log != null) {
            log.close();
        }
    }

    /** Events of a replay reach nobody. */
    private static final class Nowhere implements EventSink {
        private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[Sequencer.MAX_MESSAGE_LENGTH]);

        @Override
        public MutableDirectBuffer claim(final int maxLength) {
            return scratch;
        }

        @Override
        public void emit(final int partyId, final int length) {}

        @Override
        public void reply(final long sessionId, final int length) {}
    }
}
