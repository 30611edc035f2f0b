package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.cluster.service.ClusteredService;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.sequencer.SequencerConfig;
import io.dragon.engine.sequencer.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("long")
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
            masters.add(launch(member, new EchoService()));
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

        final MasterNode leader = masters.get(leader(masters));
        client.send(200);
        final long startNs = System.nanoTime();
        leader.close();
        client.send(300);
        scratch.await("results of all from the new leader", () -> client.distinct == 1_000);
        System.out.println("new leader and all results after " + (System.nanoTime() - startNs) / 1_000_000 + " ms");
        assertEquals(1, client.registrations);
        assertEquals(0, client.fencings);
    }

    @Test
    void shouldTakeTheSettingsOfEachNewLeaderAndAgreeOnThem() {
        final List<MasterNode> masters = new ArrayList<>();
        final List<HashingService> services = new ArrayList<>();
        for (int member = 0; member < 3; member++) {
            services.add(service(member));
            masters.add(launch(member, services.get(member)));
        }
        awaitSettings(services, 1);
        final int first = leader(masters);
        masters.get(first).close();
        awaitSettings(others(services, first), 2);
        services.set(first, service(first));
        masters.set(first, launch(first, services.get(first)));
        awaitSettings(services, 2); // It has replayed its own log, and the other's behind it.

        final int second = leader(masters);
        scratch.await("a snapshot to be begun", masters.get(second)::requestSnapshot);
        scratch.await("snapshots", () -> masters.stream().allMatch(master -> master.snapshotCount() == 1));
        masters.get(second).close();
        awaitSettings(others(services, second), 3);
        services.set(second, service(second));
        masters.set(second, launch(second, services.get(second)));
        awaitSettings(List.of(services.get(second)), 1);
        assertTrue(services.get(second).loadedAt > 0, "it began with its snapshot");

        masters.get(leader(masters)).close();
        scratch.await(
                "the settings of a fourth leader",
                () -> services.get(second).settings.size() >= 2);
        for (final Map.Entry<Long, Long> state : services.get(second).hashes.entrySet()) {
            for (final HashingService service : services) {
                assertEquals(state.getValue(), service.hashes.getOrDefault(state.getKey(), state.getValue()));
            }
        }
    }

    private static HashingService service(final int member) {
        return new HashingService(false, new SequencerConfig().set(Setting.RESUME_BATCH, 10 + member));
    }

    private void awaitSettings(final List<HashingService> services, final int count) {
        scratch.await("settings of " + count + " terms everywhere", () -> services.stream()
                .allMatch(service -> service.settings.size() >= count));
    }

    private static List<HashingService> others(final List<HashingService> services, final int without) {
        return services.stream()
                .filter(service -> service != services.get(without))
                .toList();
    }

    private int leader(final List<MasterNode> masters) {
        final int[] leader = {-1};
        scratch.await("a leader", () -> {
            for (int member = 0; member < masters.size(); member++) {
                if (masters.get(member).isLeader()) { // asked once: it may be no more when it is asked again
                    leader[0] = member;
                }
            }
            return leader[0] >= 0;
        });
        return leader[0];
    }

    private MasterNode launch(final int member, final ClusteredService service) {
        return scratch.closing(MasterNode.launch(new MasterContext()
                .directory(scratch.directory().resolve("master-" + member))
                .mediaDriverDirectory(scratch.directory().resolve("aeron-" + member))
                .members(List.of("localhost", "localhost", "localhost"))
                .memberId(member)
                .basePort(basePort)
                .timeouts(Timeouts.ci())
                .logTermLength(1 << 20)
                .service(service)
                .errorHandler(scratch::onError)));
    }
}
