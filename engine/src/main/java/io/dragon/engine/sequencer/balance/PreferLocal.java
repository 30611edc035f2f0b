package io.dragon.engine.sequencer.balance;

import org.agrona.collections.Int2ObjectHashMap;

/**
 * Workers on the node of the task's inputs, the least loaded of them, until those workers together have so many percent
 * of their windows in use; from there on all workers take part, the least loaded first, a local one before a remote one with
 * the same load. A task whose node is not known goes to the least loaded of all.
 */
final class PreferLocal extends Ranked {
    private final Int2ObjectHashMap<Node> nodes = new Int2ObjectHashMap<>();

    /** The workers of one node: those with a free place in order, and what all of them have together. */
    static final class Node {
        private final ByLoad free = new ByLoad();
        private long assigned;
        private long window;
    }

    @Override
    public void offer(final Candidate candidate, final long stamp, final boolean took) {
        uncount(candidate);
        super.offer(candidate, stamp, took);
        count(candidate);
        candidate.node.free.put(candidate.home);
    }

    @Override
    public void full(final Candidate candidate) {
        withdraw(candidate);
        count(candidate);
    }

    @Override
    public void withdraw(final Candidate candidate) {
        super.withdraw(candidate);
        uncount(candidate);
    }

    private void count(final Candidate candidate) {
        Node node = nodes.get(candidate.nodeId());
        if (node == null) {
            node = new Node();
            nodes.put(candidate.nodeId(), node);
        }
        candidate.node = node;
        candidate.countedAssigned = candidate.assigned();
        candidate.countedWindow = candidate.window();
        node.assigned += candidate.countedAssigned;
        node.window += candidate.countedWindow;
    }

    /** What it has, and even its node, may have changed since it was counted. */
    private static void uncount(final Candidate candidate) {
        final Node node = candidate.node;
        if (node != null) {
            node.free.remove(candidate.home);
            node.assigned -= candidate.countedAssigned;
            node.window -= candidate.countedWindow;
            candidate.node = null;
        }
    }

    @Override
    public Candidate choose(final Demand demand) {
        final Node local = local(demand);
        if (isSpilling(demand, local)) {
            return spill(demand);
        }
        final Candidate chosen = local.free.first(demand);
        return chosen == null ? free.first(demand) : chosen;
    }

    private Node local(final Demand demand) {
        return demand.homeNodeId == 0 ? null : nodes.get(demand.homeNodeId);
    }

    private static boolean isSpilling(final Demand demand, final Node local) {
        return local == null || local.window == 0 || 100 * local.assigned >= demand.spillPercent * local.window;
    }

    private Candidate spill(final Demand demand) {
        final Candidate least = free.first(demand);
        if (least == null || demand.isLocal(least)) {
            return least;
        }
        final Node node = local(demand);
        final Candidate local = node == null ? null : node.free.first(demand);
        return local != null && local.place.index == least.place.index ? local : least;
    }

    @Override
    long score(final Demand demand, final Candidate candidate) {
        return load(candidate);
    }

    /** It finds its worker by the orders alone. */
    @Override
    int mostCompared() {
        return Integer.MAX_VALUE;
    }

    @Override
    String refusal(final Demand demand, final Candidate candidate) {
        final String refusal = super.refusal(demand, candidate);
        final Node local = local(demand);
        if (refusal == null
                && !isSpilling(demand, local)
                && !demand.isLocal(candidate)
                && local.free.first(demand) != null) {
            return "it is remote, and local workers have " + local.assigned + " of " + local.window
                    + " places taken, less than " + demand.spillPercent + " %";
        }
        return refusal;
    }

    @Override
    String factors(final Demand demand, final Candidate candidate) {
        final String where = demand.homeNodeId == 0 ? "" : demand.isLocal(candidate) ? "local, " : "remote, ";
        return where + loadText(candidate) + "; the lowest wins, a local one among equals";
    }
}
