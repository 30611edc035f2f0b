package io.dragon.tools;

import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.Health;
import io.dragon.engine.config.DragonException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A look at a cluster, and a second one where only two tell whether something grows. */
final class Looks {
    /** Nodes tell once a second what they have. */
    private static final long BETWEEN_NS = TimeUnit.MILLISECONDS.toNanos(1_100);

    private Looks() {}

    /** The health as both looks show it; that no master answers is one, too. */
    static Health health(final DragonClient client) {
        try {
            return at(client).health();
        } catch (final DragonException ex) {
            return client.health();
        }
    }

    /** One look where no host has ever lost a datagram, otherwise the second of two. */
    static ClusterStatus at(final DragonClient client) {
        final ClusterStatus first = client.status();
        if (first.nodes().stream().noneMatch(node -> node.resources().udpErrors() > 0)) {
            return first;
        }
        LockSupport.parkNanos(BETWEEN_NS);
        return client.status();
    }
}
