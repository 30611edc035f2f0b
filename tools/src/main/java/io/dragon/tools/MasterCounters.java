package io.dragon.tools;

import io.dragon.engine.config.DragonConfig;
import io.dragon.tools.process.MemberView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
    /** Every master of a configuration. */
    static List<MasterCounters> of(final DragonConfig config) {
        final List<MasterCounters> masters = new ArrayList<>();
        final List<String> members = config.masters().members();
        for (int i = 0; i < members.size(); i++) {
            final Path directory = members.size() == 1
                    ? ClusterAccess.aeronDirectory(config)
                    : config.dragonDir().resolve("aeron-" + i);
            final MemberView view = ClusterAccess.isDriverActive(directory, config.timeouts())
                    ? MemberView.of(directory)
                    : MemberView.UNKNOWN;
            masters.add(new MasterCounters(i, members.get(i), view.role(), view.election(), view.errors()));
        }
        return masters;
    }
}
