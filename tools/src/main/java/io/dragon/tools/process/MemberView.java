package io.dragon.tools.process;

import io.aeron.AeronCounters;
import io.aeron.CncFileDescriptor;
import io.aeron.cluster.ElectionState;
import io.aeron.cluster.service.Cluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.agrona.DirectBuffer;
import org.agrona.IoUtil;
import org.agrona.concurrent.errors.ErrorLogReader;
import org.agrona.concurrent.status.CountersReader;

/**
 * A master as the counters of its media driver show it to another process of its host.
 *
 * @param role     leader, follower, candidate, or unknown.
 * @param election the state of its election; closed while it works.
 * @param errors   errors that its media driver and what runs on it have noted.
 */
public record MemberView(String role, String election, long errors) {
    /** Of a master that cannot be seen. */
    public static final MemberView UNKNOWN = new MemberView("unknown", "unknown", 0);

    /**
     * Looks at a master without disturbing it.
     *
     * @param aeronDirectory of its media driver.
     * @return what it shows; {@link #UNKNOWN} while that driver has not made its file, or makes it anew.
     */
    public static MemberView of(final Path aeronDirectory) {
        final MappedByteBuffer cnc = map(aeronDirectory.resolve(CncFileDescriptor.CNC_FILE));
        if (cnc == null) {
            return UNKNOWN;
        }
        try {
            final DirectBuffer meta = CncFileDescriptor.createMetaDataBuffer(cnc);
            // The version is written last.
            if (meta.getInt(CncFileDescriptor.cncVersionOffset(0)) == 0
                    || !CncFileDescriptor.isCncFileLengthSufficient(meta, cnc.capacity())) {
                return UNKNOWN;
            }
            final CountersReader counters = new CountersReader(
                    CncFileDescriptor.createCountersMetaDataBuffer(cnc, meta),
                    CncFileDescriptor.createCountersValuesBuffer(cnc, meta));
            final String[] words = {UNKNOWN.role, UNKNOWN.election};
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
            return new MemberView(words[0], words[1], errors[0]);
        } finally {
            IoUtil.unmap(cnc);
        }
    }

    private static MappedByteBuffer map(final Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.size() <= CncFileDescriptor.META_DATA_LENGTH
                    ? null
                    : channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
        } catch (final NoSuchFileException ex) {
            return null; // a driver that was killed starts again: it takes the old file away first
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }

    /**
     * Whether it leads and works.
     *
     * @return true for the leader.
     */
    public boolean isLeader() {
        return isInPlace() && role.equals("leader");
    }

    /**
     * Whether its election is over.
     *
     * @return true while it leads or follows.
     */
    public boolean isInPlace() {
        return election.equals("closed");
    }
}
