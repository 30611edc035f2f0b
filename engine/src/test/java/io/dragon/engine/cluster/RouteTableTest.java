package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.RoutePageDecoder;
import io.dragon.codecs.control.RoutePageEncoder;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.transfer.RouteView;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class RouteTableTest {
    private static final long MS = 1_000_000;

    private final RouteTable table = new RouteTable();
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[Party.MAX_LENGTH]);

    private RoutePageDecoder page(final WorkerState stateOfTwo, final int nextHopOfTwo, final String addressesOfTwo) {
        final RoutePageEncoder.RoutesEncoder routes = new RoutePageEncoder()
                .wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder())
                .correlationId(1)
                .version(1)
                .hasMore((short) 0)
                .routesCount(2);
        routes.next()
                .nodeId(1)
                .incarnation(1)
                .state(WorkerState.ALIVE)
                .nextHopId(1)
                .latencyNs(0)
                .bytesPerSecond(0)
                .transportPort(9_877)
                .probePort(9_878)
                .name("one")
                .addresses("10.0.0.1");
        routes.next()
                .nodeId(2)
                .incarnation(1)
                .state(stateOfTwo)
                .nextHopId(nextHopOfTwo)
                .latencyNs(0)
                .bytesPerSecond(0)
                .transportPort(9_877)
                .probePort(9_878)
                .name("two")
                .addresses(addressesOfTwo);
        return new RoutePageDecoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderDecoder());
    }

    private boolean takes(final RoutePageDecoder page) {
        table.begin();
        assertEquals(2, table.add(page));
        return table.commit();
    }

    @Test
    void shouldTellWhatTheMastersSayAndNoticeEveryChange() {
        assertTrue(takes(page(WorkerState.ALIVE, 2, "10.0.0.2 10.9.0.2")));
        final long version = table.version();
        assertFalse(takes(page(WorkerState.ALIVE, 2, "10.0.0.2 10.9.0.2")));
        assertEquals(version, table.version());
        assertEquals("10.0.0.2", table.address(2));
        assertEquals("two", table.name(2));
        assertEquals(9_877, table.port(2));
        table.addressesInUse(Map.of(2, 1));
        assertEquals("10.9.0.2", table.address(2), "by the interface that is up");
        assertEquals(version + 1, table.version());
        assertTrue(takes(page(WorkerState.ALIVE, 1, "10.0.0.2")));
        assertEquals("10.0.0.2", table.address(2), "it has only one now");
        assertEquals(1, table.nextHop(2));
        assertTrue(takes(page(WorkerState.DEAD, 0, "10.0.0.2")));
        assertTrue(table.isDead(2));
        assertEquals(0, table.nextHop(2));
    }

    @Test
    void shouldKnowNothingOfStrangersAndLookUpNoNames() {
        takes(page(WorkerState.ALIVE, 2, "example.org 10.0.0.2|control=x"));
        assertNull(table.address(2));
        assertNull(table.address(3));
        assertEquals(0, table.nextHop(3));
        assertEquals("node 3", table.name(3));
        assertFalse(table.isDead(3));
    }

    @Test
    void shouldAskOnceForAPoolAgainWhenNobodyAnswersAndRemember() {
        assertEquals(RouteView.UNKNOWN, table.nodeOf(7));
        assertEquals(RouteView.UNKNOWN, table.nodeOf(7));
        assertEquals(7, table.nextQuestion(0));
        assertEquals(0, table.nextQuestion(MS));
        assertEquals(7, table.nextQuestion(RouteTable.ASK_AGAIN_NS));
        table.onPlace(8, 2, 0);
        assertEquals(RouteView.UNKNOWN, table.nodeOf(8), "nobody had asked");
        table.onPlace(7, 2, 300 * MS);
        assertEquals(2, table.nodeOf(7));
        assertEquals(8, table.nextQuestion(10_000 * MS));
        assertEquals(0, table.nextQuestion(10_000 * MS));
    }

    @Test
    void shouldAskAgainForWhatWasNowhere() {
        table.nodeOf(7);
        table.nextQuestion(0);
        table.onPlace(7, 0, 0);
        assertEquals(RouteView.NOWHERE, table.nodeOf(7));
        table.forgetNowhere(RouteTable.NOWHERE_NS - 1);
        assertEquals(RouteView.NOWHERE, table.nodeOf(7));
        table.forgetNowhere(RouteTable.NOWHERE_NS);
        assertEquals(RouteView.UNKNOWN, table.nodeOf(7));
        assertEquals(7, table.nextQuestion(2 * RouteTable.NOWHERE_NS));
    }
}
