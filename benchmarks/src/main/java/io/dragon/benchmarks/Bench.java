package io.dragon.benchmarks;

import io.dragon.benchmarks.harness.Ending;
import io.dragon.benchmarks.harness.Machine;
import io.dragon.benchmarks.harness.Report;
import io.dragon.benchmarks.harness.Suite;
import io.dragon.benchmarks.harness.SuiteRun;
import io.dragon.benchmarks.harness.Threshold.Outcome;
import io.dragon.benchmarks.harness.Threshold.Verdict;
import io.dragon.benchmarks.harness.Thresholds;
import io.dragon.engine.config.StandardError;
import io.dragon.engine.config.Suggestion;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code dragon bench}: runs suites, each beside its baselines in the same run, and reports the ratios. */
@Command(
        name = "dragon bench",
        versionProvider = Bench.Version.class,
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Measures this machine: every suite beside baselines in the same run. The ratio counts: ours over the"
                        + " baseline's.",
        footer = {
            "",
            "Exit code 0: measured (and, with --check, every threshold is held).  Exit code 3: --check, and a ratio falls short.",
            "Exit code 1: it could not be measured.  Exit code 2: wrong usage."
        })
public final class Bench implements Callable<Integer> {
    /** The script that called this, for suites that run other commands. */
    static final String COMMAND_PROPERTY = "dragon.command";

    private static final String NAME = "dragon bench";
    private static final int FAILED = 1;
    private static final int SHORT_FALL = 3;
    private static final double MOST_SECONDS = 3600;
    private static final double MOST_GIGABYTES = 1000;
    private static final int MOST_ROUNDS = 1000;
    private static final String ALL = "all";

    private final List<Suite> suites;

    @Parameters(
            arity = "1..*",
            paramLabel = "SUITE",
            description = "what to run, or all; dragon bench list tells what there is")
    private List<String> names = List.of();

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "what a side is measured for in a round (default: the suite's own)")
    private Double seconds;

    @Option(names = "--rounds", paramLabel = "N", description = "rounds (default: the suite's own, five at least)")
    private Integer rounds;

    @Option(names = "--gigabytes", paramLabel = "N", description = "data of the suite hash (default: 4)")
    private Double gigabytes;

    @Option(names = "--json", paramLabel = "FILE", description = "the report as JSON; '-' for standard output")
    private String json;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "a folder for report.md, report.json, histograms (.hgrm, .hlog) and plots (.png)")
    private Path folder;

    @Option(names = "--check", description = "compare with the thresholds; exit code 3 when one is missed")
    private boolean check;

    @Spec
    private CommandSpec spec;

    private final Thresholds thresholds;
    private final Class<?> process;

    /** With the main class of the process that each of several suites runs in. */
    Bench(final List<Suite> suites, final Thresholds thresholds, final Class<?> process) {
        this.suites = suites;
        this.thresholds = thresholds;
        this.process = process;
    }

    /**
     * The command.
     *
     * @param args as {@code --help} says
     */
    public static void main(final String[] args) {
        StandardError.mend();
        System.exit(
                commandLine(Suites.ALL, Thresholds.load(), SuiteProcess.class).execute(args));
    }

    static CommandLine commandLine(final List<Suite> suites, final Thresholds thresholds, final Class<?> process) {
        return new CommandLine(new Bench(suites, thresholds, process))
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler((error, args) -> {
                    final String text = words(error, args)
                            .replaceAll("is not an? (int|double)$", "is not a number")
                            .replaceAll(
                                    "^Missing required parameter: 'SUITE'$",
                                    "which suite? 'dragon bench list' tells them, 'all' is every one");
                    error.getCommandLine().getErr().println(text.startsWith(NAME) ? text : NAME + ": " + text);
                    error.getCommandLine().getErr().println("Try 'dragon bench --help'.");
                    return error.getCommandLine().getCommandSpec().exitCodeOnInvalidInput();
                })
                .setExecutionExceptionHandler((error, line, result) -> {
                    line.getErr().println("dragon bench: " + words(error));
                    if (isDebugged()) {
                        error.printStackTrace(line.getErr());
                    }
                    return FAILED;
                });
    }

    /** That of the engine that is measured, from the name of its jar. */
    static final class Version implements CommandLine.IVersionProvider {
        private static final Pattern JAR = Pattern.compile("engine-([^/]+)\\.jar");

        @Override
        public String[] getVersion() {
            final Matcher jar = JAR.matcher(System.getProperty("java.class.path"));
            return new String[] {"dragon " + (jar.find() ? jar.group(1) : "development")};
        }
    }

    /** A mistyped option with the one that was probably meant. */
    private static String words(final ParameterException error, final String[] args) {
        final Set<String> known =
                error.getCommandLine().getCommandSpec().optionsMap().keySet();
        if (error instanceof UnmatchedArgumentException || error instanceof MissingParameterException) {
            for (final String arg : args) { // who forgets the suite as well is told of the option first
                final String name = arg.replaceAll("=.*", "");
                if (name.matches("--[a-z].*") && !known.contains(name)) {
                    return "unknown option '" + name + "'" + Suggestion.of(name, known);
                }
            }
        }
        return error.getMessage();
    }

    static String words(final Throwable error) {
        return error.getMessage() == null ? error.toString() : error.getMessage();
    }

    static boolean isDebugged() {
        return System.getenv("DRAGON_DEBUG") != null;
    }

    @Override
    public Integer call() throws IOException {
        final PrintWriter out = spec.commandLine().getOut();
        final PrintWriter err = spec.commandLine().getErr();
        if (names.equals(List.of("list"))) {
            suites.forEach(suite -> out.printf("%-11s %s%n", suite.name(), suite.about()));
            return 0;
        }
        checkNumbers();
        final List<Suite> chosen = chosen();
        checkTargets();
        final Machine machine = Machine.look();
        err.printf(
                "%s, %d cores, %s, load %.1f%n", machine.cpu(), machine.cores(), machine.jvm(), machine.loadBefore());
        if (machine.wasBusy()) {
            err.println("The machine is busy: these figures are hints.");
        }
        final SuiteRun run = new SuiteRun(
                new SuiteRun.Settings(
                        seconds == null ? 0 : seconds,
                        rounds == null ? 0 : rounds,
                        gigabytes == null ? 0 : gigabytes,
                        command()),
                text -> {
                    err.println("  " + text);
                    err.flush();
                });
        final Set<String> ran = new LinkedHashSet<>();
        boolean failed = false;
        for (final Suite suite : chosen) {
            err.println(suite.name() + ": " + suite.about());
            err.flush();
            try {
                (chosen.size() == 1 ? suite : new SuiteProcess(suite, process)).run(run);
                ran.add(suite.name());
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
                return FAILED;
            } catch (final Exception e) {
                if (Ending.hasBegun()) {
                    return FAILED; // for nobody: the signal's own code counts
                }
                failed = true;
                run.remark(suite.name() + " could not be measured: " + words(e));
                if (isDebugged()) {
                    e.printStackTrace(err);
                }
            }
        }
        final List<Verdict> verdicts = check ? thresholds.judge(ran, run.rows(), machine.cores()) : List.of();
        final Report report = new Report(String.join(",", names), machine, Machine.load(), run, verdicts);
        publish(report, out);
        return failed ? FAILED : exitCode(verdicts);
    }

    private int exitCode(final List<Verdict> verdicts) {
        if (verdicts.stream().anyMatch(verdict -> verdict.outcome() == Outcome.MISSED)) {
            return SHORT_FALL;
        }
        if (check && verdicts.stream().allMatch(verdict -> verdict.outcome() == Outcome.NOT_MEASURED)) {
            spec.commandLine().getErr().println("dragon bench: no threshold could be checked");
            return FAILED;
        }
        return 0;
    }

    private void publish(final Report report, final PrintWriter out) throws IOException {
        if ("-".equals(json)) {
            out.print(report.toJsonText());
        } else {
            report.print(out);
        }
        out.flush(); // first: a disk that is full meanwhile must not take it along
        if (folder != null) {
            report.write(folder);
        }
        if (json != null && !"-".equals(json)) {
            Files.writeString(Path.of(json), report.toJsonText());
        }
    }

    private void checkNumbers() {
        requireRange(
                "--seconds", seconds, seconds == null || seconds > 0 && seconds <= MOST_SECONDS, "above 0 to 3600");
        requireRange(
                "--gigabytes",
                gigabytes,
                gigabytes == null || gigabytes > 0 && gigabytes <= MOST_GIGABYTES,
                "above 0 to 1000");
        requireRange("--rounds", rounds, rounds == null || rounds > 0 && rounds <= MOST_ROUNDS, "1 to 1000");
    }

    private void requireRange(final String option, final Object number, final boolean isWithin, final String range) {
        if (!isWithin) {
            throw new ParameterException(
                    spec.commandLine(),
                    "dragon bench: '" + option + " " + number + "' is out of range, expected " + range);
        }
    }

    /** Before minutes of measuring: whether there is a place for what comes of them. */
    private void checkTargets() {
        try {
            if (folder != null) {
                Files.createDirectories(folder);
                requireTarget(Files.isWritable(folder), "--out " + folder);
            }
        } catch (final IOException e) {
            requireTarget(false, "--out " + folder);
        }
        if (json != null && !"-".equals(json)) {
            final Path file = Path.of(json).toAbsolutePath();
            requireTarget(
                    !Files.isDirectory(file)
                            && Files.isWritable(
                                    Files.exists(file) || file.getParent() == null ? file : file.getParent()),
                    "--json " + json);
        }
    }

    private void requireTarget(final boolean isWritable, final String option) {
        if (!isWritable) {
            throw new ParameterException(spec.commandLine(), "dragon bench: '" + option + "' cannot be written");
        }
    }

    private List<Suite> chosen() {
        if (names.equals(List.of(ALL))) {
            return suites;
        }
        return names.stream()
                .map(name -> suites.stream()
                        .filter(suite -> suite.name().equals(name))
                        .findFirst()
                        .orElseThrow(() -> new ParameterException(
                                spec.commandLine(),
                                "dragon bench: there is no suite '" + name + "', expected "
                                        + String.join(
                                                ", ",
                                                suites.stream().map(Suite::name).toList()) + " or all")))
                .toList();
    }

    static Path command() {
        final String command = System.getProperty(COMMAND_PROPERTY);
        return command == null ? null : Path.of(command);
    }
}
