package io.dragon.tools.process;

import io.aeron.AeronCounters;
import io.aeron.cluster.ElectionState;
import io.aeron.cluster.service.Cluster;
import java.nio.file.Path;
import java.util.Locale;

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
        try (DriverFile file = DriverFile.open(aeronDirectory)) {
            return file == null ? UNKNOWN : of(file);
        }
    }

    private static MemberView of(final DriverFile file) {
        String role = UNKNOWN.role;
        String election = UNKNOWN.election;
        for (final DriverFile.Counter counter : file.counters()) {
            if (counter.typeId() == AeronCounters.CLUSTER_NODE_ROLE_TYPE_ID) {
                role = Cluster.Role.get((int) counter.value()).name().toLowerCase(Locale.ROOT);
            } else if (counter.typeId() == AeronCounters.CLUSTER_ELECTION_STATE_TYPE_ID) {
                election = ElectionState.get((int) counter.value()).name().toLowerCase(Locale.ROOT);
            }
        }
        return new MemberView(
                role,
                election,
                file.faults().stream().mapToLong(DriverFile.Fault::times).sum());
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
