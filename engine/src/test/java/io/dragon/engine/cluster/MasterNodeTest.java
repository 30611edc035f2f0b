package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.SchedulingConfig;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.sequencer.Setting;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class MasterNodeTest {
    private final Scratch scratch = new Scratch();
    private final int basePort = Scratch.freeBasePort();

    @AfterEach
    void after() {
        scratch.close();
    }

    @Test
    void shouldRefuseMoreStrategiesThanTheLogCarriesInWords() {
        final Map<String, String> strategies = new TreeMap<>();
        for (int i = 0; i < 60; i++) {
            strategies.put("a-rather-long-name-" + i, "round-robin");
        }
        final DragonException ex = assertThrows(DragonException.class, () -> new MasterContext()
                .directory(scratch.directory())
                .mediaDriverDirectory(scratch.directory())
                .scheduling(new SchedulingConfig(strategies, 2, 5_000, 64, 0, 10_000, 80, 5, 5_000, 3))
                .conclude());
        assertTrue(ex.getMessage().contains("the strategies of 60 task types"), ex.getMessage());
    }

    /** Whatever it said, the floor of the timeouts held: to raise it, as is advised when tasks time out, changed nothing. */
    @Test
    void shouldGiveAttemptsTheShortestTimeoutThatIsConfigured() {
        assertEquals(10_000, floorMs(5_000, 10_000), "the default of both keys");
        assertEquals(30_000, floorMs(30_000, 10_000));
        assertEquals(20_000, floorMs(5_000, 20_000));
        assertEquals(90_000, floorMs(90_000, 10_000), "longer than the first attempt of a type has by default");
    }

    private int floorMs(final long shortestMs, final long taskFloorMs) {
        final MasterContext ctx = new MasterContext()
                .directory(scratch.directory())
                .mediaDriverDirectory(scratch.directory())
                .timeouts(Timeouts.ci().with(Timeouts.Key.TASK_FLOOR, taskFloorMs * 1_000_000))
                .scheduling(new SchedulingConfig(Map.of(), 2, shortestMs, 64, 0, 10_000, 80, 5, 5_000, 3));
        ctx.conclude();
        assertTrue(ctx.sequencerConfig().get(Setting.TASK_TIMEOUT_INITIAL_MS) >= shortestMs);
        return ctx.sequencerConfig().get(Setting.TASK_TIMEOUT_FLOOR_MS);
    }

    @Test
    void shouldRefuseASecondMasterOnTheSameDirectory() {
        scratch.closing(MasterNode.launch(context()));
        final DragonException refused = assertThrows(
                DragonException.class,
                () -> MasterNode.launch(context().basePort(basePort + 10).mediaDriverDirectory(path("aeron-2"))));
        assertTrue(refused.getMessage().startsWith("Another master of this process runs on"), refused.getMessage());
        final MasterProcess other = scratch.closing(
                MasterProcess.start("directory=" + path("master"), "driver=" + path("aeron-3"), "port=" + basePort));
        scratch.await("refused in another process", () -> other.hasSaid("ENDED"));
        assertTrue(
                other.hasSaid("REFUSED Another master (process "
                        + ProcessHandle.current().pid() + ") runs on"),
                () -> other.lines().toString());
    }

    @Test
    void shouldRefuseASecondMediaDriverOnTheSameDirectory() {
        scratch.closing(MasterNode.launch(context()));
        final DragonException refused = assertThrows(
                DragonException.class,
                () -> MasterNode.launch(context().directory(path("other")).basePort(basePort + 10)));
        assertTrue(refused.getMessage().contains("media driver"), refused.getMessage());
    }

    @Test
    void shouldNameThePortThatIsInUse() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(null)) {
            socket.bind(new InetSocketAddress("localhost", basePort + 1));
            final DragonException refused = assertThrows(DragonException.class, () -> MasterNode.launch(context()));
            assertTrue(refused.getMessage().contains("UDP port " + (basePort + 1)), refused.getMessage());
        }
        MasterNode.launch(context()).close();
    }

    @Test
    void shouldRefuseADriverDirectoryThatIsALink() throws IOException {
        Files.createDirectory(path("elsewhere"));
        Files.createSymbolicLink(path("aeron"), path("elsewhere"));
        final DragonException refused = assertThrows(DragonException.class, () -> MasterNode.launch(context()));
        assertTrue(refused.getMessage().contains("link"), refused.getMessage());
    }

    @Test
    void shouldKeepItsDirectoriesToItsUser() throws IOException {
        scratch.closing(MasterNode.launch(context()));
        for (final String name : List.of("aeron", "master")) {
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path(name))));
        }
    }

    @Test
    void shouldRefuseImpossibleConfigurationsInWords() {
        assertRefused("none is configured", new MasterContext());
        assertRefused("expected 1, 3 or 5", context().members(List.of("localhost", "localhost")));
        assertRefused("member 3", context().memberId(3));
        assertRefused("basePort", context().basePort(65_534));
        assertRefused(
                "leaderHeartbeatTimeout=10000ms",
                context().timeouts(Timeouts.dev().with(Timeouts.Key.STARTUP_CANVASS, 1_000_000_000)));
    }

    @Test
    void shouldSayThatItCannotGoOnWhenTheHostsDriverIsGone() {
        final MediaDriverNode driver = MediaDriverNode.launch(new MediaDriverNode.Context()
                .directory(path("aeron"))
                .timeouts(Timeouts.ci())
                .errorHandler(scratch::onError));
        final AtomicInteger terminations = new AtomicInteger();
        final MasterNode master = scratch.closing(MasterNode.launch(context()
                .mediaDriverDirectory(null)
                .aeronDirectoryName(driver.aeronDirectoryName())
                .terminationHook(terminations::incrementAndGet)));
        scratch.await("ready", master::isReady);
        driver.close();
        scratch.await("the hook", () -> terminations.get() == 1);
        master.close();
        assertEquals(1, terminations.get());
    }

    @Test
    void shouldAnswerWhoAsksWhenItHasEnded() {
        final MasterNode master = MasterNode.launch(context());
        scratch.await("ready", master::isReady);
        master.close();
        for (int i = 0; i < 10_000; i++) { // its counters were unmapped: reading them crashed the process
            assertFalse(master.isReady());
            assertFalse(master.isLeader());
            assertFalse(master.requestSnapshot());
            assertEquals(0, master.snapshotCount());
        }
    }

    @Test
    void shouldLeaveNothingBehindInTheSharedMemory() {
        final MasterNode master = MasterNode.launch(context());
        master.close();
        assertFalse(Files.exists(path("aeron")));
        assertFalse(Files.exists(path("aeron.lock")));
    }

    private static void assertRefused(final String text, final MasterContext ctx) {
        final DragonException refused = assertThrows(DragonException.class, () -> MasterNode.launch(ctx));
        assertTrue(refused.getMessage().contains(text), refused.getMessage());
    }

    private MasterContext context() {
        return new MasterContext()
                .directory(path("master"))
                .mediaDriverDirectory(path("aeron"))
                .basePort(basePort)
                .timeouts(Timeouts.ci())
                .logTermLength(1 << 20)
                .service(new EchoService())
                .errorHandler(scratch::onError);
    }

    private Path path(final String name) {
        return scratch.directory().resolve(name);
    }
}
