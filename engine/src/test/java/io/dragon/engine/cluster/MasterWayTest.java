package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.dragon.engine.config.DiscoveryConfig;
import io.dragon.engine.node.Beacons;
import io.dragon.engine.node.DiscoveryContext;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

final class MasterWayTest {
    private static final String GONE = "0=10.1.2.3:9900";
    private static final String MOVED = "0=10.1.2.4:9900";

    private final int port = 35_000 + ThreadLocalRandom.current().nextInt(500);

    private DiscoveryContext discovery() {
        return new DiscoveryContext().config(new DiscoveryConfig(true, port, "way-test", List.of("127.0.0.1")));
    }

    /** Whoever tells of masters that are gone does not keep a session from those that are there. */
    @Test
    void shouldPassOverMastersThatWereTriedInVain() {
        final MasterWay way = new MasterWay(new ClusterSession.Context().discovery(discovery()));
        try (Scratch scratch = new Scratch()) {
            final Beacons wrong = new Beacons(discovery(), GONE);
            scratch.await("the first", () -> wrong.doWork() >= 0 && way.choose(false));
            assertEquals(GONE, way.endpoints());
            wrong.onClose();
            final Beacons right = new Beacons(discovery(), MOVED);
            way.choose(false); // the first attempt came to nothing
            scratch.await("the other", () -> right.doWork() >= 0 && way.isNew());
            assertEquals(MOVED, way.endpoints());
            right.onClose();
        } finally {
            way.close();
        }
    }
}
