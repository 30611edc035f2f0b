package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aeron.archive.client.ArchiveEvent;
import io.aeron.cluster.client.ClusterEvent;
import io.aeron.cluster.client.ClusterException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ScratchTest {
    @Test
    void shouldPassOverRemarksAboutASlowMachineOnly() {
        try (Scratch scratch = new Scratch()) {
            final List<Throwable> faults = List.of(
                    new ClusterEvent("unexpected commit position from new leader: 0"),
                    new ArchiveEvent("image session ids are clashing: 7"),
                    new ClusterException("leader heartbeat timeout"));
            scratch.onError(new ClusterEvent("leader heartbeat timeout"));
            scratch.onError(new ClusterEvent("inactive follower quorum"));
            // also of a single master: whoever was stopped for longer than the heartbeat timeout does not count, itself
            // included
            scratch.onError(
                    new ClusterEvent("quorum position went backwards: leaderCommitPosition=2 quorumPosition=1"));
            scratch.onError(new ClusterEvent("log recording stopped: eos=false"));
            faults.forEach(scratch::onError);
            assertEquals(faults, scratch.errors());
        }
    }
}
