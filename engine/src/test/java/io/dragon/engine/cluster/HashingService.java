package io.dragon.engine.cluster;

import io.aeron.ExclusivePublication;
import io.aeron.Image;
import io.aeron.cluster.codecs.CloseReason;
import io.aeron.cluster.service.ClientSession;
import io.aeron.cluster.service.Cluster;
import io.aeron.cluster.service.ClusteredService;
import io.aeron.logbuffer.Header;
import io.dragon.engine.sequencer.SequencerConfig;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.SystemNanoClock;

/** The sequencer's own service, with the hash of the state after every message and tick, by position in the log. */
final class HashingService implements ClusteredService {
    final Map<Long, Long> hashes = new ConcurrentSkipListMap<>();
    /** Positions of the messages that came from the masters themselves. */
    final List<Long> settings = new CopyOnWriteArrayList<>();

    volatile long loadedAt = -1;
    private final SequencerService service;
    private final boolean isPrinting;
    private Cluster cluster;

    HashingService(final boolean isPrinting) {
        this(isPrinting, new SequencerConfig());
    }

    HashingService(final boolean isPrinting, final SequencerConfig config) {
        service = new SequencerService(config, SystemNanoClock.INSTANCE);
        this.isPrinting = isPrinting;
    }

    private void record() {
        final long position = cluster.logPosition();
        final long hash = service.stateHash();
        hashes.put(position, hash);
        if (isPrinting) {
            System.out.println("HASH " + position + " " + hash);
        }
    }

    @Override
    public void onStart(final Cluster cluster, final Image snapshotImage) {
        this.cluster = cluster;
        service.onStart(cluster, snapshotImage);
        if (snapshotImage != null) {
            loadedAt = cluster.logPosition();
            record();
        }
    }

    @Override
    public void onSessionOpen(final ClientSession session, final long timestamp) {
        service.onSessionOpen(session, timestamp);
    }

    @Override
    public void onSessionClose(final ClientSession session, final long timestamp, final CloseReason reason) {
        service.onSessionClose(session, timestamp, reason);
    }

    @Override
    public void onSessionMessage(
            final ClientSession session,
            final long timestamp,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final Header header) {
        service.onSessionMessage(session, timestamp, buffer, offset, length, header);
        if (session == null) {
            settings.add(cluster.logPosition());
        }
        record();
    }

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
        service.onNewLeadershipTermEvent(
                leadershipTermId,
                logPosition,
                timestamp,
                termBaseLogPosition,
                leaderMemberId,
                logSessionId,
                timeUnit,
                appVersion);
    }

    @Override
    public void onTimerEvent(final long correlationId, final long timestamp) {
        service.onTimerEvent(correlationId, timestamp);
        record();
    }

    @Override
    public void onTakeSnapshot(final ExclusivePublication publication) {
        service.onTakeSnapshot(publication);
    }

    @Override
    public void onRoleChange(final Cluster.Role newRole) {
        service.onRoleChange(newRole);
    }

    @Override
    public void onTerminate(final Cluster cluster) {
        service.onTerminate(cluster);
    }
}
