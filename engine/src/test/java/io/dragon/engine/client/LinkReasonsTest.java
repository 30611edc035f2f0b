package io.dragon.engine.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.LinkState;
import io.dragon.codecs.control.WorkerState;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What health says of links: "high latency" of the source document's table, and links that are down or lose packets. */
final class LinkReasonsTest {
    private static final List<ClusterStatus.Node> NODES =
            List.of(node(1, "a", WorkerState.ALIVE), node(2, "b", WorkerState.ALIVE), node(3, "c", WorkerState.ALIVE));

    private static ClusterStatus.Node node(final int id, final String name, final WorkerState state) {
        return new ClusterStatus.Node(
                id,
                1,
                name,
                name,
                state,
                0,
                0,
                0,
                List.of(),
                ClusterStatus.Resources.UNKNOWN,
                ClusterStatus.Traffic.NONE);
    }

    private static ClusterStatus.Link link(
            final int from, final int to, final LinkState state, final double millis, final int hop) {
        return new ClusterStatus.Link(
                from,
                name(from),
                to,
                name(to),
                state,
                state == LinkState.UP ? 0 : 0.03,
                millis,
                0,
                hop,
                name(hop),
                millis / 2,
                3_200,
                state == LinkState.DEGRADED && millis > 10 ? millis : 0,
                state == LinkState.DEGRADED && millis > 10 ? 0.4 : 0);
    }

    private static String name(final int id) {
        return id == 0 ? "" : "abc".substring(id - 1, id);
    }

    @Test
    void shouldSayNothingOfLinksThatAreUp() {
        assertEquals(
                List.of(),
                LinkReasons.of(List.of(link(1, 2, LinkState.UP, 0.2, 2), link(2, 1, LinkState.UP, 0.2, 1)), NODES, 5));
    }

    @Test
    void shouldNameALongRoundTripAndWhatHelps() {
        final List<String> slow =
                LinkReasons.of(List.of(link(1, 2, LinkState.UP, 12, 2), link(2, 1, LinkState.UP, 12, 1)), NODES, 5);
        assertEquals(1, slow.size(), slow.toString());
        assertTrue(slow.get(0).startsWith("the link between a and b has a round trip of 12.0 ms"), slow.get(0));
        assertTrue(slow.get(0).contains("jumbo frames (MTU 9000)"), slow.get(0));
        assertEquals(List.of(), LinkReasons.of(List.of(link(1, 2, LinkState.UP, 12, 2)), NODES, 20));
    }

    @Test
    void shouldSayByWhichWayFramesGoWhereALinkIsDown() {
        assertEquals(
                List.of("the link between a and b is down for 3.2 s: frames go by way of c"),
                LinkReasons.of(List.of(link(1, 2, LinkState.DOWN, 0, 3), link(2, 1, LinkState.DOWN, 0, 3)), NODES, 5));
        final String none = LinkReasons.of(List.of(link(1, 2, LinkState.DOWN, 0, 0)), NODES, 5)
                .get(0);
        assertTrue(none.contains("there is no other way"), none);
        final String degraded = LinkReasons.of(List.of(link(1, 2, LinkState.DEGRADED, 7, 2)), NODES, 5)
                .get(0);
        assertEquals(
                "the link between a and b is degraded for 3.2 s: 3.0 % of the probes lost ('dragon routes')", degraded);
        assertEquals(
                List.of(
                        "the link between a and b is degraded for 3.2 s: spikes of 41.0 ms where 0.4 ms are usual ('dragon routes')"),
                LinkReasons.of(List.of(link(1, 2, LinkState.DEGRADED, 41, 2)), NODES, 5));
    }

    @Test
    void shouldSayNothingOfTheLinksOfANodeThatIsLost() {
        final List<ClusterStatus.Node> nodes = List.of(node(1, "a", WorkerState.ALIVE), node(2, "b", WorkerState.DEAD));
        assertEquals(List.of(), LinkReasons.of(List.of(link(1, 2, LinkState.DOWN, 0, 0)), nodes, 5));
    }
}
