package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.LinkPageDecoder;
import io.dragon.codecs.control.LinkState;
import io.dragon.codecs.control.NodePageDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.PoolPlaceDecoder;
import io.dragon.codecs.control.RoutePageDecoder;
import io.dragon.codecs.control.RoutesOptimizedDecoder;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.sequencer.Messages.Told;
import io.dragon.engine.sequencer.Rig.Peer;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class TopologyTest {
    private static final long US = 1_000;
    private static final long MS = 1_000_000;

    private final Rig rig = new Rig();
    private final Peer a = rig.node("a");
    private final Peer b = rig.node("b");
    private final Peer c = rig.node("c");

    private record Way(int nextHop, long latencyNs, long bytesPerSecond, WorkerState state, String addresses) {}

    private void tell(final Peer from, final Told... links) {
        from.tell(Messages.linkReport(links));
        rig.pass(50, a, b, c);
    }

    /** Every link with its round trip. */
    private void measure(final long ab, final long ac, final long bc) {
        tell(a, Told.up(b.id, ab), Told.up(c.id, ac));
        tell(b, Told.up(a.id, ab), Told.up(c.id, bc));
        tell(c, Told.up(a.id, ac), Told.up(b.id, bc));
    }

    private RoutePageDecoder ask(final Peer from, final long knownVersion, final int afterId) {
        from.tell(Messages.routeQuery(7, knownVersion, afterId));
        return rig.lastReply().as(new RoutePageDecoder());
    }

    private Way way(final Peer from, final Peer to) {
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

    private long version() {
        return rig.sequencer.core().routes.version();
    }

    @Test
    void shouldTellNoWayThatIsLongerThanFramesAreRelayed() {
        final List<Peer> line = new ArrayList<>(List.of(a, b, c));
        for (final String name : List.of("d", "e", "f", "g")) {
            line.add(rig.node(name));
        }
        for (int i = 0; i < line.size(); i++) {
            final List<Told> links = new ArrayList<>();
            for (int j = 0; j < line.size(); j++) {
                if (i != j) {
                    links.add(Math.abs(i - j) == 1 ? Told.up(line.get(j).id, MS) : Told.down(line.get(j).id));
                }
            }
            line.get(i).tell(Messages.linkReport(links.toArray(Told[]::new)));
        }
        rig.pass(50, line.toArray(Peer[]::new));
        assertEquals(line.get(1).id, way(a, line.get(5)).nextHop(), "five links, four relays");
        assertEquals(0, way(a, line.get(6)).nextHop(), "a frame would be relayed five times");
        assertEquals(0, way(line.get(6), a).nextHop());
        assertEquals(line.get(2).id, way(b, line.get(6)).nextHop());
        final long before = version();
        rig.pass(200, line.toArray(Peer[]::new));
        assertEquals(before, version(), "it is no news each time");
        assertEquals(
                io.dragon.engine.sequencer.balance.Links.UNREACHABLE_NS,
                rig.sequencer.core().routes.latencyNs(line.get(6).id, a.id));
        // a slow direct link is better than a quick way that nobody relays to its end
        a.tell(Messages.linkReport(Told.up(b.id, MS), Told.up(line.get(6).id, 500 * MS)));
        rig.pass(50, line.toArray(Peer[]::new));
        assertEquals(line.get(6).id, way(a, line.get(6)).nextHop());
    }

    // ---- what nodes tell

    @Test
    void shouldKeepWhatANodeToldAndTellItInPages() {
        a.tell(Messages.nodeReport(64, 250, 12_345, "10.0.0.1 fe80::1"));
        rig.command(Messages.query(2, 0));
        final NodePageDecoder page = rig.lastReply().as(new NodePageDecoder());
        final List<String> told = new ArrayList<>();
        page.nodes()
                .forEach(node -> told.add(node.partyId() + " " + node.cores() + " " + node.cpuPermille() + " "
                        + node.memoryBytes() + " " + node.intruders() + " " + node.name() + " " + node.host() + " "
                        + node.addresses()));
        assertEquals(
                List.of(
                        a.id + " 64 250 12345 12345 a host of a 10.0.0.1 fe80::1",
                        b.id + " 0 65535 -1 -1 b host of b ",
                        c.id + " 0 65535 -1 -1 c host of c "),
                told);
        rig.restart();
        assertEquals("a 10.0.0.1 fe80::1", way(b, a).addresses());
    }

    @Test
    void shouldIgnoreAndCountWhatCannotBeTrue() {
        final long[] counters = rig.sequencer.core().counters;
        long malformed = counters[Counters.MALFORMED];
        a.tell(Messages.nodeReport(64, 250, 5, "10.0.0.1"));
        final long hash = rig.sequencer.core().routes.version();
        for (final byte[] wrong : List.of(
                Messages.nodeReport(64, 1_001, 5, "10.0.0.1"),
                Messages.nodeReport(64, 250, -2, "10.0.0.1"),
                Messages.nodeReport(64, 250, 5, "host.example"),
                Messages.nodeReport(64, 250, 5, "10.0.0.1  10.0.0.2"),
                Messages.nodeReport(64, 250, 5, "10.0.0.1 "),
                Messages.nodeReport(64, 250, 5, "1 2 3 4 5 6 7 8 9"),
                Messages.nodeReport(64, 250, 5, "1".repeat(257)),
                Messages.linkReport(new Told(b.id, LinkState.UP, 1_001, 5, 5)),
                Messages.linkReport(new Told(b.id, LinkState.UP, 0, -5, 5)),
                Messages.linkReport(new Told(b.id, LinkState.UP, 0, 61_000 * MS, 5)),
                Messages.linkReport(new Told(b.id, LinkState.UP, 0, 5, -5)),
                Messages.linkReport(new Told(b.id, LinkState.NULL_VAL, 0, 5, 5)))) {
            a.tell(wrong);
            assertEquals(++malformed, counters[Counters.MALFORMED]);
        }
        assertEquals(hash, version());
        assertEquals(Link.UNKNOWN, rig.sequencer.core().topology.of(a.id).link(1).state);
    }

    @Test
    void shouldTakeReportsAndQuestionsOfNodesOnly() {
        final Peer client = rig.client("client");
        final Peer worker = rig.worker("worker", "t");
        final long[] counters = rig.sequencer.core().counters;
        long malformed = counters[Counters.MALFORMED];
        final int replies = rig.replies.size();
        for (final Peer peer : List.of(client, worker)) {
            for (final byte[] message : List.of(
                    Messages.nodeReport(1, 1, 1, "10.0.0.1"),
                    Messages.linkReport(Told.down(b.id)),
                    Messages.routeQuery(1, -1, 0),
                    Messages.poolQuery(5))) {
                peer.tell(message);
                assertEquals(++malformed, counters[Counters.MALFORMED]);
            }
        }
        assertEquals(replies, rig.replies.size());
    }

    @Test
    void shouldIgnoreWhatIsToldOfItselfAndOfOthersThanNodes() {
        final Peer client = rig.client("client");
        tell(a, Told.down(a.id), Told.down(client.id), Told.down(99));
        assertEquals(b.id, way(a, b).nextHop());
        assertEquals(a.id, way(a, a).nextHop());
    }

    @Test
    void shouldKeepWaysBetweenSixtyFourNodesAndSayThatOneMoreHasNone() {
        for (int i = 3; i < Topology.MOST; i++) {
            rig.node("n" + i);
        }
        final Peer late = rig.node("late");
        assertTrue(rig.sequencer.core().incidents.newestOf(null).text.contains("'late' is one more"));
        late.tell(Messages.nodeReport(1, 1, 1, "10.0.0.9"));
        late.tell(Messages.linkReport(Told.down(a.id)));
        a.tell(Messages.linkReport(Told.down(late.id)));
        assertEquals(a.id, way(late, a).nextHop());
        rig.restart();
        Invariants.check(rig.sequencer.core());
        a.send(Messages.unregister());
        final Peer later = rig.node("later");
        later.tell(Messages.nodeReport(1, 1, 1, "10.0.0.8"));
        assertEquals("later 10.0.0.8", way(b, later).addresses());
        Invariants.check(rig.sequencer.core());
    }

    // ---- ways

    @Test
    void shouldGoDirectlyAsLongAsNobodyHasMeasured() {
        assertEquals(new Way(b.id, 0, 0, WorkerState.ALIVE, "b "), way(a, b));
        assertEquals(a.id, way(b, a).nextHop());
    }

    @Test
    void shouldGoByTheShortestWay() {
        measure(20 * MS, 2 * MS, 4 * MS); // one way: a-b 10 ms; by c 1 + 2 = 3 ms
        assertEquals(c.id, way(a, b).nextHop());
        assertEquals(3 * MS, way(a, b).latencyNs());
        assertEquals(c.id, way(a, c).nextHop());
        assertEquals(c.id, way(b, a).nextHop());
    }

    @Test
    void shouldStayDirectWhileTheOtherWayIsNotBetterByAQuarter() {
        measure(8 * MS, 3 * MS, 3 * MS + 100 * US); // 4 ms; 1.5 + 1.55 = 3.05: more than three quarters of 4
        assertEquals(b.id, way(a, b).nextHop());
        measure(8 * MS, 2 * MS, 2 * MS); // 1 + 1: half
        assertEquals(c.id, way(a, b).nextHop());
    }

    @Test
    void shouldStayDirectWhileTheGainIsNotWorthIt() {
        measure(1_900 * US, 20 * US, 20 * US); // 950 us; 20 us: what a busy host makes of idle links
        assertEquals(b.id, way(a, b).nextHop());
        measure(2_600 * US, 20 * US, 20 * US); // a gain of 1.28 ms
        assertEquals(c.id, way(a, b).nextHop());
    }

    @Test
    void shouldNotGoAndComeWithEverySmallChange() {
        measure(8 * MS, 2 * MS, 2 * MS); // 4 ms; 2 ms
        assertEquals(c.id, way(a, b).nextHop());
        final long version = version();
        tell(a, Told.up(b.id, 8 * MS + 300 * US), Told.up(c.id, 2 * MS + 350 * US));
        tell(a, Told.up(b.id, 7 * MS), Told.up(c.id, 2 * MS - 300 * US));
        assertEquals(version, version());
        tell(a, Told.up(b.id, 5_200 * US)); // 2.6 ms: neither within a quarter of 2 ms, nor is 2 ms much better
        assertEquals(c.id, way(a, b).nextHop());
        tell(a, Told.up(b.id, 3_800 * US)); // 1.9 ms
        assertEquals(b.id, way(a, b).nextHop());
        assertTrue(version() > version);
        tell(a, Told.up(b.id, 5_200 * US)); // direct now, and so it stays
        assertEquals(b.id, way(a, b).nextHop());
    }

    @Test
    void shouldGoAroundALinkThatIsDownAndBackWhenItIsUp() {
        measure(MS, MS, MS);
        tell(a, Told.down(b.id));
        assertEquals(c.id, way(a, b).nextHop());
        assertEquals(a.id, way(b, a).nextHop(), "b has not said so");
        tell(b, Told.down(a.id));
        assertEquals(c.id, way(b, a).nextHop());
        tell(a, Told.up(b.id, MS));
        tell(b, Told.up(a.id, MS));
        assertEquals(b.id, way(a, b).nextHop());
        assertEquals(a.id, way(b, a).nextHop());
    }

    @Test
    void shouldGoAroundADegradedLinkUnlessTheWayAroundIsFarLonger() {
        measure(MS, MS, MS);
        tell(a, Told.degraded(b.id, MS)); // 20.5 ms; 1 ms
        assertEquals(c.id, way(a, b).nextHop());
        measure(MS, 40 * MS, 40 * MS); // 20.5 ms; 40 ms
        tell(a, Told.degraded(b.id, MS));
        assertEquals(b.id, way(a, b).nextHop());
    }

    @Test
    void shouldSayThatThereIsNoWay() {
        measure(MS, MS, MS);
        tell(a, Told.down(b.id), Told.down(c.id));
        assertEquals(0, way(a, b).nextHop());
        assertEquals(0, way(a, c).nextHop());
        assertEquals(a.id, way(b, a).nextHop());
        assertEquals(Routes.UNREACHABLE_NS, rig.sequencer.core().routes.latencyNs(b.id, a.id));
    }

    @Test
    void shouldTellTheSlowestRateOfTheWay() {
        tell(a, Told.down(b.id), Told.up(c.id, MS, 900));
        tell(c, Told.up(b.id, MS, 300), Told.up(a.id, MS, 700));
        assertEquals(c.id, way(a, b).nextHop());
        assertEquals(300, way(a, b).bytesPerSecond());
        assertEquals(900, way(a, c).bytesPerSecond());
        assertEquals(300, rig.sequencer.core().routes.bytesPerSecond(b.id, a.id));
        assertEquals(
                Routes.ASSUMED_BYTES_PER_SECOND, rig.sequencer.core().routes.bytesPerSecond(a.id, b.id));
    }

    @Test
    void shouldLeaveOutADeadNodeAtOnceAndTakeItBackDirectly() {
        measure(20 * MS, 2 * MS, 4 * MS);
        assertEquals(c.id, way(a, b).nextHop());
        c.send(Messages.unregister());
        assertEquals(b.id, way(a, b).nextHop());
        assertEquals(0, way(a, c).nextHop());
        assertEquals(WorkerState.LEFT, way(a, c).state());
        final Peer again = rig.node("c");
        assertEquals(again.id, way(again, again).nextHop());
        assertEquals(a.id, way(again, a).nextHop(), "it has measured nothing");
        rig.pass(50, a, b);
        assertEquals(b.id, way(a, b).nextHop(), "and so the way by it is not known to be good");
        tell(again, Told.up(a.id, 2 * MS), Told.up(b.id, 4 * MS));
        assertEquals(c.id, way(a, b).nextHop());
    }

    @Test
    void shouldAnswerWithoutEntriesWhatIsKnownAndInPagesWhatIsNot() {
        for (int i = 3; i < 40; i++) {
            final Peer node = rig.node("a node with a long name, number " + i);
            node.tell(
                    Messages.nodeReport(1, 1, 1, ("10.0.0." + i + " ").repeat(8).trim()));
        }
        rig.tick();
        assertEquals(0, ask(a, version(), 0).routes().count());
        final List<Integer> ids = new ArrayList<>();
        for (boolean isMore = true; isMore; ) {
            final RoutePageDecoder page = ask(a, version() - 1, ids.isEmpty() ? 0 : ids.get(ids.size() - 1));
            assertTrue(rig.lastReply().buffer.capacity() <= Sequencer.MAX_MESSAGE_LENGTH);
            assertEquals(version(), page.version());
            isMore = page.hasMore() == 1;
            for (final RoutePageDecoder.RoutesDecoder each : page.routes()) {
                ids.add((int) each.nodeId());
                assertFalse(each.name().isEmpty());
                each.addresses();
            }
        }
        assertEquals(40, ids.size());
        assertEquals(ids.stream().sorted().distinct().toList(), ids);
    }

    @Test
    void shouldGrowTheVersionWithEveryNodeAddressAndWayAndWithNothingElse() {
        measure(MS, MS, MS);
        long version = version();
        a.tell(Messages.nodeReport(1, 1, 1, "10.0.0.1"));
        assertTrue(version() > version);
        version = version();
        a.tell(Messages.nodeReport(2, 2, 2, "10.0.0.1"));
        a.heartbeat();
        measure(MS + US, MS - US, MS);
        assertEquals(version, version());
        a.tell(Messages.nodeReport(2, 2, 2, "10.0.0.2"));
        assertTrue(version() > version);
        version = version();
        tell(a, Told.down(b.id));
        assertTrue(version() > version);
        version = version();
        rig.node("d");
        assertTrue(version() > version);
    }

    @Test
    void shouldComputeAnewWithoutHysteresisWhenAskedTo() {
        final Peer client = rig.client("client");
        measure(8 * MS, 2 * MS, 2 * MS);
        tell(a, Told.up(b.id, 5_100 * US)); // 2.55 ms; by c 2 ms: kept
        tell(b, Told.up(a.id, 5_100 * US));
        assertEquals(c.id, way(a, b).nextHop());
        client.send(Messages.optimize(77));
        final RoutesOptimizedDecoder told = rig.lastReply().as(new RoutesOptimizedDecoder());
        assertEquals(77, told.correlationId());
        assertEquals(3, told.nodes());
        assertEquals(2, told.changed());
        assertEquals(0, told.relayed());
        assertEquals(0, told.unreachable());
        assertEquals(version(), told.version());
        assertEquals(b.id, way(a, b).nextHop());
    }

    @Test
    void shouldTellWhereAPoolLiesWhereverItsOwnerGoes() {
        final Peer worker = rig.join(PartyKind.WORKER, "w", 1, b.id);
        worker.send(Messages.pool(0xABC));
        a.tell(Messages.poolQuery(0xABC));
        final PoolPlaceDecoder place = rig.lastReply().as(new PoolPlaceDecoder());
        assertEquals(0xABC, place.poolId());
        assertEquals(b.id, place.nodeId());
        assertEquals(worker.id, place.ownerId());
        assertEquals(1_024, place.slotLength());
        final Peer client = rig.client("client");
        client.submit(Messages.task().type(99).inputs(new Messages.Frame(0xABC, 1, 1, 1)));
        rig.join(PartyKind.WORKER, "w", 1, c.id);
        rig.restart();
        a.tell(Messages.poolQuery(0xABD));
        final PoolPlaceDecoder unknown = rig.lastReply().as(new PoolPlaceDecoder());
        assertEquals(0, unknown.nodeId() + unknown.ownerId() + unknown.slotLength());
    }

    @Test
    void shouldKnowWhereAPoolLiesThatWasThereBeforeTheNodeOfItsHost() {
        rig.command(Messages.register(5, PartyKind.CAMERA, "cam@host of d", 0, 0));
        final Peer camera = rig.registered(PartyKind.CAMERA, "cam");
        camera.send(Messages.pool(0xD0));
        final Peer d = rig.node("d");
        a.tell(Messages.poolQuery(0xD0));
        assertEquals(d.id, rig.lastReply().as(new PoolPlaceDecoder()).nodeId());
    }

    @Test
    void shouldTellEveryLinkInPages() {
        for (int i = 3; i < 9; i++) {
            rig.node("n" + i);
        }
        measure(MS, 2 * MS, 3 * MS);
        final List<String> told = new ArrayList<>();
        for (boolean isMore = true; isMore; ) {
            rig.command(Messages.query(7, told.size()));
            final LinkPageDecoder page = rig.lastReply().as(new LinkPageDecoder());
            isMore = page.hasMore() == 1;
            page.links()
                    .forEach(link -> told.add(link.fromNodeId() + " " + link.toNodeId() + " " + link.state() + " "
                            + link.roundTripNs() + " " + link.nextHopId()));
        }
        assertEquals(9 * 8, told.size());
        assertEquals(a.id + " " + b.id + " UP " + MS + " " + b.id, told.get(0));
    }

    // ---- records

    @Test
    void shouldLeaveOneRecordOfALinkThatComesAndGoes() {
        measure(MS, MS, MS);
        final long before = rig.sequencer.core().incidents.newest();
        for (int i = 0; i < 20; i++) {
            tell(a, Told.down(b.id));
            tell(a, Told.up(b.id, MS));
        }
        int links = 0;
        int routes = 0;
        for (long n = before + 1; n <= rig.sequencer.core().incidents.newest(); n++) {
            final Incident incident = rig.sequencer.core().incidents.get(n);
            links += incident.kind == IncidentKind.LINK_CHANGED.value() ? 1 : 0;
            routes += incident.kind == IncidentKind.ROUTE_CHANGED.value() ? 1 : 0;
            assertEquals(19, incident.repeated, incident.text);
        }
        assertEquals(2, links);
        assertEquals(2, routes);
    }

    @Test
    void shouldNameTheNodeThatFramesComeToAsTheOneWhoseWaysChanged() {
        measure(MS, MS, MS);
        tell(a, Told.down(b.id));
        final Incident route = newest(IncidentKind.ROUTE_CHANGED);
        assertEquals(a.id, route.subjectId);
        assertEquals("frames of 'b' come to it by 'c'", route.text);
    }

    @Test
    void shouldSayWhyALinkIsDegraded() {
        measure(MS, MS, MS);
        tell(a, Told.degraded(b.id, 8 * MS));
        final Incident link = newest(IncidentKind.LINK_CHANGED);
        assertEquals(b.id, link.subjectId);
        assertEquals("bad to reach from 'a': round trips of up to 16000 us, usually 8000 us", link.text);
    }

    private Incident newest(final IncidentKind kind) {
        for (long n = rig.sequencer.core().incidents.newest(); n > 0; n--) {
            if (rig.sequencer.core().incidents.get(n).kind == kind.value()) {
                return rig.sequencer.core().incidents.get(n);
            }
        }
        throw new AssertionError("no " + kind);
    }

    @Test
    void shouldTellATraceOfLinksAndRoutes() {
        final TraceNotes notes = new TraceNotes();
        measure(MS, MS, MS);
        rig.sequencer.trace(notes);
        tell(a, Told.down(b.id));
        assertTrue(notes.lines.contains("link " + a.id + " " + b.id + " DOWN"), notes.lines.toString());
        assertTrue(
                notes.lines.contains("route " + a.id + " from " + b.id + " by " + c.id + " " + MS),
                notes.lines.toString());
    }

    // ---- cost

    @Test
    void shouldNotAllocateForReportsThatChangeNothing() {
        measure(MS, MS, MS);
        final byte[] node = Messages.nodeReport(64, 250, 12_345, "10.0.0.1 10.0.0.2");
        final byte[] links = Messages.linkReport(Told.up(b.id, MS + US), Told.up(c.id, MS - US));
        final byte[] query = Messages.routeQuery(1, 0, 0);
        Messages.address(node, a.id, a.incarnation, 0, 0);
        Messages.address(links, a.id, a.incarnation, 0, 0);
        Messages.address(query, a.id, a.incarnation, 0, 0);
        final Sequencer quiet = new Sequencer(new SequencerConfig(), new Silent());
        Snapshots.copy(rig.sequencer, quiet);
        new UnsafeBuffer(query).putLong(8 + 24 + 8, quiet.core().routes.version() + 1);
        final UnsafeBuffer[] messages = {new UnsafeBuffer(node), new UnsafeBuffer(links), new UnsafeBuffer(query)};
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long thread = Thread.currentThread().getId();
        long allocated = Long.MAX_VALUE;
        for (int round = 0; round < 20; round++) {
            final long before = threads.getThreadAllocatedBytes(thread);
            for (int i = 0; i < 3_000; i++) {
                final UnsafeBuffer message = messages[i % 3];
                quiet.onCommand(1, message, 0, message.capacity(), rig.nowMs + i);
            }
            allocated = Math.min(allocated, threads.getThreadAllocatedBytes(thread) - before);
        }
        assertEquals(0, allocated);
    }

    /** Takes what is said and forgets it. */
    private static final class Silent implements EventSink {
        private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[Sequencer.MAX_MESSAGE_LENGTH]);

        @Override
        public org.agrona.MutableDirectBuffer claim(final int maxLength) {
            return scratch;
        }

        @Override
        public void emit(final int partyId, final int length) {}

        @Override
        public void reply(final long sessionId, final int length) {}
    }
}
