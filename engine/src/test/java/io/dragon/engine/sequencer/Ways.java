package io.dragon.engine.sequencer;

import static io.dragon.engine.sequencer.Invariants.broken;
import static io.dragon.engine.sequencer.Invariants.that;

import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.OptimizeRoutesDecoder;
import io.dragon.codecs.control.PoolPlaceDecoder;
import io.dragon.codecs.control.PoolQueryDecoder;
import io.dragon.codecs.control.RoutePageDecoder;
import io.dragon.codecs.control.RouteQueryDecoder;
import io.dragon.codecs.control.RoutesOptimizedDecoder;
import io.dragon.engine.sequencer.balance.Links;

/** What nodes are told of each other, and that no task waits for a worker where its inputs lie for longer than they take elsewhere. */
final class Ways {
    /** Ticks come late, and look at so many tasks at a time. */
    private static final long LATE_MS = 150;

    private final Simulation simulation;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private long place;

    Ways(final Simulation simulation) {
        this.simulation = simulation;
    }

    void after(final LogEntry entry, final Core core) {
        final int template = entry.kind == LogEntry.COMMAND ? entry.template() : 0;
        if (template == RouteQueryDecoder.TEMPLATE_ID) {
            routes(entry, core);
        } else if (template == PoolQueryDecoder.TEMPLATE_ID) {
            pool(entry, core);
        } else if (template == OptimizeRoutesDecoder.TEMPLATE_ID) {
            entry.out.stream()
                    .filter(event -> event.is(RoutesOptimizedDecoder.TEMPLATE_ID))
                    .forEach(event -> simulation.count(Covered.ROUTES_OPTIMIZED));
        }
        if (entry.kind == LogEntry.TICK) {
            waiting(core);
        }
        if (place < core.counters[Counters.PLACE] && core.topology.isSeveral()) {
            given(core);
        }
        place = core.counters[Counters.PLACE];
    }

    private void routes(final LogEntry entry, final Core core) {
        for (final Event event : entry.out) {
            if (event.is(RoutePageDecoder.TEMPLATE_ID)) {
                final RoutePageDecoder page = event.as(new RoutePageDecoder());
                that(page.version() == core.routes.version(), "routes: their version");
                lengths(core);
                page.routes().forEach(route -> {
                    final Party node = core.parties.get((int) route.nodeId());
                    final Party next = core.parties.get((int) route.nextHopId());
                    that(node.name.equals(route.name()) && node.incarnation == route.incarnation(), "routes: a node");
                    that(route.addresses().length() == node.nodePlace.addresses.length, "routes: addresses of a node");
                    that(route.nextHopId() == 0 || next.isAlive, "routes: the next node is alive");
                    simulation.count(Covered.ROUTES_RELAYED, next == null || next == node ? 0 : 1);
                    simulation.count(Covered.ROUTES_MISSING, next == null && node.isAlive ? 1 : 0);
                });
            }
        }
    }

    /** What is told is what can be relayed. */
    private static void lengths(final Core core) {
        for (int i = 0; i < core.topology.end; i++) {
            for (int j = 0; j < core.topology.end; j++) {
                final NodePlace to = core.topology.places[j];
                NodePlace at = core.topology.places[i];
                int links = 0;
                while (at != null && to != null && at != to && links <= Routes.MOST_LINKS) {
                    final int hop = at.links[j] == null ? Link.NONE : at.links[j].hop;
                    at = hop == Link.NONE ? null : core.topology.places[hop];
                    links++;
                }
                that(links <= Routes.MOST_LINKS, "routes: a way that is longer than frames are relayed");
            }
        }
    }

    private static void pool(final LogEntry entry, final Core core) {
        for (final Event event : entry.out) {
            if (event.is(PoolPlaceDecoder.TEMPLATE_ID)) {
                final PoolPlaceDecoder told = event.as(new PoolPlaceDecoder());
                final Pool pool = core.frames.pools.get(told.poolId());
                that(
                        pool == null ? told.ownerId() == 0 && told.nodeId() == 0 : told.ownerId() == pool.owner.id,
                        "where a pool lies");
            }
        }
    }

    private void given(final Core core) {
        for (final Party worker : core.parties.alive) {
            for (Task task = worker.assigned.first; task != null; task = task.next) {
                final boolean isRemote = task.homeNodeId != 0 && task.homeNodeId != worker.nodeId;
                simulation.count(Covered.REMOTE, task.place > place && isRemote ? 1 : 0);
            }
        }
    }

    private void waiting(final Core core) {
        for (final Task task : core.tasks.table.values()) {
            if (task.parked && task.awaitsHomeMs >= 0) {
                simulation.count(Covered.AWAITED);
                final long waitedMs = core.upMs() - task.awaitsHomeMs - LATE_MS;
                final boolean isBound = task.prefersHome && core.upMs() < task.avoidUntilMs;
                if (waitedMs > 0 && !isBound) {
                    for (final Party worker : core.parties.alive) {
                        check(core, task, worker, waitedMs);
                    }
                }
            }
        }
    }

    private static void check(final Core core, final Task task, final Party worker, final long waitedMs) {
        final WorkerType type = worker.workerType(task.type);
        if (type != null && type.isOffered() && task.memoryBytes == 0 && worker.id != task.avoidWorkerId) {
            final long latencyNs = core.routes.latencyNs(task.homeNodeId, worker.nodeId);
            final long rate = core.routes.bytesPerSecond(task.homeNodeId, worker.nodeId);
            final long ns = latencyNs + (rate == 0 ? 0 : task.homeBytes * 1_000_000_000 / rate);
            if (latencyNs < Links.UNREACHABLE_NS && ns < waitedMs * 1_000_000 && !isTooLow(core)) {
                throw broken("nobody waits longer for a worker where its inputs lie than they take to another: task "
                        + Long.toHexString(task.id) + " waits " + waitedMs + " ms for one of node " + task.homeNodeId
                        + ", " + worker.name + " is free");
            }
        }
    }

    /** Strategy scored may find everybody too bad. */
    private static boolean isTooLow(final Core core) {
        return core.config.get(Setting.SCORED_THRESHOLD) > 0;
    }
}
