package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.Aeron;
import io.aeron.driver.status.SystemCounterDescriptor;
import io.dragon.engine.config.Timeouts;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On one shared egress stream a stopped process stalled every other for eleven seconds; each has a stream of its own. */
final class StoppedClientTest {
    /** A tenth of what a shared stream costs, and far above what a busy machine adds to the 100 ms that are the goal. */
    private static final long GAP_LIMIT_NS = TimeUnit.SECONDS.toNanos(1);

    private static final int COMMANDS = 20_000;

    private final Scratch scratch = new Scratch();
    private final EchoService echo = new EchoService();

    @AfterEach
    void after() {
        scratch.close();
    }

    @Test
    void shouldNotLetAStoppedClientStallAnother() {
        echo.isBroadcasting = true;
        final MasterNode master = scratch.closing(MasterNode.launch(new MasterContext()
                .directory(scratch.directory().resolve("master"))
                .mediaDriverDirectory(scratch.directory().resolve("aeron"))
                .basePort(Scratch.freeBasePort())
                .timeouts(Timeouts.ci())
                .logTermLength(1 << 20)
                .service(echo)
                .errorHandler(scratch::onError)));
        final MasterProcess stopped =
                scratch.closing(MasterProcess.start(ClientProcess.class, master.aeronDirectoryName(), "stopped"));
        scratch.await("the other to be there", () -> stopped.hasSaid("READY"));
        final TestClient client =
                scratch.closing(new TestClient("running", TestClient.context(scratch, master, Timeouts.ci())));
        client.send(1_000);
        scratch.await("the first results", () -> client.distinct >= 1_000);

        stopped.signal("STOP");
        client.maxGapNs = 0;
        client.send(COMMANDS);
        scratch.await("all results", () -> client.distinct == COMMANDS + 1_000);
        System.out.println("longest gap beside a stopped client: " + client.maxGapNs / 1_000_000 + " ms");
        assertTrue(client.maxGapNs < GAP_LIMIT_NS, "gap of " + client.maxGapNs / 1_000_000 + " ms");
        stopped.signal("CONT");
    }

    @Test
    void shouldComeBackAsTheSameAfterItWasStoppedForLongerThanItsLiveness() {
        final Timeouts timeouts = Timeouts.ci().with(Timeouts.Key.CLIENT_LIVENESS, TimeUnit.SECONDS.toNanos(2));
        final MasterNode master = scratch.closing(MasterNode.launch(new MasterContext()
                .directory(scratch.directory().resolve("master"))
                .mediaDriverDirectory(scratch.directory().resolve("aeron"))
                .basePort(Scratch.freeBasePort())
                .timeouts(timeouts)
                .logTermLength(1 << 20)
                .service(echo)
                .errorHandler(scratch::onError)));
        final MasterProcess stopped =
                scratch.closing(MasterProcess.start(ClientProcess.class, master.aeronDirectoryName(), "stopped"));
        scratch.await("the other to be there", () -> stopped.hasSaid("READY"));
        try (Aeron watcher = Aeron.connect(new Aeron.Context().aeronDirectoryName(master.aeronDirectoryName()))) {
            final int givenUp = SystemCounterDescriptor.CLIENT_TIMEOUTS.id();
            final long before = watcher.countersReader().getCounterValue(givenUp);
            stopped.signal("STOP");
            scratch.await(
                    "the driver to give it up", () -> watcher.countersReader().getCounterValue(givenUp) > before);
        }
        stopped.signal("CONT");
        stopped.write("more");
        scratch.await("its results after it woke", () -> stopped.hasSaid("MORE results=101"));
        assertTrue(stopped.hasSaid("registrations=1 fencings=0"), () -> stopped.lines()
                .toString());
        assertTrue(stopped.isAlive());
    }

    /** A client that sends one command and listens; a hundred more for every line of input. */
    static final class ClientProcess {
        private ClientProcess() {}

        public static void main(final String[] args) throws Exception {
            try (TestClient client = new TestClient(
                    args[1],
                    new ClusterSession.Context()
                            .aeronDirectoryName(args[0])
                            .timeouts(Timeouts.ci())
                            .errorHandler(error -> System.out.println("ERROR " + error)))) {
                client.send(1);
                while (client.distinct == 0) {
                    LockSupport.parkNanos(1_000_000);
                }
                System.out.println("READY");
                while (System.in.read() >= 0) {
                    System.in.skip(System.in.available());
                    final int wanted = client.distinct + 100;
                    client.send(100);
                    while (client.distinct < wanted) {
                        LockSupport.parkNanos(1_000_000);
                    }
                    System.out.println("MORE results=" + client.distinct + " registrations=" + client.registrations
                            + " fencings=" + client.fencings + " connections=" + client.connections);
                }
            }
        }
    }
}
