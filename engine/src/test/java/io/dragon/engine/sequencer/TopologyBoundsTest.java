package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.LinkState;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.RoutesOptimizedDecoder;
import io.dragon.engine.sequencer.Messages.Frame;
import io.dragon.engine.sequencer.Messages.Told;
import io.dragon.engine.sequencer.Rig.Peer;
import org.junit.jupiter.api.Test;

/** What nodes and clients that tell nonsense, or too much, or come in too great a number, cannot do. */
class TopologyBoundsTest {
    private static final long MS = 1_000_000;

    private final Rig rig = new Rig();
    private final Peer a = rig.node("a");
    private final Peer b = rig.node("b");
    private final Peer c = rig.node("c");

    private Core core() {
        return rig.sequencer.core();
    }

    private void tell(final Peer from, final Told... links) {
        from.tell(Messages.linkReport(links));
        rig.pass(20, a, b, c);
    }

    private RoutesOptimizedDecoder optimize(final Peer client) {
        client.send(Messages.optimize(1));
        return rig.lastReply().as(new RoutesOptimizedDecoder());
    }

    @Test
    void shouldNotComputeWaysAsOftenAsSomebodyAsks() {
        final Peer client = rig.client("client");
        for (final Peer[] pair : new Peer[][] {{a, b}, {b, a}}) {
            tell(pair[0], Told.up(pair[1].id, 20 * MS), Told.up(c.id, 2 * MS));
        }
        tell(c, Told.up(a.id, 2 * MS), Told.up(b.id, 2 * MS));
        rig.pass(100, a, b, c);
        assertEquals(2, optimize(client).relayed());
        final long computedMs = core().counters[Counters.ROUTES_MS];
        for (int i = 0; i < 9; i++) {
            rig.nowMs += 10;
            final RoutesOptimizedDecoder told = optimize(client);
            assertEquals(2, told.relayed());
            assertEquals(0, told.changed());
            assertEquals(0, told.unreachable());
        }
        assertEquals(computedMs, core().counters[Counters.ROUTES_MS]);
        rig.restart();
        optimize(client);
        assertEquals(computedMs, core().counters[Counters.ROUTES_MS]);
        rig.nowMs += 10;
        optimize(client);
        assertTrue(core().counters[Counters.ROUTES_MS] > computedMs);
    }

    @Test
    void shouldGiveANodeAPlaceOnceThereIsOne() {
        Peer last = c;
        for (int i = 3; i < Topology.MOST; i++) {
            last = rig.node("n" + i);
        }
        final Peer late = rig.node("late");
        late.tell(Messages.nodeReport(1, 1, 1, "10.0.0.9"));
        assertNull(core().topology.of(late.id));
        final long records = core().incidents.newest();
        last.send(Messages.unregister());
        late.tell(Messages.nodeReport(1, 1, 1, "10.0.0.9"));
        assertNotNull(core().topology.of(late.id));
        assertEquals(Topology.MOST, core().topology.alive);
        assertEquals(late.id, core().topology.places[core().topology.of(a.id).link(Topology.MOST - 1).hop].node.id);
        assertEquals(records, core().incidents.newest() - newestOfLeaving(records));
        rig.restart();
        Invariants.check(core());
    }

    /** A node that leaves may leave a record of its own; one more about places must not be among them. */
    private long newestOfLeaving(final long before) {
        for (long n = before + 1; n <= core().incidents.newest(); n++) {
            assertTrue(!core().incidents.get(n).text.contains("one more"));
        }
        return core().incidents.newest() - before;
    }

    @Test
    void shouldKeepWhatIsToldOfALostNodeThroughARestart() {
        b.send(Messages.unregister());
        tell(a, new Told(b.id, LinkState.UNKNOWN, 5, 0, 0));
        assertEquals(5, toB().lossPermille);
        rig.restart();
        assertEquals(5, toB().lossPermille);
    }

    private Link toB() {
        return core().topology.of(a.id).links[core().topology.of(b.id).index];
    }

    @Test
    void shouldLeaveFewRecordsOfWaysThatAllChange() {
        final Peer[] others = new Peer[24];
        for (int i = 0; i < others.length; i++) {
            others[i] = rig.node("n" + i);
        }
        final long before = core().incidents.newest();
        for (final Peer other : others) {
            tell(a, Told.down(other.id));
        }
        int records = 0;
        long told = 0;
        for (long n = before + 1; n <= core().incidents.newest(); n++) {
            final Incident record = core().incidents.get(n);
            if (record.kind == IncidentKind.ROUTE_CHANGED.value()) {
                records++;
                told += 1 + record.repeated;
            }
        }
        assertEquals(Incidents.MOST_REPORTED, records);
        assertEquals(others.length, told);
    }

    @Test
    void shouldRememberNoNodesThatAWorkerMadeUp() {
        for (int node = 1_000; node < 1_100; node++) {
            rig.command(Messages.register(1, PartyKind.WORKER, "liar", "host", 1, node, 0));
            assertEquals(1, core().parties.workersOn(0).size());
            assertNull(core().parties.workersOn(node));
        }
    }

    @Test
    void shouldTryWhatTakesForEverWithATimeoutThatDoesNot() {
        final Peer camera = rig.join(PartyKind.CAMERA, "camera", 0, a.id);
        camera.send(Messages.pool(0xA0));
        final Peer worker = rig.join(PartyKind.WORKER, "far", 1, b.id);
        worker.send(Messages.type("t"));
        tell(b, Told.up(a.id, MS, 1)); // a byte a second
        final Frame[] frames = new Frame[4];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = new Frame(0xA0, i + 1, i, Integer.MAX_VALUE);
        }
        final long task = rig.client("client").submit(Messages.task().inputs(frames));
        assertEquals(1, worker.assigned.size());
        assertEquals(60_000, core().tasks.table.get(task).transferMs);
    }
}
