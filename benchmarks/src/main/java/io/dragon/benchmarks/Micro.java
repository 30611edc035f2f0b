package io.dragon.benchmarks;

import io.dragon.benchmarks.harness.Spread;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
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
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs micro-benchmarks and their baselines in turn, each time in a virtual machine of its own, and prints the ratio.
 *
 * <p>The ratio is our speed as a part of the baseline's: 2 is twice as fast, 0.5 half as fast. It is taken within a round,
 * where both had the same neighbours on the machine; the median and the spread are those of the rounds' ratios.
 */
@Command(
        name = "micro",
        mixinStandardHelpOptions = true,
        description =
                "Runs micro-benchmarks, each beside its baseline: the ratio counts (2: twice as fast as the baseline).",
        sortOptions = false)
public final class Micro implements Callable<Integer> {
    private static final int ROUNDS = 5;
    private static final int FORKS = 1;

    /** More than one, since the last also pays for what the tear-down allocates. */
    private static final int ITERATIONS = 2;

    private static final String BYTES_PER_OPERATION = "gc.alloc.rate.norm";

    @Parameters(
            arity = "1..*",
            paramLabel = "NAME",
            description = "frame-pool, sequencer, blake3, mask, or all of them: all")
    private List<String> names = List.of();

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "what each side is measured for in a round (default 1)")
    private double seconds = 1;

    @Option(names = "--json", paramLabel = "FILE", description = "the same figures for programs")
    private Path json;

    @Spec
    private CommandSpec spec;

    private final int rounds;
    private final int forks;

    Micro(final int rounds, final int forks) {
        this.rounds = rounds;
        this.forks = forks;
    }

    /**
     * The command.
     *
     * @param args as {@code --help} says
     */
    public static void main(final String[] args) {
        System.exit(commandLine(ROUNDS, FORKS).execute(args));
    }

    /** The command with fewer rounds, or in this virtual machine (no forks), for tests. */
    static CommandLine commandLine(final int rounds, final int forks) {
        return new CommandLine(new Micro(rounds, forks)).setUsageHelpAutoWidth(true);
    }

    @Override
    public Integer call() throws RunnerException {
        if (!(seconds >= 0.001 && seconds <= 3600)) {
            throw new ParameterException(spec.commandLine(), "--seconds is " + seconds + ", expected 0.001 to 3600");
        }
        final List<Duel> duels = duels();
        final PrintWriter out = spec.commandLine().getOut();
        final int cores = Runtime.getRuntime().availableProcessors();
        final double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        out.printf("Java %s, %d cores, load %.1f; %d rounds%n", Runtime.version(), cores, load, rounds);
        if (load > cores / 2.0) {
            out.println("The machine is busy: these figures are not for publication.");
        }
        final List<Row> rows = new ArrayList<>();
        for (final Duel duel : duels) {
            out.printf("%n%s: %s beside %s%n", duel.name(), duel.ours(), duel.baseline());
            for (final Map<String, String> parameters : duel.cases()) {
                final Row row = measure(duel, parameters);
                rows.add(row);
                print(out, row);
            }
        }
        if (json != null) {
            write(cores, load, rows);
        }
        return 0;
    }

    private List<Duel> duels() {
        if (names.equals(List.of("all"))) {
            return Duel.ALL;
        }
        final List<Duel> duels = new ArrayList<>();
        for (final String name : names) {
            final Duel duel = Duel.of(name);
            if (duel == null) {
                throw new ParameterException(
                        spec.commandLine(),
                        "There is no benchmark '" + name + "'; expected "
                                + String.join(
                                        ", ", Duel.ALL.stream().map(Duel::name).toList()) + " or all");
            }
            duels.add(duel);
        }
        return duels;
    }

    /** One case in all its rounds. */
    record Row(
            String benchmark,
            String parameters,
            Spread oursNs,
            Spread baselineNs,
            Spread ratio,
            Spread oursBytes,
            Spread baselineBytes) {}

    private record Sample(double ns, double bytes) {}

    private Row measure(final Duel duel, final Map<String, String> parameters) throws RunnerException {
        final double[] oursNs = new double[rounds];
        final double[] baselineNs = new double[rounds];
        final double[] ratio = new double[rounds];
        final double[] oursBytes = new double[rounds];
        final double[] baselineBytes = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            // Who is first changes, so that neither always meets a machine that the other has warmed.
            final boolean oursFirst = round % 2 == 0;
            Sample ours = oursFirst ? run(duel, duel.ours(), parameters) : null;
            final Sample baseline = run(duel, duel.baseline(), Map.of());
            ours = oursFirst ? ours : run(duel, duel.ours(), parameters);
            oursNs[round] = ours.ns;
            baselineNs[round] = baseline.ns;
            ratio[round] = baseline.ns / ours.ns;
            oursBytes[round] = ours.bytes;
            baselineBytes[round] = baseline.bytes;
        }
        return new Row(
                duel.name(),
                Duel.describe(parameters),
                Spread.of(oursNs),
                Spread.of(baselineNs),
                Spread.of(ratio),
                Spread.of(oursBytes),
                Spread.of(baselineBytes));
    }

    private Sample run(final Duel duel, final String method, final Map<String, String> parameters)
            throws RunnerException {
        final int warmups = forks == 0 ? 0 : Duel.warmupSeconds(parameters);
        final ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + duel.host().getName().replace(".", "\\.") + "\\." + method + "$")
                .forks(forks)
                .threads(1)
                .warmupIterations(warmups)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(ITERATIONS)
                .measurementTime(TimeValue.nanoseconds((long) (seconds * 1e9 / ITERATIONS)))
                .timeUnit(TimeUnit.NANOSECONDS)
                .addProfiler(GCProfiler.class)
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true);
        if (forks > 0) {
            options.jvmArgs(jvmArguments(parameters));
        }
        parameters.forEach(options::param);
        final Collection<RunResult> results = new Runner(options.build()).run();
        if (results.size() != 1) {
            throw new RunnerException(duel.host().getSimpleName() + "." + method + " gave no result");
        }
        final RunResult result = results.iterator().next();
        double bytes = Double.NaN;
        for (final IterationResult iteration : result.getAggregatedResult().getIterationResults()) {
            final Result<?> norm = iteration.getSecondaryResults().get(BYTES_PER_OPERATION);
            if (norm != null && !(norm.getScore() >= bytes)) {
                bytes = norm.getScore();
            }
        }
        return new Sample(result.getPrimaryResult().getScore(), bytes);
    }

    private static String[] jvmArguments(final Map<String, String> parameters) {
        final List<String> arguments = new ArrayList<>(List.of(
                "-Xms1g",
                "-Xmx1g",
                "-XX:+UseParallelGC",
                "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                "--add-opens=java.base/java.util.zip=ALL-UNNAMED"));
        if (Duel.needsVectors(parameters)) {
            arguments.add("--add-modules=jdk.incubator.vector");
        }
        return arguments.toArray(new String[0]);
    }

    private static void print(final PrintWriter out, final Row row) {
        if (!row.parameters.isEmpty()) {
            out.println("  " + row.parameters);
        }
        out.println("    ours      ns/op  " + row.oursNs + "   B/op " + row.oursBytes);
        out.println("    baseline  ns/op  " + row.baselineNs + "   B/op " + row.baselineBytes);
        out.println("    ratio            " + row.ratio);
        out.flush();
    }

    private void write(final int cores, final double load, final List<Row> rows) {
        final Map<String, Object> all = new LinkedHashMap<>();
        all.put("java", Runtime.version().toString());
        all.put("cores", cores);
        all.put("load", load);
        all.put("rounds", rounds);
        all.put("seconds", seconds);
        all.put("rows", rows);
        JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValue(json.toFile(), all);
    }
}
