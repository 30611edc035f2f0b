package io.dragon.benchmarks;

import io.dragon.benchmarks.handoff.HandoffSuite;
import io.dragon.benchmarks.harness.Suite;
import io.dragon.benchmarks.system.DispatchSuite;
import io.dragon.benchmarks.system.EndToEndSuite;
import io.dragon.benchmarks.system.FailoverSuite;
import io.dragon.benchmarks.system.HashSuite;
import io.dragon.benchmarks.system.ScaleSuite;
import java.util.List;

/** The suites of {@code dragon bench}, in the order in which {@code all} runs them. */
final class Suites {
    static final List<Suite> ALL = List.of(
            new MicroSuite(new JmhRun(1)),
            new RingSuite(),
            new HandoffSuite(),
            new DispatchSuite(),
            new SequencerSuite(),
            new TransferSuite(),
            new HashSuite(),
            new VoxelSuite(),
            new EndToEndSuite(),
            new FailoverSuite(),
            new ScaleSuite());

    private Suites() {}
}
