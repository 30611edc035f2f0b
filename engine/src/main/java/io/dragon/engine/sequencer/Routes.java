package io.dragon.engine.sequencer;

import io.dragon.engine.sequencer.balance.Links;

/**
 * By which node the frames of one node come to another: Floyd-Warshall over what the nodes measured, in integers.
 *
 * <pre>
 *   a link costs   half its round trip; 20 ms more when it is degraded; a second when nobody has measured it
 *   there is none  when it is down, or one of its ends is not alive
 *   a way is       direct, as long as its link is not down and no other is much better; also while nobody has measured it
 *   much better    by a quarter and by a millisecond: probes of idle links on a busy host differ by less than that, but not by much less
 *   a way stays    as it is until another is much better, or it is gone; the direct one comes back once it is within a quarter or half a
 *                  millisecond of the best
 *   is at most     five links long, because frames are relayed four times at most: a longer one is direct where that is possible, and
 *                  none otherwise
 * </pre>
 *
 * No way turns in circles: whoever is asked is nearer to the frames, by the shortest ways of one and the same computation, than the
 * one that asks; that is checked of every way that stays, and true of the others.
 */
final class Routes implements Links {
    /** Of a link that nobody has measured. */
    static final long ASSUMED_NS = 1_000_000;

    static final long ASSUMED_BYTES_PER_SECOND = 100_000_000;

    private static final long DEGRADED_NS = 20_000_000;
    private static final long UNMEASURED_NS = 1_000_000_000;
    private static final long NO_WAY = Long.MAX_VALUE >> 2;
    private static final long GAIN_NS = 1_000_000;

    /** Between two computations, so that many reports at a time are one; not for nodes that come and go. */
    private static final int LEAST_MS = 10;

    /** Between two computations that somebody asked for: who asks more often is told what is. */
    private static final int LEAST_ASKED_MS = 100;

    /** Links of a way: a node agent relays what was relayed less than four times. */
    static final int MOST_LINKS = 5;

    /** In place of a hop, while they are chosen. */
    private static final byte TOO_LONG = -2;

    private final Core core;

    /** Of the last computation; no state. */
    private long[] cost = {};

    private long[] shortest = {};
    private byte[] first = {};
    private byte[] hops = {};

    /** No state between steps: a node has come or gone. */
    private boolean isUrgent;

    /** What the last computation found. */
    int changed;

    int relayed;
    int unreachable;

    Routes(final Core core) {
        this.core = core;
    }

    long version() {
        return core.counters[Counters.ROUTES_VERSION];
    }

    // ---- when

    void addressChanged() {
        core.increment(Counters.ROUTES_VERSION);
    }

    void nodeChanged() {
        core.increment(Counters.ROUTES_VERSION);
        linkChanged();
        isUrgent = true;
    }

    void linkChanged() {
        core.counters[Counters.ROUTES_DIRTY] = 1;
    }

    /** At the beginning of every step what is due by now, so that everybody is told the same; at its end what it changed. */
    void refresh() {
        if (core.counters[Counters.ROUTES_DIRTY] != 0
                && (isUrgent || core.upMs() - core.counters[Counters.ROUTES_MS] >= LEAST_MS)) {
            compute(false);
        }
    }

    /** From what was reported last, whatever the ways are now; not if that was done just before. */
    void optimize() {
        final long askedMs = core.counters[Counters.ROUTES_ASKED_MS];
        if (askedMs != 0 && core.upMs() - askedMs < LEAST_ASKED_MS) {
            count();
            return;
        }
        core.counters[Counters.ROUTES_ASKED_MS] = Math.max(1, core.upMs());
        for (int i = 0; i < core.topology.end; i++) {
            final NodePlace from = core.topology.places[i];
            for (int j = 0; j < core.topology.end && from != null; j++) {
                final Link link = from.links[j];
                if (link != null) {
                    link.countedNs = link.roundTripNs / 2;
                }
            }
        }
        compute(true);
    }

    // ---- the computation

    private void compute(final boolean isAnew) {
        final int n = core.topology.end;
        isUrgent = false;
        core.counters[Counters.ROUTES_DIRTY] = 0;
        core.counters[Counters.ROUTES_MS] = core.upMs();
        if (cost.length < n * n) {
            cost = new long[n * n];
            shortest = new long[n * n];
            first = new byte[n * n];
            hops = new byte[n * n];
        }
        fill(n);
        floydWarshall(n, shortest, first);
        decide(n, isAnew);
    }

    /** What there is, without computing anything. */
    private void count() {
        changed = 0;
        relayed = 0;
        unreachable = 0;
        for (int i = 0; i < core.topology.end; i++) {
            final NodePlace from = core.topology.places[i];
            for (int j = 0; j < core.topology.end; j++) {
                final NodePlace to = core.topology.places[j];
                if (from != null && to != null && i != j && from.node.isAlive && to.node.isAlive) {
                    final int hop = from.link(j).hop;
                    relayed += hop != Link.NONE && hop != j ? 1 : 0;
                    unreachable += hop == Link.NONE ? 1 : 0;
                }
            }
        }
    }

    private void fill(final int n) {
        for (int i = 0; i < n; i++) {
            final NodePlace from = core.topology.places[i];
            for (int j = 0; j < n; j++) {
                final NodePlace to = core.topology.places[j];
                final boolean areAlive = from != null && to != null && from.node.isAlive && to.node.isAlive;
                final long ns = !areAlive ? NO_WAY : i == j ? 0 : cost(from.links[j]);
                cost[i * n + j] = ns;
                shortest[i * n + j] = ns;
                first[i * n + j] = (byte) j;
            }
        }
    }

    private static long cost(final Link link) {
        if (link == null || link.state == Link.UNKNOWN) {
            return UNMEASURED_NS;
        }
        if (link.state == Link.DOWN) {
            return NO_WAY;
        }
        final long ns = link.countedNs == 0 ? ASSUMED_NS : link.countedNs;
        return link.state == Link.DEGRADED ? ns + DEGRADED_NS : ns;
    }

    static void floydWarshall(final int n, final long[] shortest, final byte[] first) {
        for (int k = 0; k < n; k++) {
            final int viaRow = k * n;
            for (int i = 0; i < n; i++) {
                final int row = i * n;
                final long toVia = shortest[row + k];
                if (toVia < NO_WAY && i != k) {
                    final byte hop = first[row + k];
                    for (int j = 0; j < n; j++) {
                        final long ns = toVia + shortest[viaRow + j];
                        if (ns < shortest[row + j]) {
                            shortest[row + j] = ns;
                            first[row + j] = hop;
                        }
                    }
                }
            }
        }
    }

    private void decide(final int n, final boolean isAnew) {
        changed = 0;
        relayed = 0;
        unreachable = 0;
        choose(n, isAnew);
        boolean isAnyNew = false;
        NodePlace firstFrom = null;
        NodePlace firstTo = null;
        for (int i = 0; i < n; i++) {
            final NodePlace from = core.topology.places[i];
            for (int j = 0; j < n; j++) {
                final NodePlace to = core.topology.places[j];
                if (from == null || to == null || i == j) {
                    continue;
                }
                final Link link = from.link(j);
                final int before = link.hop;
                final boolean areAlive = from.node.isAlive && to.node.isAlive;
                link.hop = hops[i * n + j];
                if (link.hop != before) {
                    isAnyNew = true;
                    if (areAlive && isNews(link, before, j)) {
                        changed++;
                        firstFrom = firstFrom == null ? from : firstFrom;
                        firstTo = firstTo == null ? to : firstTo;
                        trace(from, to, link);
                    }
                }
                if (areAlive) {
                    relayed += link.hop != Link.NONE && link.hop != j ? 1 : 0;
                    unreachable += link.hop == Link.NONE ? 1 : 0;
                }
            }
        }
        if (isAnyNew) {
            core.increment(Counters.ROUTES_VERSION);
        }
        if (firstFrom != null) {
            core.faults.routesChanged(firstFrom.node, firstTo, via(firstFrom.links[firstTo.index]), changed);
        }
    }

    /** The next node of every way, as it would be told; those that are too long are cut short last, since they depend on all others. */
    private void choose(final int n, final boolean isAnew) {
        for (int i = 0; i < n; i++) {
            final NodePlace from = core.topology.places[i];
            for (int j = 0; j < n; j++) {
                final NodePlace to = core.topology.places[j];
                final boolean areAlive = from != null && to != null && i != j && from.node.isAlive && to.node.isAlive;
                hops[i * n + j] = (byte) (areAlive ? hop(n, i, j, from.link(j), isAnew) : Link.NONE);
            }
        }
        mark(n);
        for (int way = 0; way < n * n; way++) {
            hops[way] = hops[way] == TOO_LONG && cost[way] < NO_WAY ? (byte) (way % n) : hops[way];
        }
        mark(n); // a direct link that replaced a way has shortened others
        for (int way = 0; way < n * n; way++) {
            hops[way] = hops[way] == TOO_LONG ? (byte) Link.NONE : hops[way];
        }
    }

    private void mark(final int n) {
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                if (i != j && isTooLong(n, i, j)) {
                    hops[i * n + j] = TOO_LONG;
                }
            }
        }
    }

    /** Whether a way has too many links, or goes by way of one that has. */
    private boolean isTooLong(final int n, final int from, final int to) {
        int at = from;
        int links = 0;
        while (at >= 0 && at != to && links < n) {
            at = hops[at * n + to];
            links++;
        }
        return at == TOO_LONG || at == to && links > MOST_LINKS;
    }

    /** That a node has come, and is asked directly, is none. */
    private static boolean isNews(final Link link, final int before, final int direct) {
        return before != Link.NONE || link.hop != direct || link.state != Link.UNKNOWN;
    }

    private int hop(final int n, final int from, final int to, final Link link, final boolean isAnew) {
        final long best = shortest[from * n + to];
        final long direct = cost[from * n + to];
        if (best >= NO_WAY) {
            return Link.NONE;
        }
        if (link.state == Link.UNKNOWN || (direct < NO_WAY && isClose(direct, best))) {
            return to;
        }
        final int before = link.hop;
        if (!isAnew
                && before != Link.NONE
                && before != to
                && before < n
                && cost[from * n + before] < NO_WAY
                && shortest[before * n + to] < best
                && !isMuchBetter(best, cost[from * n + before] + shortest[before * n + to])) {
            return before;
        }
        return direct < NO_WAY && !isMuchBetter(best, direct) ? to : first[from * n + to];
    }

    private static boolean isMuchBetter(final long ns, final long thanNs) {
        return thanNs - ns >= GAIN_NS && ns * 4 < thanNs * 3;
    }

    /** Within a quarter, or so little that nobody would notice. */
    private static boolean isClose(final long ns, final long toNs) {
        return (ns - toNs) * 4 <= toNs || ns - toNs <= GAIN_NS / 2;
    }

    private NodePlace via(final Link link) {
        return link.hop == Link.NONE ? null : core.topology.places[link.hop];
    }

    private void trace(final NodePlace from, final NodePlace to, final Link link) {
        if (core.trace != null) {
            final NodePlace via = via(link);
            core.trace.routeChanged(
                    from.node.id, to.node.id, via == null ? 0 : via.node.id, latencyNs(to.node.id, from.node.id));
        }
    }

    // ---- what a way is like

    /** Place of the node that is asked for another's frames; {@link Link#NONE} without a way. Without measurements directly. */
    int hop(final NodePlace asking, final NodePlace holding) {
        return asking == null ? holding.index : asking.link(holding.index).hop;
    }

    /** Along the way, one way, as measured last; 0 when a part of it was never measured, or there is none. */
    long measuredNs(final NodePlace asking, final NodePlace holding) {
        long ns = 0;
        NodePlace at = asking;
        for (int hops = 0; at != null && at != holding && hops < core.topology.end; hops++) {
            final int hop = at.link(holding.index).hop;
            final Link link = hop == Link.NONE ? null : at.link(hop);
            if (link == null || link.roundTripNs == 0) {
                return 0;
            }
            ns += link.roundTripNs / 2;
            at = core.topology.places[hop];
        }
        return at == holding ? ns : 0;
    }

    /** Of the slowest link of the way that was measured; 0 when none was, or there is no way. */
    long measuredBytesPerSecond(final NodePlace asking, final NodePlace holding) {
        long rate = 0;
        NodePlace at = asking;
        for (int hops = 0; at != null && at != holding && hops < core.topology.end; hops++) {
            final int hop = at.link(holding.index).hop;
            if (hop == Link.NONE) {
                return 0;
            }
            final long of = at.link(hop).bytesPerSecond;
            rate = of == 0 ? rate : rate == 0 ? of : Math.min(rate, of);
            at = core.topology.places[hop];
        }
        return rate;
    }

    @Override
    public long latencyNs(final int fromNodeId, final int toNodeId) {
        if (fromNodeId == toNodeId) {
            return 0;
        }
        final NodePlace holding = core.topology.of(fromNodeId);
        final NodePlace asking = core.topology.of(toNodeId);
        if (holding == null || asking == null) {
            return ASSUMED_NS;
        }
        if (hop(asking, holding) == Link.NONE) {
            return UNREACHABLE_NS;
        }
        final long ns = measuredNs(asking, holding);
        return ns == 0 ? ASSUMED_NS : ns;
    }

    @Override
    public long bytesPerSecond(final int fromNodeId, final int toNodeId) {
        if (fromNodeId == toNodeId) {
            return 0;
        }
        final NodePlace holding = core.topology.of(fromNodeId);
        final NodePlace asking = core.topology.of(toNodeId);
        final long rate = holding == null || asking == null ? 0 : measuredBytesPerSecond(asking, holding);
        return rate == 0 ? ASSUMED_BYTES_PER_SECOND : rate;
    }
}
