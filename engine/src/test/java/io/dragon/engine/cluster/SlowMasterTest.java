package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.aeron.Aeron;
import io.aeron.Counter;
import io.aeron.cluster.ConsensusModule;
import io.aeron.cluster.service.Cluster;
import io.aeron.cluster.service.ClusterCounters;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.dragon.engine.config.Timeouts;
import java.util.concurrent.TimeUnit;
import org.agrona.ExpandableArrayBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A session that was offline before its master began, where that takes long to answer. */
class SlowMasterTest {
    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final Scratch scratch = new Scratch();
    private long nowNs;

    @AfterEach
    void after() {
        scratch.close();
    }

    /** It once did not see such a master before half a minute was over, and asked it a single time then. */
    @Test
    void shouldAskAMasterThatHasBegunFromTheBeginningAndAgainWhenItLeads() {
        final MediaDriver driver = scratch.closing(MediaDriver.launchEmbedded(new MediaDriver.Context()
                .threadingMode(ThreadingMode.SHARED)
                .aeronDirectoryName(scratch.directory().resolve("aeron").toString())));
        final ClusterSession session = scratch.closing(new ClusterSession(new ClusterSession.Context()
                .aeronDirectoryName(driver.aeronDirectoryName())
                .timeouts(Timeouts.ci().with(Timeouts.Key.CONNECT, TimeUnit.MILLISECONDS.toNanos(100)))
                .nanoClock(() -> nowNs)));
        awaitState(session, true);

        final Aeron aeron =
                scratch.closing(Aeron.connect(new Aeron.Context().aeronDirectoryName(driver.aeronDirectoryName())));
        final Counter begun = counter(aeron, "state", ConsensusModule.Configuration.CONSENSUS_MODULE_STATE_TYPE_ID);
        final Counter role = counter(aeron, "role", ConsensusModule.Configuration.CLUSTER_NODE_ROLE_TYPE_ID);
        awaitState(session, false);
        assertFalse(begun.isClosed());
        awaitState(session, true);
        role.set(Cluster.Role.LEADER.code());
        awaitState(session, false);
    }

    private static Counter counter(final Aeron aeron, final String name, final int typeId) {
        return ClusterCounters.allocate(aeron, new ExpandableArrayBuffer(), name, typeId, 0);
    }

    private void awaitState(final ClusterSession session, final boolean isOffline) {
        scratch.await(isOffline ? "it gives up" : "it tries again", () -> {
            nowNs += STEP_NS;
            session.doWork();
            return session.state().endsWith("trying every 30 s") == isOffline;
        });
    }
}
