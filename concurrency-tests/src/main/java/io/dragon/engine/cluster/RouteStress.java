package io.dragon.engine.cluster;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.RoutePageDecoder;
import io.dragon.codecs.control.RoutePageEncoder;
import io.dragon.codecs.control.WorkerState;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IJ_Result;
import org.openjdk.jcstress.infra.results.JI_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** The table of routes: filled by the host agent, read by the transfer agent. */
public final class RouteStress {
    private static final long POOL = 5;
    private static final int NODE = 3;
    private static final int PORT = 9877;
    private static final UnsafeBuffer PAGE = page();

    private RouteStress() {}

    private static UnsafeBuffer page() {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[1024]);
        final RoutePageEncoder page = new RoutePageEncoder();
        page.wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder());
        page.routesCount(1)
                .next()
                .nodeId(NODE)
                .incarnation(1)
                .state(WorkerState.ALIVE)
                .nextHopId(NODE)
                .transportPort(PORT)
                .probePort(PORT + 1)
                .name("node")
                .addresses("10.0.0.1");
        return buffer;
    }

    /** The version grows after the routes are there: who sees it grown looks at the new ones. */
    @JCStressTest
    @State
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "not yet")
    @Outcome(id = "0, 9877", expect = ACCEPTABLE, desc = "between the two: looked at again later")
    @Outcome(id = "1, 9877", expect = ACCEPTABLE, desc = "both")
    @Outcome(expect = FORBIDDEN, desc = "old routes for new, until the next change")
    public static class VersionAfterRoutes {
        private final RouteTable table = new RouteTable();

        public VersionAfterRoutes() {
            table.begin();
            table.add(new RoutePageDecoder().wrapAndApplyHeader(PAGE, 0, new MessageHeaderDecoder()));
        }

        @Actor
        public void host() {
            table.commit();
        }

        @Actor
        public void transfer(final JI_Result r) {
            r.r1 = table.version();
            r.r2 = table.port(NODE);
        }
    }

    /** Two want to know where a pool is: one question goes out. */
    @JCStressTest
    @State
    @Outcome(id = "5, 0", expect = ACCEPTABLE, desc = "asked once")
    @Outcome(expect = FORBIDDEN, desc = "asked twice, or never")
    public static class AskedOnce {
        private final RouteTable table = new RouteTable();

        @Actor
        public void first() {
            table.nodeOf(POOL);
        }

        @Actor
        public void second() {
            table.nodeOf(POOL);
        }

        @Arbiter
        public void after(final JJ_Result r) {
            r.r1 = table.nextQuestion(1);
            r.r2 = table.nextQuestion(1);
        }
    }

    /** A pool that was nowhere is forgotten while somebody wants it: he is told so, or has asked anew; he does not wait for ever. */
    @JCStressTest
    @State
    @Outcome(id = "-1, 5", expect = ACCEPTABLE, desc = "told that it is nowhere, and the next who wants it asks")
    @Outcome(id = "0, 5", expect = ACCEPTABLE, desc = "forgotten first, and asked for again")
    @Outcome(expect = FORBIDDEN, desc = "unknown, and nobody asks")
    public static class ForgottenAgainstWanted {
        private final RouteTable table = new RouteTable();

        public ForgottenAgainstWanted() {
            table.nodeOf(POOL);
            table.nextQuestion(1);
            table.onPlace(POOL, 0, 1);
        }

        @Actor
        public void host() {
            table.forgetNowhere(1 + RouteTable.NOWHERE_NS);
        }

        @Actor
        public void transfer(final IJ_Result r) {
            r.r1 = table.nodeOf(POOL);
        }

        @Arbiter
        public void after(final IJ_Result r) {
            table.nodeOf(POOL);
            r.r2 = table.nextQuestion(1);
        }
    }
}
