package io.dragon.benchmarks;

import io.dragon.benchmarks.harness.ChildJvm;
import io.dragon.benchmarks.harness.Findings;
import io.dragon.benchmarks.harness.Suite;
import io.dragon.benchmarks.harness.SuiteRun;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/**
 * A suite in a process of its own, with the options of this one. In one process each suite would be measured with what those before it have
 * left: code that was compiled for their types, a heap that they have filled.
 *
 * <p>The process says what people should see as it happens, and what it has found at its end. It ends with its standard input, and takes
 * along what it has started.
 */
public final class SuiteProcess implements Suite {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String SAID = "said ";
    private static final String FOUND = "found ";

    /** Commands of Dragon that it runs have half a minute for their own processes. */
    private static final int CLOSE_SECONDS = 90;

    private final Suite suite;
    private final Class<?> main;

    /**
     * A suite that is to run elsewhere.
     *
     * @param suite that the process knows by its name
     * @param main  of the process; calls {@link #serve}
     */
    SuiteProcess(final Suite suite, final Class<?> main) {
        this.suite = suite;
        this.main = main;
    }

    /**
     * The process.
     *
     * @param args that {@link #run} gives it
     */
    public static void main(final String[] args) {
        serve(Suites.ALL, args);
    }

    @Override
    public String name() {
        return suite.name();
    }

    @Override
    public String about() {
        return suite.about();
    }

    @Override
    public void run(final SuiteRun run) throws Exception {
        final SuiteRun.Settings how = run.settings();
        try (ChildJvm child = ChildJvm.startAgain(
                main,
                CLOSE_SECONDS,
                suite.name(),
                Double.toString(how.seconds()),
                Integer.toString(how.rounds()),
                Double.toString(how.gigabytes()))) {
            for (String line = child.next(); line != null; line = child.next()) {
                if (line.startsWith(SAID)) {
                    run.say(JSON.readValue(line.substring(SAID.length()), String.class));
                } else if (line.startsWith(FOUND)) {
                    final Findings findings = Findings.of(line.substring(FOUND.length()));
                    run.take(findings);
                    if (findings.failure() != null) {
                        throw new IllegalStateException(findings.failure());
                    }
                    return;
                }
            }
            throw new IllegalStateException(
                    "its process has ended before it had measured, with exit code " + child.exitCode());
        }
    }

    /** Runs one suite for the process that has started this one, and ends. */
    static void serve(final List<Suite> suites, final String[] args) {
        final PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.setOut(System.err); // what a suite prints is for people
        final Thread parent = new Thread(SuiteProcess::untilInputEnds, "end with the parent");
        parent.setDaemon(true);
        parent.start();
        int code = 1;
        try {
            final Suite suite = suites.stream()
                    .filter(one -> one.name().equals(args[0]))
                    .findFirst()
                    .orElseThrow();
            final SuiteRun run = new SuiteRun(
                    new SuiteRun.Settings(
                            Double.parseDouble(args[1]),
                            Integer.parseInt(args[2]),
                            Double.parseDouble(args[3]),
                            Bench.command()),
                    text -> out.println(SAID + JSON.writeValueAsString(text)));
            out.println(FOUND + Findings.of(run, failureOf(suite, run)).toLine());
            code = 0;
        } catch (final Throwable e) {
            e.printStackTrace(); // an error of the virtual machine's; what a suite cannot measure has been told
        }
        System.exit(code); // whatever threads there are
    }

    private static String failureOf(final Suite suite, final SuiteRun run) {
        try {
            suite.run(run);
            return null;
        } catch (final Exception e) {
            if (Bench.isDebugged()) {
                e.printStackTrace();
            }
            return Bench.words(e);
        }
    }

    private static void untilInputEnds() {
        try {
            while (System.in.read() >= 0) {
                continue;
            }
        } catch (final IOException e) {
            System.exit(1); // an end, too
        }
        System.exit(1);
    }
}
