package io.dragon.benchmarks;

import io.dragon.benchmarks.harness.Better;
import io.dragon.benchmarks.harness.Contest;
import io.dragon.benchmarks.harness.Row;
import io.dragon.benchmarks.harness.Sample;
import io.dragon.benchmarks.harness.Suite;
import io.dragon.benchmarks.harness.SuiteRun;
import java.util.Map;

/**
 * The hot paths, each for itself: what an operation takes and what it allocates. By JMH with its GC profiler, in a new virtual machine for each
 * side and round.
 */
final class MicroSuite implements Suite {
    private static final String NAME = "micro";
    private static final String TIME = "time";
    private static final String BYTES = "bytes";
    static final String PROFILER = "profiler beside ";
    private static final String OPERATIONS = "operations";
    private static final double SECONDS = 1;
    private static final int ROUNDS = 5;

    private final JmhRun jmh;

    MicroSuite(final JmhRun jmh) {
        this.jmh = jmh;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String about() {
        return "every hot path for itself, by JMH: what an operation takes, and that it allocates nothing";
    }

    @Override
    public void run(final SuiteRun run) throws Exception {
        for (final HotPaths group : HotPaths.ALL) {
            measure(run, group);
        }
        run.remark(
                "micro: what the profiler itself allocates in an iteration is measured at the baseline, which allocates nothing, and taken off; more than the profiler needs would be a baseline that allocates, and no figure");
    }

    void measure(final SuiteRun run, final HotPaths group) throws Exception {
        final double seconds = run.seconds(SECONDS);
        final Contest contest = new Contest(NAME);
        contest.side(group.baseline().name(), round -> samples(group, group.baseline(), seconds));
        for (final HotPath path : group.paths()) {
            contest.side(path.name(), round -> samples(group, path, seconds));
        }
        contest.run(0, run.rounds(ROUNDS), text -> run.say(group.host().getSimpleName() + ", " + text));
        final String baseline = group.baseline().name();
        // One that allocates would hide what the paths allocate: a threshold holds it to what the profiler needs.
        run.add(Row.ofRounds(
                NAME,
                PROFILER + baseline,
                "B an iteration",
                Better.LOWER,
                contest.values(baseline, BYTES),
                null,
                null));
        for (final HotPath path : group.paths()) {
            run.add(contest.row(path.name(), path.name(), TIME, baseline, TIME, baseline, "ns/op", Better.LOWER)
                    .withSource(group.source()));
            run.add(Row.ofRounds(
                    NAME,
                    path.name() + ", allocated",
                    "B/op",
                    Better.LOWER,
                    allocated(contest, path.name(), baseline),
                    null,
                    null));
        }
    }

    /** Bytes of an operation, by round. */
    private static double[] allocated(final Contest contest, final String path, final String baseline) {
        final double[] bytes = contest.values(path, BYTES);
        final double[] operations = contest.values(path, OPERATIONS);
        final double[] profiler = contest.values(baseline, BYTES);
        final double[] allocated = new double[bytes.length];
        for (int i = 0; i < allocated.length; i++) {
            allocated[i] = Math.max(0, bytes[i] - profiler[i]) / operations[i];
        }
        return allocated;
    }

    private Map<String, Sample> samples(final HotPaths group, final HotPath path, final double seconds)
            throws Exception {
        final JmhRun.Figures figures = jmh.run(group.host(), path, seconds);
        return Map.of(
                TIME,
                Sample.of(figures.ns()),
                BYTES,
                Sample.of(figures.bytes()),
                OPERATIONS,
                Sample.of(figures.operations()));
    }
}
