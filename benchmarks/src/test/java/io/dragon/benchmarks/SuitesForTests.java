package io.dragon.benchmarks;

import io.dragon.benchmarks.harness.Better;
import io.dragon.benchmarks.harness.ChildJvm;
import io.dragon.benchmarks.harness.Contest;
import io.dragon.benchmarks.harness.Row;
import io.dragon.benchmarks.harness.Sample;
import io.dragon.benchmarks.harness.Scratch;
import io.dragon.benchmarks.harness.Suite;
import io.dragon.benchmarks.harness.SuiteRun;
import io.dragon.benchmarks.harness.Thresholds;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Suites that measure nothing, and the command with them as a process: {@code bench} and its arguments, or a suite of several. */
final class SuitesForTests {
    static final String BENCH = "bench";
    static final String WAITING = "waits: ";
    static final List<Suite> ALL = List.of(
            suite("ring", SuitesForTests::slow),
            suite("broken", SuitesForTests::broken),
            suite("who", SuitesForTests::who),
            suite("who-else", SuitesForTests::who),
            suite("killed", run -> Runtime.getRuntime().halt(137)),
            suite("waiting", SuitesForTests::waiting));

    private SuitesForTests() {}

    public static void main(final String[] args) {
        if (args[0].equals(BENCH)) {
            final String[] own = List.of(args).subList(1, args.length).toArray(new String[0]);
            System.exit(Bench.commandLine(ALL, Thresholds.load(), SuitesForTests.class)
                    .execute(own));
        }
        SuiteProcess.serve(ALL, args);
    }

    private interface Body {
        void run(SuiteRun run) throws Exception;
    }

    private static Suite suite(final String name, final Body body) {
        return new Suite() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public String about() {
                return "a suite for tests";
            }

            @Override
            public void run(final SuiteRun run) throws Exception {
                body.run(run);
            }
        };
    }

    /** Ours takes seven times as long as the baseline; thresholds apply to it. */
    private static void slow(final SuiteRun run) throws Exception {
        final Contest contest = new Contest("ring")
                .side("ours", round -> Map.of("case", times(4_800)))
                .side("theirs", round -> Map.of("case", times(200)))
                .run(1, run.rounds(5), run::say);
        run.keep("ring", contest);
        run.add(contest.row("slot of 64 B", "ours", "case", "theirs", "case", "theirs", "ns", Better.LOWER)
                .withSource("below 100 ns"));
        run.remark("a baseline is missing");
    }

    private static Sample times(final long ns) {
        final Histogram histogram = Sample.histogramOfNs();
        for (int i = 0; i < 1_000; i++) {
            histogram.recordValue(ns + i);
        }
        return Sample.of(histogram, 1);
    }

    private static void broken(final SuiteRun run) {
        run.add(Row.alone("broken", "found before", "ns", Better.LOWER, Sample.of(1.0 / 3)));
        throw new IllegalStateException("there is no such device:\n\"none\"");
    }

    /** Tells its process, and how it runs. */
    private static void who(final SuiteRun run) {
        System.out.println("found {} is no message, when a suite prints it");
        final Sample pid = Sample.of(ProcessHandle.current().pid());
        run.add(Row.alone("who", "process", "pid", Better.LOWER, pid));
        run.add(Row.alone("who", "seconds", "s", Better.LOWER, Sample.of(run.seconds(9))));
        run.add(Row.alone("who", "rounds", "1", Better.LOWER, Sample.of(run.rounds(9))));
        run.add(Row.alone("who", "gigabytes", "GB", Better.LOWER, Sample.of(run.gigabytes(9))));
    }

    /** Has a folder, a partner that writes into it and one that knows of nothing, and waits for its end. */
    private static void waiting(final SuiteRun run) throws Exception {
        try (Scratch scratch = Scratch.make();
                ChildJvm partner = ChildJvm.start(
                        "writer",
                        List.of(
                                "sh",
                                "-c",
                                "cat >/dev/null; mkdir -p " + scratch.path() + "/late && touch " + scratch.path()
                                        + "/late/file"))) {
            Files.writeString(scratch.path().resolve("file"), "text");
            final Process other = new ProcessBuilder("sleep", "600").start();
            run.say(WAITING
                    + ProcessHandle.current().pid()
                    + ' '
                    + partner.pid()
                    + ' '
                    + other.pid()
                    + ' '
                    + scratch.path());
            other.waitFor();
        }
    }
}
