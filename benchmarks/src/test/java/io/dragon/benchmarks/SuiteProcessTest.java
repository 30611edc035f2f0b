package io.dragon.benchmarks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.benchmarks.harness.Thresholds;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Several suites, each in a process of its own; one report. */
final class SuiteProcessTest {
    private static final long DEADLINE_SECONDS = 60;
    private static final int SIGTERM = 128 + 15;
    private static final int SIGKILL = 128 + 9;

    @TempDir
    Path temporary;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int bench(final String... args) {
        return Bench.commandLine(SuitesForTests.ALL, Thresholds.load(), SuitesForTests.class)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }

    private JsonNode json(final Path file) throws IOException {
        return JsonMapper.builder().build().readTree(Files.readString(file));
    }

    private static List<JsonNode> rows(final JsonNode report, final String suite) {
        return report.get("rows")
                .valueStream()
                .filter(row -> row.get("suite").asString().equals(suite))
                .toList();
    }

    @Test
    void eachOfSeveralRunsInAProcessOfItsOwnAsItWasAsked() throws IOException {
        final Path file = temporary.resolve("report.json");
        assertEquals(
                0,
                bench("who", "who-else", "--seconds=0.7", "--rounds=2", "--gigabytes=3", "--json", file.toString()),
                err.toString());

        final List<JsonNode> rows = rows(json(file), "who");
        final long own = ProcessHandle.current().pid();
        assertEquals(8, rows.size());
        assertNotEquals(own, rows.get(0).get("p50").asLong());
        assertNotEquals(own, rows.get(4).get("p50").asLong());
        assertNotEquals(rows.get(0).get("p50"), rows.get(4).get("p50"));
        for (final int first : new int[] {1, 5}) {
            assertEquals(0.7, rows.get(first).get("p50").asDouble());
            assertEquals(2, rows.get(first + 1).get("p50").asInt());
            assertEquals(3, rows.get(first + 2).get("p50").asInt());
        }
    }

    @Test
    void oneAloneRunsInThisProcess() throws IOException {
        final Path file = temporary.resolve("report.json");
        assertEquals(0, bench("who", "--json", file.toString()));
        assertEquals(
                ProcessHandle.current().pid(),
                rows(json(file), "who").get(0).get("p50").asLong());
    }

    /** Nothing is lost on the way: figures, histograms, plots, remarks, what is judged. */
    @Test
    void itsPartOfTheReportIsThatOfASuiteAlone() throws IOException {
        final Path alone = temporary.resolve("alone");
        final Path both = temporary.resolve("both");
        assertEquals(3, bench("ring", "--check", "--out", alone.toString()));
        assertEquals(3, bench("who", "ring", "--check", "--out", both.toString()));

        final JsonNode expected = json(alone.resolve("report.json"));
        final JsonNode report = json(both.resolve("report.json"));
        assertEquals("who,ring", report.get("suite").asString());
        assertEquals(rows(expected, "ring"), rows(report, "ring"));
        assertEquals(expected.get("remarks"), report.get("remarks"));
        assertEquals(expected.get("thresholds"), report.get("thresholds"));
        assertTrue(report.get("thresholds").toString().contains("missed"));
        try (Stream<Path> files = Files.list(alone)) {
            for (final Path file : files.toList()) {
                final String name = file.getFileName().toString();
                assertTrue(Files.exists(both.resolve(name)), name);
                if (!name.startsWith("report")) {
                    assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(both.resolve(name)), name);
                }
            }
        }
        final List<String> said = err.toString().lines().toList();
        assertEquals(said.indexOf("  round 5 of 5") + 1, said.indexOf("  a baseline is missing"));
        assertEquals(2, said.stream().filter("  a baseline is missing"::equals).count());
    }

    @Test
    void oneThatFailsOrIsKilledSaysSoAndTheOthersRun() throws IOException {
        final Path file = temporary.resolve("report.json");
        assertEquals(1, bench("broken", "killed", "ring", "--json", file.toString()));

        final JsonNode report = json(file);
        assertEquals(
                List.of(
                        "broken could not be measured: there is no such device:\n\"none\"",
                        "killed could not be measured: its process has ended before it had measured, with exit code 137",
                        "a baseline is missing"),
                report.get("remarks").valueStream().map(JsonNode::asString).toList());
        assertEquals("found before", rows(report, "broken").get(0).get("case").asString());
        assertEquals(1, rows(report, "ring").size());
        assertTrue(err.toString().contains("  killed could not be measured: "), err.toString());
    }

    @Test
    void aSignalEndsAllOfIt() throws Exception {
        final Waiting waiting = new Waiting();
        waiting.bench.toHandle().destroy(); // and not the ends of its pipes, as Process does
        assertTrue(waiting.bench.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS));
        assertEquals(SIGTERM, waiting.bench.exitValue());
        waiting.checkGone();
        assertFalse(
                waiting.last.stream().anyMatch(line -> line.contains("could not be measured")), waiting.last::toString);
    }

    @Test
    void killedItLeavesNothingBehind() throws Exception {
        final Waiting waiting = new Waiting();
        waiting.bench.toHandle().destroyForcibly();
        assertTrue(waiting.bench.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS));
        assertEquals(SIGKILL, waiting.bench.exitValue());
        waiting.checkGone();
    }

    /** The command with two suites, the first of which waits. */
    private final class Waiting {
        private final Process bench;
        private final List<ProcessHandle> processes = new ArrayList<>();
        private final Path folder;
        private final List<String> last = new ArrayList<>();
        private final Thread reader;

        Waiting() throws IOException {
            bench = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx64m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            SuitesForTests.class.getName(),
                            SuitesForTests.BENCH,
                            "waiting",
                            "ring")
                    .redirectErrorStream(true)
                    .start();
            final BufferedReader lines = bench.inputReader();
            String line = lines.readLine();
            while (line != null && !line.strip().startsWith(SuitesForTests.WAITING)) {
                last.add(line);
                line = lines.readLine();
            }
            assertTrue(line != null, last::toString);
            final String[] words =
                    line.strip().substring(SuitesForTests.WAITING.length()).split(" ");
            for (int i = 0; i < words.length - 1; i++) {
                processes.add(ProcessHandle.of(Long.parseLong(words[i])).orElseThrow());
            }
            folder = Path.of(words[words.length - 1]);
            assertTrue(Files.exists(folder.resolve("file")));
            reader = new Thread(() -> lines.lines().forEach(last::add));
            reader.start();
        }

        void checkGone() throws InterruptedException {
            reader.join();
            await(
                    () -> processes.stream().noneMatch(ProcessHandle::isAlive),
                    () -> "processes that live: " + processes);
            await(() -> Files.notExists(folder), () -> "there is " + folder);
        }
    }

    private static void await(final BooleanSupplier isDone, final Supplier<String> words) throws InterruptedException {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!isDone.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, words);
            Thread.sleep(10);
        }
    }
}
