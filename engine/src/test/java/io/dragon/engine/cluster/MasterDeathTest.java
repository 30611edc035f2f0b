package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.Timeouts;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A master killed with -9 in the midst of work, and started again on the same directory. */
final class MasterDeathTest {
    private static final long RESTART_NS = TimeUnit.SECONDS.toNanos(40);

    private final Scratch scratch = new Scratch();
    private final int basePort = Scratch.freeBasePort();

    @AfterEach
    void after() {
        scratch.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldLoseAndDoubleNothingWhenTheMasterIsKilled(final boolean isDriverKilledToo) {
        final String driverArg;
        if (isDriverKilledToo) {
            driverArg = "driver=" + path("aeron");
        } else {
            final MediaDriverNode driver = scratch.closing(MediaDriverNode.launch(new MediaDriverNode.Context()
                    .directory(path("aeron"))
                    .timeouts(Timeouts.ci())
                    .errorHandler(scratch::onError)));
            driverArg = "aeron=" + driver.aeronDirectoryName();
        }
        final String[] args = {"directory=" + path("master"), driverArg, "port=" + basePort, "echo=1"};
        final MasterProcess first = scratch.closing(MasterProcess.start(args));
        scratch.await("the first master", () -> first.hasSaid("READY"));

        final TestClient client = scratch.closing(new TestClient(
                "steady",
                new ClusterSession.Context()
                        .aeronDirectoryName(path("aeron").toString())
                        .timeouts(Timeouts.ci())
                        .errorHandler(scratch::onError)));
        client.send(500);
        scratch.await("results before the kill", () -> client.distinct == 500);
        client.send(200);
        first.kill();
        final long killedNs = System.nanoTime();

        final MasterProcess second = scratch.closing(MasterProcess.start(args));
        scratch.await("the second master", RESTART_NS, () -> second.hasSaid("READY") || !second.isAlive());
        assertTrue(second.hasSaid("READY"), () -> second.lines().toString());
        final long readyNs = System.nanoTime();
        client.send(300);
        scratch.await("results of all", RESTART_NS, () -> client.distinct == 1_000);
        System.out.println("driver killed too=" + isDriverKilledToo + ": master ready after "
                + (readyNs - killedNs) / 1_000_000 + " ms, client whole after "
                + (System.nanoTime() - killedNs) / 1_000_000 + " ms");
        assertEquals(1, client.registrations, "the log knew the client: " + second.lines());
        assertEquals(0, client.fencings);
        assertTrue(client.party.resends() > 0 || client.party.acknowledgedSeq() == 1_000);
        second.stop();
    }

    private Path path(final String name) {
        return scratch.directory().resolve(name);
    }
}
