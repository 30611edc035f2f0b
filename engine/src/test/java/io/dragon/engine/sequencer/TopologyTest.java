package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.LinkPageDecoder;
import io.dragon.codecs.control.LinkState;
import io.dragon.codecs.control.NodePageDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.PoolPlaceDecoder;
import io.dragon.engine.sequencer.Messages.Told;
import io.dragon.engine.sequencer.Rig.Peer;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** What nodes tell of themselves and of their links, what is told of it, and what is recorded. */
class TopologyTest extends ThreeNodes {
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
