package io.dragon.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs one micro-benchmark once, in a virtual machine of its own. */
final class JmhRun {
    /** More than one, since the last also pays for what the tear-down allocates: the least of them counts. */
    private static final int ITERATIONS = 2;

    private static final double LONGEST_WARM_UP_SECONDS = 1;
    private static final double SHORTEST_WARM_UP_SECONDS = 0.5;

    /** Until the virtual machine has compiled vector operations, the hash takes scalar code instead. */
    private static final double VECTOR_WARM_UP_SECONDS = 8;

    private static final String BYTES_PER_OPERATION = "gc.alloc.rate.norm";

    private final int forks;

    /**
     * How benchmarks run.
     *
     * @param forks 1; or 0, in this virtual machine and without warm-up, for tests
     */
    JmhRun(final int forks) {
        this.forks = forks;
    }

    /**
     * What a benchmark gave.
     *
     * @param ns         nanoseconds of an operation, on average
     * @param operations in an iteration
     * @param bytes      allocated in that iteration, the profiler's own with them
     */
    record Figures(double ns, double operations, double bytes) {}

    Figures run(final Class<?> host, final HotPath path, final double seconds) throws RunnerException {
        final ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + host.getName().replace(".", "\\.") + "\\." + path.method() + "$")
                .forks(forks)
                .threads(1)
                .warmupIterations(forks)
                .warmupTime(time(
                        path.needsVectors()
                                ? VECTOR_WARM_UP_SECONDS
                                : Math.min(LONGEST_WARM_UP_SECONDS, Math.max(SHORTEST_WARM_UP_SECONDS, seconds))))
                .measurementIterations(ITERATIONS)
                .measurementTime(time(seconds / ITERATIONS))
                .timeUnit(TimeUnit.NANOSECONDS)
                .addProfiler(GCProfiler.class)
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true);
        if (forks > 0) {
            options.jvmArgs(jvmArguments(path));
        }
        path.parameters().forEach(options::param);
        final Collection<RunResult> results = new Runner(options.build()).run();
        if (results.size() != 1) {
            throw new RunnerException(host.getSimpleName() + "." + path.describe() + " gave no result");
        }
        final RunResult result = results.iterator().next();
        return least(result);
    }

    /** With the iteration that has allocated least. */
    private static Figures least(final RunResult result) throws RunnerException {
        final double ns = result.getPrimaryResult().getScore();
        Figures least = null;
        for (final IterationResult iteration : result.getAggregatedResult().getIterationResults()) {
            final Result<?> norm = iteration.getSecondaryResults().get(BYTES_PER_OPERATION);
            final double operations = iteration.getMetadata().getMeasuredOps();
            if (norm != null && (least == null || norm.getScore() * operations < least.bytes)) {
                least = new Figures(ns, operations, norm.getScore() * operations);
            }
        }
        if (least == null) {
            throw new RunnerException("this Java does not tell what a thread allocates");
        }
        return least;
    }

    private static TimeValue time(final double seconds) {
        return TimeValue.nanoseconds((long) (seconds * 1e9));
    }

    private static String[] jvmArguments(final HotPath path) {
        final List<String> arguments = new ArrayList<>(List.of(
                "-Xms1g",
                "-Xmx1g",
                "-XX:+UseParallelGC",
                "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                "--add-opens=java.base/java.util.zip=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"));
        if (path.needsVectors()) {
            arguments.add("--add-modules=jdk.incubator.vector");
        }
        return arguments.toArray(new String[0]);
    }
}
