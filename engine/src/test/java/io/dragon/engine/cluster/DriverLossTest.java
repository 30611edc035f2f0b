package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.IncidentPageDecoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.engine.config.Timeouts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The media driver of clients killed, closed, stopped and started again; the masters live on one of their own. */
@Tag("long")
@Timeout(240)
final class DriverLossTest {
    private static final long LONG_NS = TimeUnit.SECONDS.toNanos(60);

    private final Scratch scratch = new Scratch();
    private final Path aeron = scratch.directory().resolve("aeron");
    private final int basePort = Scratch.freeBasePort();

    @AfterEach
    void after() {
        scratch.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldLoseAndDoubleNothingWhenTheClientsDriverIsStartedAgain(final boolean isKilled) {
        master();
        MasterProcess driver = DriverProcess.start(scratch, aeron);
        final List<TestClient> clients = List.of(client("one"), client("two"));
        for (int round = 0; round < 3; round++) {
            final int before = 1_000 * round;
            clients.forEach(client -> client.send(500));
            scratch.await("results before the loss", () -> clients.stream().allMatch(c -> c.distinct > before + 100));
            final int disconnections = clients.get(0).disconnections;
            final long lostNs = System.nanoTime();
            if (isKilled) {
                driver.kill();
            } else {
                driver.stop();
            }
            clients.forEach(client -> client.send(500));
            scratch.await("the loss is known", () -> clients.get(0).disconnections > disconnections);
            final long detectedMs = millisSince(lostNs);
            scratch.await("words", () -> clients.get(0).session.state().startsWith("offline: no media driver runs in"));
            driver = DriverProcess.start(scratch, aeron);
            final long readyNs = System.nanoTime();
            scratch.await("connected", LONG_NS, () -> clients.stream().allMatch(c -> c.session.isConnected()));
            final long connectedMs = millisSince(readyNs);
            scratch.await("all results", LONG_NS, () -> clients.stream().allMatch(c -> c.distinct == before + 1_000));
            System.out.println("driver " + (isKilled ? "killed" : "closed") + ": detected after " + detectedMs
                    + " ms, connected " + connectedMs + " ms and whole " + millisSince(readyNs)
                    + " ms after the next was there");
        }
        for (final TestClient client : clients) {
            assertEquals(1, client.registrations, "the same incarnation");
            assertEquals(0, client.fencings);
        }
    }

    @Test
    void shouldTakeTheNewDriverInTheSameDirectoryWhileItStillMapsTheOldOne() {
        master();
        final MasterProcess first = DriverProcess.start(scratch, aeron);
        final ClusterSession session = new ClusterSession(context("still"));
        scratch.closing(session);
        scratch.await("connected", () -> session.doWork() >= 0 && session.isConnected());
        first.kill();
        DriverProcess.start(scratch, aeron); // all between two cycles of the session
        scratch.await("the old one is given up", () -> session.doWork() >= 0 && !session.isConnected());
        assertTrue(session.state().startsWith("the media driver was started again"), session.state());
        scratch.await("connected again", LONG_NS, () -> session.doWork() >= 0 && session.isConnected());
        assertTrue(scratch.errors().isEmpty(), () -> scratch.errors().toString());
    }

    @Test
    void shouldGoOnAfterItsDriverWasStoppedForLong() {
        master();
        final MasterProcess driver = DriverProcess.start(scratch, aeron);
        final TestClient client = client("patient");
        client.send(200);
        scratch.await("results", () -> client.distinct == 200);
        driver.signal("STOP");
        client.send(200);
        scratch.await(
                "the silence is known", LONG_NS, () -> client.session.state().endsWith("does not answer"));
        driver.signal("CONT");
        final long continuedNs = System.nanoTime();
        scratch.await("all results", LONG_NS, () -> client.distinct == 400);
        System.out.println("driver stopped for longer than its timeout: whole " + millisSince(continuedNs)
                + " ms after it went on");
        assertEquals(1, client.registrations);
        assertFalse(scratch.errors().size() > 20, () -> "told once, not per attempt: " + scratch.errors());
    }

    /** What its parts wait for nobody answers any more: most of all at the beginning, when they ask the driver for streams. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldCloseAMasterSoonWhoseDriverIsGone(final boolean isReady) {
        final MasterProcess driver = DriverProcess.start(scratch, aeron);
        final MasterNode master = scratch.closing(MasterNode.launch(new MasterContext()
                .directory(scratch.directory().resolve("master"))
                .dragonDirectory(scratch.directory().resolve("dragon"))
                .aeronDirectoryName(aeron.toString())
                .basePort(basePort)
                .timeouts(Timeouts.ci())
                .errorHandler(scratch::onError)));
        if (isReady) {
            scratch.await("a master", master::isReady);
        }
        driver.kill();
        final long startNs = System.nanoTime();
        master.close();
        final long closedMs = millisSince(startNs);
        System.out.println("closed without its driver after " + closedMs + " ms");
        assertTrue(closedMs < 10_000, closedMs + " ms");
    }

    @Test
    void shouldEndTheMasterOnTheHostsDriverAtOnceAndResumeWithTheNext() {
        final MasterProcess driver = DriverProcess.start(scratch, aeron);
        final String[] args = {"directory=" + path("master"), "aeron=" + aeron, "port=" + basePort, "echo=1"};
        final MasterProcess first = scratch.closing(MasterProcess.start(args));
        scratch.await("the master", () -> first.hasSaid("READY"));
        final TestClient client =
                scratch.closing(new TestClient("steady", context("steady").ingressEndpoints(null)));
        client.send(500);
        scratch.await("results", () -> client.distinct > 100);
        driver.kill();
        final long killedNs = System.nanoTime();
        scratch.await("the master's end", () -> !first.isAlive());
        final long endedMs = millisSince(killedNs);
        scratch.await("the client knows", () -> !client.session.isConnected());
        final long detectedMs = millisSince(killedNs);
        DriverProcess.start(scratch, aeron);
        final MasterProcess second = scratch.closing(MasterProcess.start(args));
        client.send(500);
        scratch.await("all results", LONG_NS, () -> client.distinct == 1_000);
        System.out.println("driver of a single master killed: master ended after " + endedMs + " ms, client knew after "
                + detectedMs + " ms, whole after " + millisSince(killedNs) + " ms");
        assertEquals(1, client.registrations);
        assertTrue(endedMs < 5_000, endedMs + " ms");
        second.stop();
    }

    @Test
    void shouldReportTheLossAndTheReturnOfItsDriverOnceWithEachOfTwoDeaths() {
        final MasterProcess master = scratch.closing(
                MasterProcess.start("directory=" + path("master"), "driver=" + path("own"), "port=" + basePort));
        scratch.await("the master", () -> master.hasSaid("READY"));
        MasterProcess driver = DriverProcess.start(scratch, aeron);
        final ClusterSession session = scratch.closing(new ClusterSession(context("worker")));
        final Silent silent = new Silent();
        session.register(PartyKind.CLIENT, "c", new PartyOptions(), silent);
        final Party worker = session.register(PartyKind.WORKER, "w", new PartyOptions(), silent);
        scratch.await("registered", () -> session.doWork() >= 0 && worker.isActive());
        final int incarnation = worker.incarnation();
        for (int death = 0; death < 2; death++) {
            driver.kill();
            scratch.await("lost", () -> session.doWork() >= 0 && !session.isConnected());
            driver = DriverProcess.start(scratch, aeron);
            scratch.await("connected", LONG_NS, () -> session.doWork() >= 0 && session.isConnected());
        }
        scratch.await("told", LONG_NS, () -> session.doWork() >= 0 && worker.acknowledgedSeq() == 4);
        final List<String> told = incidents(session);
        assertEquals(4, told.size(), told::toString);
        for (int i = 0; i < told.size(); i++) {
            final String expected = i % 2 == 0
                    ? "DRIVER_LOST LOCK_IS_FREE WORKER w: the media driver died \\([0-9]+\\)"
                    : "DRIVER_RETURNED PROBE_SUCCEEDED WORKER w: connected again after [0-9]+ ms \\(-1\\)";
            assertTrue(told.get(i).matches(expected), told::toString);
        }
        assertEquals(incarnation, worker.incarnation());
        System.out.println(told);
    }

    /** After an outage of 5 s the masters have given up whoever was on that driver. */
    @Test
    void shouldReportTheLossOfItsDriverThoughItWasFencedMeanwhile() {
        final MasterProcess master = scratch.closing(
                MasterProcess.start("directory=" + path("master"), "driver=" + path("own"), "port=" + basePort));
        scratch.await("the master", () -> master.hasSaid("READY"));
        final MasterProcess driver = DriverProcess.start(scratch, aeron);
        final ClusterSession session = scratch.closing(new ClusterSession(context("worker")));
        final Party worker = session.register(PartyKind.WORKER, "w", new PartyOptions(), new Silent());
        scratch.await("registered", () -> session.doWork() >= 0 && worker.isActive());
        final int incarnation = worker.incarnation();
        driver.kill();
        scratch.await("lost", () -> session.doWork() >= 0 && !session.isConnected());
        try (ClusterSession rival = new ClusterSession(
                context("rival").aeronDirectoryName(path("own").toString()))) {
            final Party usurper = rival.register(PartyKind.WORKER, "w", new PartyOptions(), new Silent());
            scratch.await("its name taken", () -> rival.doWork() >= 0 && usurper.isActive());
        }
        DriverProcess.start(scratch, aeron);
        scratch.await("registered anew", LONG_NS, () -> session.doWork() >= 0 && worker.incarnation() > incarnation);
        scratch.await("told", () -> incidents(session).size() >= 2);
        final List<String> incidents = incidents(session);
        assertEquals(2, incidents.size(), incidents::toString);
        assertTrue(incidents.get(0).startsWith("DRIVER_LOST LOCK_IS_FREE WORKER w: the media driver died"));
        assertTrue(incidents.get(1).startsWith("DRIVER_RETURNED PROBE_SUCCEEDED WORKER w: connected again after"));
    }

    @Test
    void shouldReportOnceADriverThatWasOnlyStopped() {
        final MasterProcess master = scratch.closing(
                MasterProcess.start("directory=" + path("master"), "driver=" + path("own"), "port=" + basePort));
        scratch.await("the master", () -> master.hasSaid("READY"));
        final MasterProcess driver = DriverProcess.start(scratch, aeron);
        final ClusterSession session = scratch.closing(new ClusterSession(context("worker")));
        final Party worker = session.register(PartyKind.WORKER, "w", new PartyOptions(), new Silent());
        scratch.await("registered", () -> session.doWork() >= 0 && worker.isActive());
        driver.signal("STOP");
        scratch.await("lost", () -> session.doWork() >= 0 && !session.isConnected());
        assertTrue(session.state().startsWith("the media driver fell silent"), session.state());
        driver.signal("CONT");
        scratch.await("told", LONG_NS, () -> session.doWork() >= 0 && worker.acknowledgedSeq() == 2);
        final List<String> told = incidents(session);
        assertEquals(2, told.size(), told::toString);
        assertTrue(told.get(0).startsWith("DRIVER_LOST DRIVER_TIMEOUT WORKER w: the media driver fell silent ("));
        assertTrue(told.get(1).startsWith("DRIVER_RETURNED PROBE_SUCCEEDED WORKER w: connected again after "));
    }

    /** Those of media drivers, as the masters have them. */
    private List<String> incidents(final ClusterSession session) {
        final List<String> told = new ArrayList<>();
        session.query(4, new ReplyListener() {
            @Override
            public void onReply(final int templateId, final DirectBuffer buffer, final int offset, final int length) {
                final IncidentPageDecoder page = new IncidentPageDecoder();
                page.wrapAndApplyHeader(buffer, offset, new MessageHeaderDecoder());
                for (final IncidentPageDecoder.IncidentsDecoder incident : page.incidents()) {
                    final long detectedMs = incident.detectedMs();
                    final String what = incident.kind() + " " + incident.rule() + " " + incident.subjectKind();
                    told.add(what + " " + incident.name() + ": " + incident.text() + " (" + detectedMs + ")");
                }
            }

            @Override
            public void onEnd(final boolean complete) {
                told.add("END " + complete);
            }
        });
        scratch.await("an answer", () -> session.doWork() >= 0 && told.contains("END true"));
        told.removeIf(line -> !line.startsWith("DRIVER_"));
        return told;
    }

    private static final class Silent implements PartyListener {
        @Override
        public void onRegistered(final Party party) {}

        @Override
        public void onFenced(final Party party) {}

        @Override
        public void onEvent(
                final Party party,
                final int templateId,
                final DirectBuffer buffer,
                final int offset,
                final int length) {}
    }

    private void master() {
        final MasterProcess master = scratch.closing(MasterProcess.start(
                "directory=" + path("master"), "driver=" + path("own"), "port=" + basePort, "echo=1"));
        scratch.await("the master", () -> master.hasSaid("READY"));
    }

    private TestClient client(final String name) {
        final TestClient client = scratch.closing(new TestClient(name, context(name)));
        scratch.await("registered", () -> client.party.isActive());
        return client;
    }

    private ClusterSession.Context context(final String name) {
        return new ClusterSession.Context()
                .aeronDirectoryName(aeron.toString())
                .ingressEndpoints("0=localhost:" + basePort)
                .name(name)
                .timeouts(Timeouts.ci())
                .errorHandler(scratch::onError);
    }

    private Path path(final String name) {
        return scratch.directory().resolve(name);
    }

    private static long millisSince(final long startNs) {
        return (System.nanoTime() - startNs) / 1_000_000;
    }
}
