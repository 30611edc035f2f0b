package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.dragon.engine.config.Timeouts;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ThreeMastersTest {
    private final Scratch scratch = new Scratch();
    private final int basePort = Scratch.freeBasePort();

    @AfterEach
    void after() {
        scratch.close();
    }

    @Test
    void shouldGoOnWhenTheLeaderLeaves() {
        final List<MasterNode> masters = new ArrayList<>();
        for (int member = 0; member < 3; member++) {
            masters.add(scratch.closing(MasterNode.launch(new MasterNode.Context()
                    .directory(scratch.directory().resolve("master-" + member))
                    .mediaDriverDirectory(scratch.directory().resolve("aeron-" + member))
                    .members(List.of("localhost", "localhost", "localhost"))
                    .memberId(member)
                    .basePort(basePort)
                    .timeouts(Timeouts.ci())
                    .logTermLength(1 << 20)
                    .service(new EchoService())
                    .errorHandler(scratch::onError))));
        }
        final MediaDriverNode driver = scratch.closing(MediaDriverNode.launch(new MediaDriverNode.Context()
                .directory(scratch.directory().resolve("aeron-client"))
                .timeouts(Timeouts.ci())
                .errorHandler(scratch::onError)));
        final TestClient client = scratch.closing(new TestClient(
                "udp",
                new ClusterSession.Context()
                        .aeronDirectoryName(driver.aeronDirectoryName())
                        .ingressEndpoints(masters.get(0).ingressEndpoints())
                        .timeouts(Timeouts.ci())
                        .errorHandler(scratch::onError)));
        client.send(500);
        scratch.await("results", () -> client.distinct == 500);

        final MasterNode leader =
                masters.stream().filter(MasterNode::isLeader).findFirst().orElseThrow();
        client.send(200);
        final long startNs = System.nanoTime();
        leader.close();
        client.send(300);
        scratch.await("results of all from the new leader", () -> client.distinct == 1_000);
        System.out.println("new leader and all results after " + (System.nanoTime() - startNs) / 1_000_000 + " ms");
        assertEquals(1, client.registrations);
        assertEquals(0, client.fencings);
    }
}
