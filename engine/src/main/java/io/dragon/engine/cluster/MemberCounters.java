package io.dragon.engine.cluster;

import io.aeron.AeronCounters;
import io.aeron.CncFileDescriptor;
import io.aeron.Counter;
import io.aeron.cluster.ClusterControl;
import io.aeron.cluster.ConsensusModule;
import io.aeron.cluster.ElectionState;
import io.aeron.cluster.service.Cluster;
import io.aeron.driver.status.StreamCounter;
import java.io.File;
import java.nio.MappedByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.IoUtil;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.status.AtomicCounter;
import org.agrona.concurrent.status.CountersReader;

/**
 * What a consensus module tells in its counters, for other threads than its own. They are read through a mapping of our own, which
 * is never undone by hand: the consensus module unmaps its own as soon as it ends, and who reads that afterwards crashes the
 * process. Any thread.
 */
final class MemberCounters {
    private final CountersReader counters;
    private final One commitPosition;
    private final One snapshots;
    private final One controlToggle;
    private final One role;
    private final One electionState;
    private final int consensusStreamId;

    MemberCounters(final ConsensusModule consensusModule) {
        final ConsensusModule.Context ctx = consensusModule.context();
        final MappedByteBuffer mapped = IoUtil.mapExistingFile(
                new File(ctx.aeronDirectoryName(), CncFileDescriptor.CNC_FILE), CncFileDescriptor.CNC_FILE);
        final DirectBuffer metaData = CncFileDescriptor.createMetaDataBuffer(mapped);
        final AtomicBuffer values = CncFileDescriptor.createCountersValuesBuffer(mapped, metaData);
        counters = new CountersReader(CncFileDescriptor.createCountersMetaDataBuffer(mapped, metaData), values);
        commitPosition = new One(ctx.commitPositionCounter(), values);
        snapshots = new One(ctx.snapshotCounter(), values);
        controlToggle = new One(ctx.controlToggleCounter(), values);
        role = new One(ctx.clusterNodeRoleCounter(), values);
        electionState = new One(ctx.electionStateCounter(), values);
        consensusStreamId = ctx.consensusStreamId();
    }

    /** Bytes of the log that a majority has; 0 when the member has ended. */
    long commitPosition() {
        return commitPosition.get(0);
    }

    /** Taken since the member started; 0 when it has ended. */
    long snapshotCount() {
        return snapshots.get(0);
    }

    boolean isLeader() {
        return role.get(-1) == Cluster.Role.LEADER.code();
    }

    boolean isElectionOver() {
        return electionState.get(-1) == ElectionState.CLOSED.code();
    }

    /** The state of its election; null when the member has ended. */
    ElectionState election() {
        final long code = electionState.get(-1);
        return code < 0 ? null : ElectionState.get(code);
    }

    /** Other members whose words arrive here. */
    int others() {
        final int[] streams = {0};
        counters.forEach((counterId, typeId, key, label) -> {
            if (typeId == AeronCounters.DRIVER_RECEIVER_HWM_TYPE_ID
                    && key.getInt(StreamCounter.STREAM_ID_OFFSET) == consensusStreamId) {
                streams[0]++;
            }
        });
        return streams[0];
    }

    boolean requestSnapshot() {
        return isLeader() && ClusterControl.ToggleState.SNAPSHOT.toggle(controlToggle.counter);
    }

    /** One counter; the driver gives the numbers of those that are gone to others. */
    private final class One {
        private final AtomicCounter counter;
        private final long registrationId;

        private One(final Counter original, final AtomicBuffer values) {
            counter = new AtomicCounter(values, original.id());
            registrationId = original.registrationId();
        }

        private long get(final long otherwise) {
            final long value = counter.get();
            return counters.getCounterState(counter.id()) == CountersReader.RECORD_ALLOCATED
                            && counters.getCounterRegistrationId(counter.id()) == registrationId
                    ? value
                    : otherwise;
        }
    }
}
