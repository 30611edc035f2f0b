package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.SupervisedState;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.Health;
import io.dragon.engine.client.Incident;
import io.dragon.engine.client.Statistics;
import io.dragon.worker.EmbeddedContext;
import io.dragon.worker.EmbeddedDragon;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

final class IncidentsTest {
    private static final long DEADLINE_S = 40;

    @TempDir
    Path folder;

    @Test
    void shouldFindTheDeathOfAWorkerAmongTheIncidents() throws Exception {
        final Path dir = folder.resolve("shared");
        Process worker = null;
        try (EmbeddedDragon dragon = EmbeddedDragon.launch(
                new EmbeddedContext().directory(dir).workers(1).handler("echo", task -> {}))) {
            assertEquals(dir, dragon.directory().path());
            worker = worker(dir);
            awaitWorkers(dir, 2);
            assertEquals("no incidents", run(dir, "--incidents").strip());
            worker.destroyForcibly();
            JsonNode incidents = null;
            final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
            while (incidents == null || incidents.isEmpty()) {
                assertTrue(System.nanoTime() - deadlineNs < 0, "no incident came");
                incidents = JsonOutput.parse(run(dir, "--incidents", "--json")).get("incidents");
            }
            final JsonNode death = incidents.get(0);
            assertEquals(1, death.get("number").asInt());
            assertEquals("party-died", death.get("kind").asString());
            assertEquals("lock-is-free", death.get("rule").asString());
            assertEquals("worker", death.get("subjectKind").asString());
            assertTrue(death.get("detectedMillis").asLong() >= 0, death.toString());
            assertEquals("victim", death.get("subject").asString());
            final String[] lines = run(dir, "--incidents", "--details").split("\n");
            assertTrue(lines[0].startsWith("WHEN"), lines[0]);
            assertTrue(lines[1].contains("worker victim died"), lines[1]);
            assertTrue(lines[1].contains("lock is free"), lines[1]);
            assertEquals("  its process has ended", lines[2]);
            final String status = run(dir);
            assertTrue(status.contains("incidents: 1 (dragon status --incidents)"), status);
            assertTrue(status.contains("leader, term"), status);
        } finally {
            if (worker != null) {
                worker.destroyForcibly().waitFor();
            }
        }
    }

    private static Process worker(final Path dir) throws IOException {
        final ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-opens",
                "java.base/jdk.internal.misc=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                DragonMain.class.getName(),
                "worker",
                "--device",
                "cpu",
                "--name",
                "victim",
                "--dir",
                dir.toString());
        builder.environment().keySet().removeIf(name -> name.startsWith("DRAGON_"));
        return builder.redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static void awaitWorkers(final Path dir, final int count) {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (JsonOutput.parse(run(dir, "--json")).get("workers").size() < count) {
            assertTrue(System.nanoTime() - deadlineNs < 0, "no worker came");
        }
    }

    private static String run(final Path dir, final String... args) {
        final String[] all = new String[args.length + 5];
        all[0] = "status";
        System.arraycopy(args, 0, all, 1, args.length);
        all[args.length + 1] = "--dir";
        all[args.length + 2] = dir.toString();
        all[args.length + 3] = "--timeout";
        all[args.length + 4] = "20s";
        final CommandRun run = CommandRun.of(all);
        assertEquals(0, run.code(), run.err());
        return run.out();
    }

    @Test
    void shouldRefuseOptionsThatMeanNothing() {
        assertEquals(2, CommandRun.of("status", "--follow").code());
        assertEquals(2, CommandRun.of("status", "--details").code());
        final CommandRun run = CommandRun.of("status", "--incidents", "--follow", "--json");
        assertEquals(2, run.code());
        assertTrue(run.err().contains("--follow never ends"), run.err());
    }

    private static String printed(final java.util.function.Consumer<PrintStream> report) {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        report.accept(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void shouldSayEveryKindAndRuleInWordsOnOneLineOf120Columns() {
        for (final IncidentKind kind : IncidentKind.values()) {
            for (final IncidentRule rule : IncidentRule.values()) {
                for (final PartyKind subject : new PartyKind[] {PartyKind.CAMERA, PartyKind.NODE, null}) {
                    final Incident incident = new Incident(
                            12_345,
                            1_700_000_000_000L,
                            1_700_000_000_000L,
                            kind,
                            rule,
                            subject,
                            3,
                            "n".repeat(48),
                            3_599_999,
                            99_999,
                            1_234_567,
                            9_999,
                            "t".repeat(128));
                    final String text =
                            printed(out -> new IncidentReport(out, ZoneOffset.UTC, true).print(List.of(incident)));
                    final String[] lines = text.split("\n");
                    assertEquals(2, lines.length);
                    assertTrue(lines[0].length() <= 120 && lines[1].length() <= 120, text);
                    assertTrue(lines[0].startsWith("2023-11-14 22:13:20  "), text);
                    assertFalse(text.matches("(?s).*[A-Z]_[A-Z].*"), text);
                    assertTrue(lines[0].endsWith("10000"), text);
                }
            }
        }
    }

    @Test
    void shouldShowASystemInTroubleInWordsIn120ColumnsWhateverTheLocale() {
        final Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        try {
            final ClusterStatus status = trouble();
            final List<MasterRow> masters = List.of(
                    new MasterRow(0, "host-a", "leader", "alive", 11, 4_096, 10, "closed", 0),
                    new MasterRow(1, "host-b", "none", "dead", 12, 2_048, 61_000, "unknown", 0),
                    new MasterRow(2, "host-c", "unknown", "unknown", 0, 0, 0, "unknown", 0));
            final String text = printed(out -> new StatusReport(status, masters).print(out));
            for (final String line : text.split("\n")) {
                assertTrue(line.length() <= 120, line);
                assertTrue(line.chars().allMatch(c -> c < 0x80), line);
            }
            for (final String words : List.of(
                    "leader, term 7",
                    "away for 61.0 s",
                    "not heard of",
                    "lost for 12.0 s",
                    "success since the start",
                    "hung for 3.2 s",
                    "drained for 15.0 s, 5 failures in a row",
                    "dead for 500 ms, starts in 1.5 s",
                    "never-came",
                    "given up",
                    "queues: 1 waiting for other tasks, 2 ready for a worker, 3 with a worker",
                    "  2 of type 'missing', which no worker runs",
                    "ended otherwise: 4 handler failed, 2 deadline expired",
                    "incidents: 9 (dragon status --incidents)")) {
                assertTrue(text.contains(words), words + " in\n" + text);
            }
            assertFalse(text.matches("(?s).*[A-Z]_[A-Z].*"), text);
            final JsonNode json = JsonOutput.parse(JsonOutput.text(StatusJson.of(status, masters)));
            assertEquals("dead", json.get("masters").get(1).get("state").asString());
            assertEquals(4_096, json.get("masters").get(0).get("position").asLong());
            assertEquals(
                    "backing-off", json.get("supervised").get(0).get("state").asString());
            assertEquals("drained", json.get("workers").get(1).get("state").asString());
            assertEquals(
                    4, json.get("statistics").get("ends").get("handler-failed").asInt());
        } finally {
            Locale.setDefault(before);
        }
    }

    static Statistics statistics() {
        return new Statistics(
                20,
                10,
                4,
                0,
                2,
                3,
                2,
                0,
                0,
                1,
                2,
                3,
                2,
                1,
                4,
                1.5,
                0,
                6,
                0,
                0,
                0,
                99,
                0,
                new Statistics.Pipeline(0, 0, 1, 0, 0, 0, 0, 0),
                1,
                1,
                9,
                new TreeMap<>(Map.of(Reason.HANDLER_FAILED, 4L, Reason.DEADLINE_EXPIRED, 2L)),
                Map.of("missing", 2L),
                10,
                6);
    }

    private static ClusterStatus trouble() {
        return new ClusterStatus(
                new Health(Health.State.DEGRADED, List.of("why")),
                statistics(),
                new ClusterStatus.Leadership(0, 7),
                List.of(),
                List.of(
                        worker("hangs-" + "n".repeat(42), WorkerState.SUSPECT, 0, 3_200),
                        worker("drained", WorkerState.DRAINED, 5, 15_000),
                        worker("backs-off", WorkerState.DEAD, 0, 0)),
                List.of(new ClusterStatus.Node(
                        1,
                        1,
                        "n",
                        "host-b",
                        WorkerState.DEAD,
                        0,
                        0,
                        12_000,
                        List.of(),
                        ClusterStatus.Resources.UNKNOWN,
                        ClusterStatus.Traffic.NONE)),
                List.of(),
                List.of(
                        new ClusterStatus.Supervised(
                                1, "n", true, "backs-off", SupervisedState.BACKING_OFF, 2, 4_000, 0, 2_500, ""),
                        new ClusterStatus.Supervised(
                                1, "n", true, "never-came", SupervisedState.GIVEN_UP, 5, 0, 0, 100, "")),
                List.of());
    }

    private static ClusterStatus.Worker worker(
            final String name, final WorkerState state, final int failures, final long stateMillis) {
        return new ClusterStatus.Worker(
                1,
                1,
                name,
                "a device with a name that is rather long, as some of them are",
                0,
                99,
                state,
                0,
                2,
                1,
                2,
                1.5,
                -1,
                500,
                failures,
                stateMillis,
                ClusterStatus.Gpu.NONE);
    }
}
