package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DiscoveryConfig;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.node.DiscoveryContext;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sessions that are told nothing about masters. */
final class FoundMastersTest {
    private final Scratch scratch = new Scratch();
    private final ConcurrentLinkedQueue<String> said = new ConcurrentLinkedQueue<>();
    private final int port = 32_000 + ThreadLocalRandom.current().nextInt(500);
    private final int basePort = Scratch.freeBasePort();

    @AfterEach
    void after() {
        scratch.close();
    }

    private DiscoveryContext discovery() {
        return new DiscoveryContext()
                .config(new DiscoveryConfig(true, port, "found-masters-test", List.of("127.0.0.1")))
                .secret("a secret of sixteen bytes".getBytes())
                .log(said::add);
    }

    private MasterNode master(final String... members) {
        return scratch.closing(MasterNode.launch(new MasterContext()
                .directory(scratch.directory().resolve("master"))
                .dragonDirectory(scratch.directory().resolve("dragon"))
                .members(List.of(members))
                .basePort(basePort)
                .discovery(discovery())
                .timeouts(Timeouts.ci())
                .logTermLength(1 << 20)
                .service(new EchoService())
                .errorHandler(scratch::onError)));
    }

    private ClusterSession.Context onADriverOfItsOwn() {
        final Path directory = scratch.directory().resolve("other-host");
        scratch.closing(MediaDriverNode.launch(new MediaDriverNode.Context()
                .directory(directory)
                .timeouts(Timeouts.ci())
                .errorHandler(scratch::onError)));
        return new ClusterSession.Context()
                .aeronDirectoryName(directory.toString())
                .timeouts(Timeouts.ci())
                .discovery(discovery())
                .errorHandler(error -> {});
    }

    @Test
    void shouldFindAMasterThatListensOnEveryAddressOfItsHost() {
        final TestClient client = scratch.closing(new TestClient("c", onADriverOfItsOwn()));
        scratch.await("it to look", () -> client.session.state().startsWith("looking for masters by broadcast"));
        master("0.0.0.0");
        scratch.await("registration", () -> client.registrations == 1);
        client.send(10);
        scratch.await("results", () -> client.received == 10);
        assertTrue(client.session.ingressEndpoints().endsWith(":" + basePort));
        assertTrue(said.stream().anyMatch(line -> line.startsWith("found the masters 0=")), said.toString());
    }

    @Test
    void shouldTakeTheMasterOfItsOwnHostFirst() {
        final MasterNode master = master("0.0.0.0");
        final TestClient client = scratch.closing(new TestClient(
                "c", TestClient.context(scratch, master, Timeouts.ci()).discovery(discovery())));
        scratch.await("registration", () -> client.registrations == 1);
        assertNull(client.session.ingressEndpoints());
        assertEquals("connected to member 0", client.session.state());
    }

    @Test
    void shouldTellNobodyOfAMasterThatOnlyItsOwnHostReaches() {
        master("localhost");
        scratch.await("it to say so", () -> said.stream().anyMatch(line -> line.contains("listen on loopback only")));
    }

    @Test
    void shouldRefuseEveryAddressForOneOfSeveral() {
        final String words = assertThrows(DragonException.class, () -> master("0.0.0.0", "localhost", "localhost"))
                .getMessage();
        assertTrue(words.contains("'masters.members' has 0.0.0.0 among several"), words);
    }
}
