package io.dragon.engine.sequencer;

import io.dragon.codecs.control.LinkPageEncoder;
import io.dragon.codecs.control.LinkState;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.OptimizeRoutesDecoder;
import io.dragon.codecs.control.PoolPlaceEncoder;
import io.dragon.codecs.control.PoolQueryDecoder;
import io.dragon.codecs.control.RoutePageEncoder;
import io.dragon.codecs.control.RouteQueryDecoder;
import io.dragon.codecs.control.RoutesOptimizedEncoder;
import org.agrona.MutableDirectBuffer;

/** What node agents and others are told of nodes, of the ways between them, and of where pools lie. */
final class RouteAnswers {
    private static final int GROUP_HEADER = 4;
    private static final int STRING_HEADERS = 4;

    private final Core core;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final RoutePageEncoder routes = new RoutePageEncoder();
    private final PoolPlaceEncoder place = new PoolPlaceEncoder();
    private final RoutesOptimizedEncoder optimized = new RoutesOptimizedEncoder();
    private final LinkPageEncoder links = new LinkPageEncoder();

    /** By party id. */
    private final NodePlace[] nodes = new NodePlace[Topology.MOST];

    private int count;

    RouteAnswers(final Core core) {
        this.core = core;
    }

    private MutableDirectBuffer claim() {
        return core.sink.claim(Sequencer.MAX_MESSAGE_LENGTH);
    }

    private static int room(final int fixed) {
        return Sequencer.MAX_MESSAGE_LENGTH - MessageHeaderEncoder.ENCODED_LENGTH - fixed - GROUP_HEADER;
    }

    private void sort() {
        count = 0;
        for (int i = 0; i < core.topology.end; i++) {
            final NodePlace each = core.topology.places[i];
            if (each != null) {
                int at = count++;
                while (at > 0 && Integer.compareUnsigned(nodes[at - 1].node.id, each.node.id) > 0) {
                    nodes[at] = nodes[at - 1];
                    at--;
                }
                nodes[at] = each;
            }
        }
    }

    void pool(final Party node, final PoolQueryDecoder query) {
        if (node.kind != Party.NODE) {
            core.increment(Counters.MALFORMED);
            return;
        }
        final long poolId = query.poolId();
        final Pool pool = core.frames.pools.get(poolId);
        place.wrapAndApplyHeader(claim(), 0, header)
                .poolId(poolId)
                .nodeId(pool == null ? 0 : Integer.toUnsignedLong(pool.nodeId))
                .slotLength(pool == null ? 0 : pool.slotLength)
                .ownerId(pool == null ? 0 : Integer.toUnsignedLong(pool.owner.id));
        core.sink.reply(core.session, place.limit());
    }

    void routes(final Party node, final RouteQueryDecoder query) {
        if (node.kind != Party.NODE) {
            core.increment(Counters.MALFORMED);
            return;
        }
        final int afterId = (int) query.afterId();
        int from = 0;
        int to = 0;
        if (query.knownVersion() != core.routes.version()) {
            sort();
            while (from < count && Integer.compareUnsigned(nodes[from].node.id, afterId) <= 0) {
                from++;
            }
            to = from;
            int room = room(RoutePageEncoder.BLOCK_LENGTH);
            while (to < count && (room -= length(nodes[to])) >= 0) {
                to++;
            }
        } else {
            count = 0;
        }
        routes.wrapAndApplyHeader(claim(), 0, header)
                .correlationId(query.correlationId())
                .version(core.routes.version())
                .hasMore((short) (to < count ? 1 : 0));
        final RoutePageEncoder.RoutesEncoder entries = routes.routesCount(to - from);
        for (int i = from; i < to; i++) {
            put(entries.next(), node.nodePlace, nodes[i]);
        }
        core.sink.reply(core.session, routes.limit());
    }

    private static int length(final NodePlace node) {
        return RoutePageEncoder.RoutesEncoder.sbeBlockLength()
                + STRING_HEADERS
                + node.name.length
                + node.addresses.length;
    }

    private void put(final RoutePageEncoder.RoutesEncoder entry, final NodePlace asking, final NodePlace node) {
        final boolean isItself = asking == node;
        final int hop = isItself ? node.index : node.node.isAlive ? core.routes.hop(asking, node) : Link.NONE;
        entry.nodeId(Integer.toUnsignedLong(node.node.id))
                .incarnation(Integer.toUnsignedLong(node.node.incarnation))
                .state(Status.state(node.node))
                .nextHopId(hop == Link.NONE ? 0 : Integer.toUnsignedLong(core.topology.places[hop].node.id))
                .latencyNs(core.routes.measuredNs(asking, node))
                .bytesPerSecond(core.routes.measuredBytesPerSecond(asking, node))
                .transportPort(node.transportPort)
                .probePort(node.probePort)
                .putName(node.name, 0, node.name.length)
                .putAddresses(node.addresses, 0, node.addresses.length);
    }

    void optimize(final OptimizeRoutesDecoder command) {
        core.routes.optimize();
        optimized
                .wrapAndApplyHeader(claim(), 0, header)
                .correlationId(command.correlationId())
                .nodes(core.topology.alive)
                .changed(core.routes.changed)
                .relayed(core.routes.relayed)
                .unreachable(core.routes.unreachable)
                .version(core.routes.version());
        core.sink.reply(core.session, optimized.limit());
    }

    /** By ids, those behind as many as were told before. */
    void links(final long correlationId, final long after) {
        sort();
        final int most = room(LinkPageEncoder.BLOCK_LENGTH) / LinkPageEncoder.LinksEncoder.sbeBlockLength();
        final int known = known();
        final int shown = (int) Math.max(0, Math.min(most, known - after));
        links.wrapAndApplyHeader(claim(), 0, header)
                .correlationId(correlationId)
                .hasMore((short) (after + shown < known ? 1 : 0))
                .version(core.routes.version());
        final LinkPageEncoder.LinksEncoder entries = links.linksCount(shown);
        long skip = after;
        int left = shown;
        for (int i = 0; i < count && left > 0; i++) {
            for (int j = 0; j < count && left > 0; j++) {
                if (isKnown(nodes[i], nodes[j]) && --skip < 0) {
                    put(entries.next(), nodes[i], nodes[j]);
                    left--;
                }
            }
        }
        core.sink.reply(core.session, links.limit());
    }

    private int known() {
        int known = 0;
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < count; j++) {
                known += isKnown(nodes[i], nodes[j]) ? 1 : 0;
            }
        }
        return known;
    }

    private static boolean isKnown(final NodePlace from, final NodePlace to) {
        final Link link = from.links[to.index];
        return from != to && link != null && (link.isTold() || link.hop != Link.NONE);
    }

    private void put(final LinkPageEncoder.LinksEncoder entry, final NodePlace from, final NodePlace to) {
        final Link link = from.links[to.index];
        final NodePlace via = link.hop == Link.NONE ? null : core.topology.places[link.hop];
        entry.fromNodeId(Integer.toUnsignedLong(from.node.id))
                .toNodeId(Integer.toUnsignedLong(to.node.id))
                .state(LinkState.get((short) link.state))
                .lossPermille(link.lossPermille)
                .roundTripNs(link.roundTripNs)
                .bytesPerSecond(link.bytesPerSecond)
                .nextHopId(via == null ? 0 : Integer.toUnsignedLong(via.node.id))
                .routeLatencyNs(core.routes.measuredNs(from, to))
                .sinceMs(link.sinceMs == 0 ? 0 : core.upMs() - link.sinceMs)
                .spikeNs(link.spikeNs)
                .usualNs(link.usualNs);
    }
}
