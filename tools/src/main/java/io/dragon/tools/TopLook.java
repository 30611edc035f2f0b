package io.dragon.tools;

import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.config.DragonConfig;
import java.util.List;

/**
 * A cluster as it was at one moment.
 *
 * @param status  of the cluster.
 * @param masters of it.
 * @param nanos   the moment, by a clock that nobody sets.
 */
record TopLook(ClusterStatus status, List<MasterRow> masters, long nanos) {
    static TopLook at(final DragonClient client, final DragonConfig config) {
        final ClusterStatus status = client.status();
        return new TopLook(status, MasterRow.of(status, config), System.nanoTime());
    }
}
