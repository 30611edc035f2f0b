package io.dragon.benchmarks.system;

import io.dragon.benchmarks.harness.Better;
import io.dragon.benchmarks.harness.Row;
import io.dragon.benchmarks.harness.Sample;
import io.dragon.benchmarks.harness.Spread;
import io.dragon.benchmarks.harness.SuiteRun;
import java.util.Locale;

/** Many nodes on one core: the sequencer's own core under simulated cameras and workers, beside one worker. */
final class SimulatedScale {
    private static final String NAME = "scale";
    private static final int WORKERS_A_NODE = 4;
    private static final int[] NODES = {1, 2, 3, 5, 10};
    private static final int[] CAMERAS = {2, 8, 12, 20, 40};
    private static final int SECONDS = 10;
    private static final String SOURCE = "linear to 10 nodes and more";

    private final SuiteRun run;

    SimulatedScale(final SuiteRun run) {
        this.run = run;
    }

    void measure() {
        // What a command costs on this machine is what it costs in the simulation: the largest system tells it, twice,
        // once it is compiled.
        final int last = NODES.length - 1;
        final int workers = NODES[last] * WORKERS_A_NODE;
        new SimulatedSystem(workers, CAMERAS[last], 0).run(SECONDS);
        final double commandNs =
                new SimulatedSystem(workers, CAMERAS[last], 0).run(SECONDS).commandNs();
        final double alone =
                new SimulatedSystem(1, CAMERAS[0], commandNs).run(SECONDS).rate();
        double busy = 0;
        for (int i = 0; i < NODES.length; i++) {
            final int count = NODES[i] * WORKERS_A_NODE;
            run.say("simulated: " + NODES[i] + " nodes");
            final SimulatedSystem.Result result = new SimulatedSystem(count, CAMERAS[i], commandNs).run(SECONDS);
            final double each = result.rate() / count;
            busy = result.busy();
            final Row row = Row.alone(
                    NAME,
                    "simulated: " + NODES[i] + (NODES[i] == 1 ? " node" : " nodes") + " of 4 workers, " + CAMERAS[i]
                            + " cameras",
                    "tasks/s a worker",
                    Better.HIGHER,
                    Sample.of(each));
            run.add(new Row(
                    NAME,
                    row.name(),
                    row.unit(),
                    row.better(),
                    row.p50(),
                    Double.NaN,
                    Double.NaN,
                    Double.NaN,
                    "one simulated worker",
                    alone,
                    Spread.of(each / alone),
                    SOURCE));
        }
        run.remark(String.format(
                Locale.ROOT,
                "scale: simulated is all but the sequencer's core: a command takes it %.0f ns of processor time, as measured here, a message"
                        + " takes 100 us each way, a task 20 ms; no frame moves. Ten nodes keep the core busy for %.1f %% of the time",
                commandNs,
                100 * busy));
    }
}
