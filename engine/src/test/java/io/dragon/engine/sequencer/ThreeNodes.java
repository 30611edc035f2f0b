package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.dragon.codecs.control.RoutePageDecoder;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.sequencer.Messages.Told;
import io.dragon.engine.sequencer.Rig.Peer;

/** Three nodes that tell of the links between them, and what the sequencer says of the ways. */
abstract class ThreeNodes {
    static final long US = 1_000;
    static final long MS = 1_000_000;

    final Rig rig = new Rig();
    final Peer a = rig.node("a");
    final Peer b = rig.node("b");
    final Peer c = rig.node("c");

    record Way(int nextHop, long latencyNs, long bytesPerSecond, WorkerState state, String addresses) {}

    void tell(final Peer from, final Told... links) {
        from.tell(Messages.linkReport(links));
        rig.pass(50, a, b, c);
    }

    /** Every link with its round trip. */
    void measure(final long ab, final long ac, final long bc) {
        tell(a, Told.up(b.id, ab), Told.up(c.id, ac));
        tell(b, Told.up(a.id, ab), Told.up(c.id, bc));
        tell(c, Told.up(a.id, ac), Told.up(b.id, bc));
    }

    RoutePageDecoder ask(final Peer from, final long knownVersion, final int afterId) {
        from.tell(Messages.routeQuery(7, knownVersion, afterId));
        return rig.lastReply().as(new RoutePageDecoder());
    }

    Way way(final Peer from, final Peer to) {
        int after = 0;
        while (true) {
            final RoutePageDecoder page = ask(from, -1, after);
            final int more = page.hasMore();
            for (final RoutePageDecoder.RoutesDecoder route : page.routes()) {
                after = (int) route.nodeId();
                final Way way = new Way(
                        (int) route.nextHopId(),
                        route.latencyNs(),
                        route.bytesPerSecond(),
                        route.state(),
                        route.name() + " " + route.addresses());
                if (after == to.id) {
                    return way;
                }
            }
            assertEquals(1, more, "no way told");
        }
    }

    long version() {
        return rig.sequencer.core().routes.version();
    }
}
