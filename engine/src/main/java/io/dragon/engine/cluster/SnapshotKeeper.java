package io.dragon.engine.cluster;

import static io.dragon.engine.config.Timeouts.Key.SNAPSHOT;
import static io.dragon.engine.config.Timeouts.Key.SNAPSHOT_INTERVAL;

import io.aeron.Aeron;
import io.aeron.RethrowingErrorHandler;
import io.aeron.archive.client.AeronArchive;
import io.aeron.archive.status.RecordingPos;
import io.aeron.cluster.ConsensusModule;
import io.aeron.cluster.RecordingLog;
import io.dragon.engine.config.Timeouts;
import java.util.ArrayList;
import java.util.List;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;

/** Has snapshots taken by time and by length of the log, and removes what no recovery can need any more. */
final class SnapshotKeeper implements Agent {
    private static final long CHECK_INTERVAL_NS = 250_000_000;

    /** The last snapshot, and the one before in case that the last cannot be read. */
    private static final int SNAPSHOTS_KEPT = 2;

    /** Aeron's own number for the consensus module among the services. */
    private static final int CONSENSUS_MODULE = ConsensusModule.Configuration.SERVICE_ID;

    /** Away from the streams on which the consensus module and the service talk to the archive. */
    private static final int ARCHIVE_RESPONSE_STREAM_ID = 20_000;

    private final ConsensusModule.Context ctx;
    private final MemberCounters counters;
    private final NanoClock nanoClock;
    private final ErrorHandler errorHandler;
    private final long intervalNs;
    private final long timeoutNs;
    private final long logBytes;
    private long checkNs;
    private long lastSnapshotNs;
    private long lastSnapshotPosition;
    private long snapshotCount;
    private long requestedNs;
    private boolean isRequested;

    /** What lies before was removed by an earlier purge. */
    private long purgedPosition;

    private volatile long purges;

    SnapshotKeeper(
            final ConsensusModule.Context ctx,
            final MemberCounters counters,
            final Timeouts timeouts,
            final long logBytes,
            final NanoClock nanoClock,
            final ErrorHandler errorHandler) {
        this.ctx = ctx;
        this.counters = counters;
        this.nanoClock = nanoClock;
        this.errorHandler = errorHandler;
        this.logBytes = logBytes;
        intervalNs = timeouts.ns(SNAPSHOT_INTERVAL);
        timeoutNs = timeouts.ns(SNAPSHOT);
        lastSnapshotNs = nanoClock.nanoTime();
        checkNs = lastSnapshotNs;
    }

    @Override
    public void onStart() {
        final List<RecordingLog.Entry> kept = snapshots();
        lastSnapshotPosition = kept.isEmpty() ? 0 : kept.get(kept.size() - 1).logPosition;
        snapshotCount = counters.snapshotCount();
    }

    @Override
    public int doWork() {
        final long nowNs = nanoClock.nanoTime();
        if (nowNs - checkNs < CHECK_INTERVAL_NS) {
            return 0;
        }
        checkNs = nowNs;
        final long position = counters.commitPosition();
        final long count = counters.snapshotCount();
        if (count > snapshotCount) {
            snapshotCount = count;
            lastSnapshotNs = nowNs;
            lastSnapshotPosition = position;
            isRequested = false;
            purge();
        } else if (isDue(position, nowNs) && (!isRequested || nowNs - requestedNs >= timeoutNs)) {
            // A snapshot stops the world: one that fails is not tried again at once.
            isRequested = counters.requestSnapshot();
            requestedNs = nowNs;
        }
        return 1;
    }

    private boolean isDue(final long position, final long nowNs) {
        return position - lastSnapshotPosition >= logBytes
                || (nowNs - lastSnapshotNs >= intervalNs && position > lastSnapshotPosition);
    }

    /** How often something was looked for that could be removed; any thread. */
    long purges() {
        return purges;
    }

    @Override
    public String roleName() {
        return "snapshots";
    }

    private void purge() {
        try {
            final List<RecordingLog.Entry> snapshots = snapshots();
            if (snapshots.size() > SNAPSHOTS_KEPT) {
                final RecordingLog.Entry oldestKept = snapshots.get(snapshots.size() - SNAPSHOTS_KEPT);
                purgeBefore(oldestKept.logPosition);
            }
        } catch (final RuntimeException ex) {
            errorHandler.onError(ex);
        }
        purges++;
    }

    private void purgeBefore(final long logPosition) {
        final List<Long> oldSnapshots = new ArrayList<>();
        final long logRecordingId;
        try (RecordingLog recordingLog = new RecordingLog(ctx.clusterDir(), false)) {
            logRecordingId = recordingLog.findLastTermRecordingId();
            for (final RecordingLog.Entry entry : recordingLog.entries()) {
                if (entry.type == RecordingLog.ENTRY_TYPE_SNAPSHOT
                        && entry.logPosition >= purgedPosition
                        && entry.logPosition < logPosition) {
                    oldSnapshots.add(entry.recordingId);
                }
            }
        }
        try (Aeron aeron = Aeron.connect(new Aeron.Context()
                        .aeronDirectoryName(ctx.aeronDirectoryName())
                        .errorHandler(errorHandler)
                        .subscriberErrorHandler(RethrowingErrorHandler.INSTANCE));
                AeronArchive archive = AeronArchive.connect(new AeronArchive.Context()
                        .aeron(aeron)
                        .ownsAeronClient(false)
                        .messageTimeoutNs(timeoutNs)
                        .controlRequestChannel("aeron:ipc")
                        .controlRequestStreamId(AeronArchive.Configuration.localControlStreamId())
                        .controlResponseChannel("aeron:ipc")
                        .controlResponseStreamId(ARCHIVE_RESPONSE_STREAM_ID + ctx.clusterMemberId())
                        .errorHandler(errorHandler))) {
            if (logRecordingId != RecordingPos.NULL_RECORDING_ID) {
                final RecordingEntry log = RecordingEntry.of(archive, logRecordingId);
                final long newStart = log == null
                        ? 0
                        : AeronArchive.segmentFileBasePosition(
                                log.startPosition(), logPosition, log.termLength(), log.segmentLength());
                if (log != null && newStart > log.startPosition()) {
                    archive.purgeSegments(logRecordingId, newStart);
                }
            }
            for (final long recordingId : oldSnapshots) {
                if (RecordingEntry.of(archive, recordingId) != null) {
                    archive.purgeRecording(recordingId);
                }
            }
            purgedPosition = logPosition;
        }
    }

    /** The valid snapshots, one entry for each, oldest first. */
    private List<RecordingLog.Entry> snapshots() {
        final List<RecordingLog.Entry> snapshots = new ArrayList<>();
        try (RecordingLog recordingLog = new RecordingLog(ctx.clusterDir(), false)) {
            for (final RecordingLog.Entry entry : recordingLog.entries()) {
                if (entry.isValid
                        && entry.type == RecordingLog.ENTRY_TYPE_SNAPSHOT
                        && entry.serviceId == CONSENSUS_MODULE) {
                    snapshots.add(entry);
                }
            }
        }
        snapshots.sort((a, b) -> Long.compare(a.logPosition, b.logPosition));
        return snapshots;
    }
}
