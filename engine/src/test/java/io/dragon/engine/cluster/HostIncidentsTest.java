package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.node.HostLine;
import io.dragon.engine.node.NodeReports;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class HostIncidentsTest {
    private static final long SECOND_NS = 1_000_000_000;

    private final NodeReports reports = new NodeReports();
    private final HostIncidents incidents = new HostIncidents(reports, 0);
    private final Line line = new Line();

    private boolean isToldOne() {
        return reports.send(line) == 1;
    }

    @Test
    void shouldTellOnceAMinuteHoweverMuchItIs() {
        incidents.look(0, 0, 0);
        assertTrue(reports.isTold(), "nothing happened");
        incidents.look(5, 0, SECOND_NS);
        assertTrue(isToldOne());
        for (int i = 2; i < 60; i++) {
            incidents.look(5 + 1_000 * i, 0, i * SECOND_NS);
        }
        assertFalse(isToldOne(), "within the minute");
        incidents.look(70_000, 0, 61 * SECOND_NS);
        assertTrue(isToldOne());
        incidents.look(70_000, 3, 62 * SECOND_NS);
        assertTrue(isToldOne(), "of another kind");
        incidents.look(1, 3, 200 * SECOND_NS);
        assertTrue(isToldOne(), "counted from 0 again");
    }

    /** Takes everything, and forgets it at once. */
    private static final class Line implements HostLine {
        private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[Party.MAX_LENGTH]);
        private long seq;

        @Override
        public MutableDirectBuffer scratch() {
            return scratch;
        }

        @Override
        public long offer(final int length) {
            return ++seq;
        }

        @Override
        public boolean tell(final int length) {
            return true;
        }

        @Override
        public long acknowledgedSeq() {
            return seq;
        }

        @Override
        public long incarnation() {
            return 1;
        }
    }
}
