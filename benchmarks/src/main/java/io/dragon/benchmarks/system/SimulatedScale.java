package io.dragon.benchmarks.system;

import io.dragon.benchmarks.harness.Better;
import io.dragon.benchmarks.harness.Contest;
import io.dragon.benchmarks.harness.Sample;
import io.dragon.benchmarks.harness.Spread;
import io.dragon.benchmarks.harness.SuiteRun;
import java.util.Locale;
import java.util.Map;

/** Many nodes on one core: the sequencer's own core under simulated cameras and workers, beside one worker in the same round. */
final class SimulatedScale {
    private static final String NAME = "scale";
    private static final int WORKERS_A_NODE = 4;
    private static final int[] NODES = {1, 2, 3, 5, 10};
    private static final int[] CAMERAS = {2, 8, 12, 20, 40};
    private static final int SECONDS = 10;
    private static final int ROUNDS = 5;
    private static final String RATE = "rate";
    private static final String ALONE = "one simulated worker";
    private static final String SOURCE = "linear to 10 nodes and more";

    private final SuiteRun run;
    private final int seconds;
    private final double[] commandNs;
    private final double[] busy;
    private int measured;

    SimulatedScale(final SuiteRun run) {
        this(run, SECONDS);
    }

    SimulatedScale(final SuiteRun run, final int seconds) {
        this.run = run;
        this.seconds = seconds;
        commandNs = new double[run.rounds(ROUNDS)];
        busy = new double[commandNs.length];
    }

    void measure() throws Exception {
        largest(); // until it is compiled
        final Contest contest = new Contest(NAME)
                .side(
                        ALONE,
                        round -> Map.of(
                                RATE, Sample.of(simulate(1, CAMERAS[0], round).rate())));
        for (int i = 0; i < NODES.length; i++) {
            final int index = i;
            contest.side(title(i), round -> {
                final int workers = NODES[index] * WORKERS_A_NODE;
                final SimulatedSystem.Result result = simulate(workers, CAMERAS[index], round);
                if (index == NODES.length - 1) {
                    busy[round] = result.busy();
                }
                return Map.of(RATE, Sample.of(result.rate() / workers));
            });
        }
        contest.run(0, commandNs.length, text -> run.say("simulated: " + text));
        for (int i = 0; i < NODES.length; i++) {
            run.add(contest.row(title(i), title(i), RATE, ALONE, RATE, ALONE, "tasks/s a worker", Better.HIGHER)
                    .withSource(SOURCE));
        }
        run.remark(String.format(
                Locale.ROOT,
                "scale: simulated is all but the sequencer's core: a command takes it %s ns of processor time, as measured here in each round,"
                        + " a message takes 100 us each way, a task 20 ms; no frame moves. Ten nodes keep the core busy for %.1f %% of the time",
                Spread.of(commandNs),
                100 * Spread.of(busy).median()));
    }

    private static String title(final int index) {
        return "simulated: " + NODES[index] + (NODES[index] == 1 ? " node" : " nodes") + " of 4 workers, "
                + CAMERAS[index] + " cameras";
    }

    private SimulatedSystem.Result simulate(final int workers, final int cameras, final int round) {
        if (round == measured) {
            // What a command costs on this machine is what it costs in the simulation: the largest system tells it.
            commandNs[round] = largest().commandNs();
            measured++;
        }
        return new SimulatedSystem(workers, cameras, commandNs[round]).run(seconds);
    }

    private SimulatedSystem.Result largest() {
        final int last = NODES.length - 1;
        return new SimulatedSystem(NODES[last] * WORKERS_A_NODE, CAMERAS[last], 0).run(seconds);
    }
}
