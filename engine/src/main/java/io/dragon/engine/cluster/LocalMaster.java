package io.dragon.engine.cluster;

import io.aeron.Aeron;
import io.aeron.cluster.ConsensusModule.Configuration;
import io.aeron.cluster.service.Cluster;
import io.aeron.cluster.service.ClusterCounters;
import org.agrona.concurrent.status.CountersReader;

/** A single master on our own media driver, as that driver's counters show it; they outlive a killed one for a while. */
final class LocalMaster {
    private final boolean isWanted;
    private boolean isThere;
    private boolean isLeading;

    /** Not wanted: others were named, and none of them is looked for here. */
    LocalMaster(final boolean isWanted) {
        this.isWanted = isWanted;
    }

    /** As of the last look. */
    boolean isThere() {
        return isThere;
    }

    void look(final Aeron aeron) {
        if (isWanted) {
            final CountersReader counters = aeron.countersReader();
            final int role = ClusterCounters.find(counters, Configuration.CLUSTER_NODE_ROLE_TYPE_ID, 0);
            isThere =
                    ClusterCounters.find(counters, Configuration.CONSENSUS_MODULE_STATE_TYPE_ID, 0) != Aeron.NULL_VALUE;
            isLeading = role != Aeron.NULL_VALUE && counters.getCounterValue(role) == Cluster.Role.LEADER.code();
        }
    }

    /** Looks; whether it has come since the look before, or leads by now. */
    boolean isNew(final Aeron aeron) {
        final boolean wasThere = isThere;
        final boolean wasLeading = isLeading;
        look(aeron);
        return isThere && !wasThere || isLeading && !wasLeading;
    }
}
