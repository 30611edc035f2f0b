package io.dragon.tools;

import io.aeron.AeronCounters;
import io.aeron.CncFileDescriptor;
import io.aeron.cluster.ElectionState;
import io.aeron.cluster.service.Cluster;
import io.dragon.engine.config.DragonConfig;
import java.io.File;
import java.nio.MappedByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.agrona.DirectBuffer;
import org.agrona.IoUtil;
import org.agrona.concurrent.errors.ErrorLogReader;
import org.agrona.concurrent.status.CountersReader;

/**
 * A master as the counters of its media driver show it, on this host only; of another host's it is only known that it is
 * configured.
 *
 * @param id       its number.
 * @param host     its host.
 * @param role     leader, follower, candidate, or unknown.
 * @param election the state of its election; closed while it works.
 * @param errors   errors that its media driver and what runs on it have noted.
 */
record MasterCounters(int id, String host, String role, String election, long errors) {
    private static final String UNKNOWN = "unknown";

    /** Every master of a configuration. */
    static List<MasterCounters> of(final DragonConfig config) {
        final List<MasterCounters> masters = new ArrayList<>();
        final List<String> members = config.masters().members();
        for (int i = 0; i < members.size(); i++) {
            final Path directory = members.size() == 1
                    ? ClusterAccess.aeronDirectory(config)
                    : config.dragonDir().resolve("aeron-" + i);
            masters.add(
                    ClusterAccess.isDriverActive(directory, config.timeouts())
                            ? read(i, members.get(i), directory)
                            : new MasterCounters(i, members.get(i), UNKNOWN, UNKNOWN, 0));
        }
        return masters;
    }

    private static MasterCounters read(final int id, final String host, final Path directory) {
        final File file = new File(directory.toFile(), CncFileDescriptor.CNC_FILE);
        final MappedByteBuffer cnc = IoUtil.mapExistingFile(file, CncFileDescriptor.CNC_FILE);
        try {
            final DirectBuffer meta = CncFileDescriptor.createMetaDataBuffer(cnc);
            final CountersReader counters = new CountersReader(
                    CncFileDescriptor.createCountersMetaDataBuffer(cnc, meta),
                    CncFileDescriptor.createCountersValuesBuffer(cnc, meta));
            final String[] words = {UNKNOWN, UNKNOWN};
            counters.forEach((counterId, typeId, key, label) -> {
                final long value = counters.getCounterValue(counterId);
                if (typeId == AeronCounters.CLUSTER_NODE_ROLE_TYPE_ID) {
                    words[0] = Cluster.Role.get((int) value).name().toLowerCase(Locale.ROOT);
                } else if (typeId == AeronCounters.CLUSTER_ELECTION_STATE_TYPE_ID) {
                    words[1] = ElectionState.get((int) value).name().toLowerCase(Locale.ROOT);
                }
            });
            final long[] errors = new long[1];
            ErrorLogReader.read(
                    CncFileDescriptor.createErrorLogBuffer(cnc, meta),
                    (observations, first, last, text) -> errors[0] += observations);
            return new MasterCounters(id, host, words[0], words[1], errors[0]);
        } finally {
            IoUtil.unmap(cnc);
        }
    }
}
