package io.dragon.tools;

import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.config.DragonConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * A master as it is shown: what the masters know of each other, and what its own counters say where they are on this host.
 *
 * @param id           its number.
 * @param host         its host.
 * @param role         leader, follower, candidate, or unknown.
 * @param state        alive, dead, left, or unknown when it has never registered.
 * @param processId    its process on its host; 0 unknown.
 * @param position     how far it has come in the log, bytes; 0 unknown.
 * @param silentMillis time since the others heard it.
 * @param election     the state of its election; unknown for another host's.
 * @param errors       errors that its media driver and what runs on it have noted.
 */
record MasterRow(
        int id,
        String host,
        String role,
        String state,
        long processId,
        long position,
        long silentMillis,
        String election,
        long errors) {
    private static final String UNKNOWN = "unknown";

    /** Every master that is configured or has registered. */
    static List<MasterRow> of(final ClusterStatus status, final DragonConfig config) {
        final List<MasterCounters> counters = MasterCounters.of(config);
        final List<MasterRow> rows = new ArrayList<>();
        for (final MasterCounters counter : counters) {
            rows.add(row(counter, named(status, counter.id()), status.leadership()));
        }
        for (final ClusterStatus.Master master : status.masters()) {
            if (master.memberId() >= counters.size()) {
                final MasterCounters none = new MasterCounters(master.memberId(), master.host(), UNKNOWN, UNKNOWN, 0);
                rows.add(row(none, master, status.leadership()));
            }
        }
        return rows;
    }

    private static ClusterStatus.Master named(final ClusterStatus status, final int memberId) {
        for (final ClusterStatus.Master master : status.masters()) {
            if (master.memberId() == memberId) {
                return master;
            }
        }
        return null;
    }

    private static MasterRow row(
            final MasterCounters counters, final ClusterStatus.Master master, final ClusterStatus.Leadership leader) {
        if (master == null) {
            final boolean leads =
                    leader.memberId() == counters.id() && counters.role().equals("leader");
            return new MasterRow(
                    counters.id(),
                    counters.host(),
                    leads ? "leader" : counters.role(),
                    UNKNOWN,
                    0,
                    0,
                    0,
                    counters.election(),
                    counters.errors());
        }
        // What it calls itself: its configuration may say no more than localhost, and the one of this command nothing.
        final String role = master.leads() ? "leader" : master.isAlive() ? "follower" : "none";
        return new MasterRow(
                counters.id(),
                master.host().isEmpty() ? counters.host() : master.host(),
                role,
                StatusJson.word(master.state()),
                master.processId(),
                master.position(),
                master.silentMillis(),
                counters.election(),
                counters.errors());
    }
}
