package io.dragon.engine.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What is wrong with the resources of hosts, one sentence each. */
final class NodeReasons {
    /** Shared memory of which less than one in so many bytes is free is nearly full. */
    private static final int NEARLY_FULL = 10;

    private static final double MEBI = 1 << 20;

    /** Datagrams that a host had lost when it was looked at before, by its party id. */
    private final Map<Integer, Long> lostBefore = new ConcurrentHashMap<>();

    static List<String> sharedMemory(final List<ClusterStatus.Node> nodes) {
        final List<String> full = new ArrayList<>();
        for (final ClusterStatus.Node node : nodes) {
            final long total = node.resources().sharedBytes();
            final long free = node.resources().sharedFreeBytes();
            if (node.isAlive() && total > 0 && free >= 0 && free < total / NEARLY_FULL) {
                full.add(String.format(
                        Locale.ROOT,
                        "the shared memory of node %s is nearly full: %.0f of %.0f MiB are free; fewer slots (pools.slots), or"
                                + " more memory ('dragon doctor' there says how)",
                        node.name(),
                        free / MEBI,
                        total / MEBI));
            }
        }
        return Reasons.few(full, "nodes have little shared memory left");
    }

    /** Which hosts have lost datagrams since they were looked at the last time. */
    List<String> lostDatagrams(final List<ClusterStatus.Node> nodes) {
        final List<String> losing = new ArrayList<>();
        for (final ClusterStatus.Node node : nodes) {
            final long lost = node.resources().udpErrors();
            final Long before = lost < 0 ? null : lostBefore.put(node.id(), lost);
            if (before != null && lost > before && node.isAlive()) {
                losing.add(
                        "node " + node.name() + " loses datagrams, " + (lost - before)
                                + " since the last look: larger socket buffers help (net.core.rmem_max; 'dragon doctor' there says how)");
            }
        }
        return Reasons.few(losing, "nodes lose datagrams");
    }
}
