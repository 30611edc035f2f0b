package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.RoutePageDecoder;
import io.dragon.codecs.control.RoutesOptimizedDecoder;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.sequencer.Messages.Told;
import io.dragon.engine.sequencer.Rig.Peer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The ways that frames take between nodes. */
class RoutesTest extends ThreeNodes {
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
}
