package io.dragon.engine.cluster;

import io.aeron.Aeron;
import io.aeron.archive.client.AeronArchive;
import io.aeron.cluster.ConsensusModule;
import io.aeron.cluster.service.ClusteredServiceContainer;
import io.dragon.engine.config.Timeouts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.agrona.CloseHelper;
import org.agrona.ErrorHandler;

/** Another master as its archive shows it; the archive answers as soon as its process has started, before any election. */
final class Peer implements AutoCloseable {
    /** A recording of one part of a snapshot, complete. */
    record Part(long recordingId, long length) {}

    private final int memberId;
    private final AeronArchive.Context context;
    private final List<Part> ofModule = new ArrayList<>();
    private final List<Part> ofService = new ArrayList<>();
    private AeronArchive.AsyncConnect connecting;
    private AeronArchive archive;
    private boolean isKnown;
    private long logStart = -1;
    private long logEnd;
    private long logRecordingId = -1;

    private Peer(
            final int memberId,
            final Aeron aeron,
            final String controlChannel,
            final String responseChannel,
            final long timeoutNs,
            final ErrorHandler errorHandler) {
        this.memberId = memberId;
        context = new AeronArchive.Context()
                .aeron(aeron)
                .ownsAeronClient(false)
                .controlRequestChannel(controlChannel)
                .controlResponseChannel(responseChannel)
                .messageTimeoutNs(timeoutNs)
                .errorHandler(errorHandler);
    }

    /** A member as another one, or it itself, sees it. */
    static Peer of(final MasterContext ctx, final Aeron aeron, final int memberId) {
        final MasterAddresses addresses = ctx.addresses();
        return new Peer(
                memberId,
                aeron,
                "aeron:udp?endpoint=" + addresses.endpoint(memberId, MasterAddresses.ARCHIVE),
                "aeron:udp?endpoint=" + addresses.hosts().get(ctx.memberId()) + ":0",
                ctx.timeouts().ns(Timeouts.Key.CONNECT),
                ctx.errorHandler());
    }

    int memberId() {
        return memberId;
    }

    String controlChannel() {
        return context.controlRequestChannel();
    }

    int controlStreamId() {
        return context.controlRequestStreamId();
    }

    /** Whether it has answered. */
    boolean isKnown() {
        return isKnown;
    }

    boolean hasLog() {
        return logStart >= 0;
    }

    long logStart() {
        return logStart;
    }

    long logEnd() {
        return logEnd;
    }

    /** Of the log; -1 without one. */
    long logRecordingId() {
        return logRecordingId;
    }

    /** Recordings of the consensus module's part of snapshots, newest first. */
    List<Part> ofModule() {
        return ofModule;
    }

    /** Recordings of the sequencer's part of snapshots, newest first. */
    List<Part> ofService() {
        return ofService;
    }

    /** A step towards its answer. */
    void poll() {
        if (isKnown) {
            return;
        }
        try {
            if (connecting == null) {
                connecting = AeronArchive.asyncConnect(context.clone());
            }
            archive = connecting.poll();
            if (archive != null) {
                connecting = null;
                ask();
                isKnown = true;
                CloseHelper.quietClose(archive);
            }
        } catch (final RuntimeException notYet) { // it does not run, or has just ended: asked again
            CloseHelper.quietCloseAll(connecting, archive);
            connecting = null;
        }
    }

    private void ask() {
        ofModule.clear();
        ofService.clear();
        logRecordingId = -1;
        for (final RecordingEntry each : RecordingEntry.all(archive)) {
            if (each.streamId() == ConsensusModule.Configuration.logStreamId()) {
                logRecordingId = each.recordingId();
                logStart = each.startPosition();
                logEnd = each.stopPosition();
            } else if (each.stopPosition() > each.startPosition()) { // complete
                final Part part = new Part(each.recordingId(), each.stopPosition());
                if (each.streamId() == ConsensusModule.Configuration.snapshotStreamId()) {
                    ofModule.add(part);
                } else if (each.streamId() == ClusteredServiceContainer.Configuration.snapshotStreamId()) {
                    ofService.add(part);
                }
            }
        }
        if (logRecordingId >= 0 && logEnd == AeronArchive.NULL_POSITION) {
            logEnd = archive.getRecordingPosition(logRecordingId);
        }
        ofModule.sort(Comparator.comparingLong(Part::recordingId).reversed());
        ofService.sort(Comparator.comparingLong(Part::recordingId).reversed());
    }

    @Override
    public void close() {
        CloseHelper.quietCloseAll(connecting, archive);
    }
}
