package io.dragon.engine.transfer;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What a host knows of others, as a test says. */
final class FixedRoutes implements RouteView {
    private final Map<Long, Integer> pools = new HashMap<>();
    private final Map<Integer, Integer> ports = new HashMap<>();
    private final Map<Integer, Integer> hops = new HashMap<>();
    private final Set<Integer> dead = new HashSet<>();
    private long version = 1;
    private boolean isKnown;

    FixedRoutes node(final int nodeId, final int port) {
        ports.put(nodeId, port);
        version++;
        return this;
    }

    FixedRoutes pool(final long poolId, final int nodeId) {
        pools.put(poolId, nodeId);
        return this;
    }

    FixedRoutes hop(final int nodeId, final int nextHop) {
        hops.put(nodeId, nextHop);
        version++;
        return this;
    }

    FixedRoutes dead(final int nodeId) {
        dead.add(nodeId);
        version++;
        return this;
    }

    @Override
    public int nodeOf(final long poolId) {
        return pools.getOrDefault(poolId, UNKNOWN);
    }

    @Override
    public int nextHop(final int nodeId) {
        return hops.getOrDefault(nodeId, ports.containsKey(nodeId) ? nodeId : 0);
    }

    @Override
    public boolean isDead(final int nodeId) {
        return dead.contains(nodeId);
    }

    @Override
    public String address(final int nodeId) {
        return ports.containsKey(nodeId) ? "127.0.0.1" : null;
    }

    @Override
    public int port(final int nodeId) {
        return ports.getOrDefault(nodeId, 0);
    }

    @Override
    public String name(final int nodeId) {
        return "host" + nodeId;
    }

    /** Whether the address of the hosts of a test is one that is known. */
    FixedRoutes known(final boolean known) {
        isKnown = known;
        return this;
    }

    @Override
    public boolean isNodeAddress(final InetAddress address) {
        return isKnown;
    }

    @Override
    public long version() {
        return version;
    }
}
