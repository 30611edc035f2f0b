package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.LinkState;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.Health;
import io.dragon.engine.client.NetworkTopology;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** What {@code dragon routes} shows of three nodes. */
final class RoutesReportTest {
    private static final List<String> NAMES = List.of("", "left", "right", "middle");

    private static ClusterStatus.Node node(final int id, final WorkerState state) {
        return new ClusterStatus.Node(
                id,
                1,
                NAMES.get(id),
                "h" + id,
                state,
                1,
                0,
                0,
                List.of("10.0.0." + id),
                ClusterStatus.Resources.UNKNOWN,
                new ClusterStatus.Traffic(id, 0, 0, 2, id == 3 ? 7 : 0, 0, 0));
    }

    private static ClusterStatus.Link link(final int from, final int to, final LinkState state, final int hop) {
        final boolean isDown = state == LinkState.DOWN;
        return new ClusterStatus.Link(
                from,
                NAMES.get(from),
                to,
                NAMES.get(to),
                state,
                isDown ? 1 : 0,
                isDown ? 0 : 0.21,
                isDown ? 0 : 112 << 20,
                hop,
                NAMES.get(hop),
                hop == 0 ? 0 : 0.105,
                3_200,
                0,
                0);
    }

    private static ClusterStatus status(final WorkerState right, final ClusterStatus.Link... links) {
        return new ClusterStatus(
                new Health(Health.State.HEALTHY, List.of()),
                null,
                new ClusterStatus.Leadership(0, 0),
                List.of(),
                List.of(),
                List.of(node(1, WorkerState.ALIVE), node(2, right), node(3, WorkerState.ALIVE)),
                List.of(),
                List.of(),
                List.of(links));
    }

    private static String printed(final Consumer<PrintStream> report) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        report.accept(new PrintStream(out, true, StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8).replaceAll(" +", " ");
    }

    @Test
    void shouldShowLinksAndTheWayOfEachPairAndMarkRelays() {
        final RoutesReport report = new RoutesReport(status(
                WorkerState.ALIVE,
                link(1, 2, LinkState.DOWN, 3),
                link(2, 1, LinkState.DOWN, 3),
                link(1, 3, LinkState.UP, 3)));
        final String text = printed(report::print);
        assertTrue(text.contains("middle alive relay 3 2 7 10.0.0.3"), text);
        assertTrue(text.contains("left right down for 3.2 s - 100.0 % - by way of middle 0.11 ms"), text);
        assertTrue(text.contains("left middle up 0.21 ms 0.0 % 112.0 MiB directly 0.11 ms"), text);
        assertEquals(0, report.unreachable());
        final ObjectNode json = report.json();
        assertEquals(2, json.get("relayed").asInt());
        assertTrue(json.get("nodes").get(2).get("relay").asBoolean());
        assertEquals("middle", json.get("links").get(0).get("nextHop").asString());
    }

    @Test
    void shouldSayThatAPairHasNoWayUnlessOneOfThemIsLost() {
        final RoutesReport report = new RoutesReport(status(WorkerState.ALIVE, link(1, 2, LinkState.DOWN, 0)));
        assertEquals(1, report.unreachable());
        assertTrue(printed(report::print).contains("1 pair of nodes without any way"));
        assertEquals(0, new RoutesReport(status(WorkerState.DEAD, link(1, 2, LinkState.DOWN, 0))).unreachable());
    }

    @Test
    void shouldSayWhatAnOptimizationHasChanged() {
        final ClusterStatus before =
                status(WorkerState.ALIVE, link(1, 2, LinkState.UP, 3), link(2, 1, LinkState.UP, 1));
        final RoutesReport after =
                new RoutesReport(status(WorkerState.ALIVE, link(1, 2, LinkState.UP, 2), link(2, 1, LinkState.UP, 1)));
        final RoutesReport.Change change = after.since(before);
        assertEquals(List.of("frames of right come to left directly now, before by way of middle"), change.sentences());
        final NetworkTopology made = new NetworkTopology(3, 1, 0, 0, 9);
        assertTrue(
                printed(out -> change.print(out, made)).contains("1 of 6 ways changed; 0 by a third node, 0 missing"));
        final ObjectNode json = JsonOutput.object();
        change.into(json, made);
        assertEquals(1, json.get("changes").size());
    }
}
