package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.client.ClientContext;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.TaskHandle;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.cluster.MasterContext;
import io.dragon.engine.cluster.MasterNode;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.worker.TaskFailedException;
import io.dragon.worker.TaskHandler;
import io.dragon.worker.WorkerContext;
import io.dragon.worker.WorkerNode;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The troubles of the source document's table that show in commands on a real system: what the user sees, and the remedy that is named. Those
 * that need another host or a GPU are provoked in {@code io.dragon.tools.doctor}.
 */
final class TroublesTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private DragonDirectory directory;
    private MasterNode master;

    @BeforeEach
    void start() {
        directory = DragonDirectory.of(folder.resolve("shared")).create();
        master = MasterNode.launch(new MasterContext()
                .directory(folder.resolve("data"))
                .dragonDirectory(directory.path())
                .mediaDriverDirectory(directory.aeron()));
    }

    @AfterEach
    void stop() {
        master.close();
    }

    private CommandRun dragon(final String command, final String... more) {
        final List<String> words = new ArrayList<>(List.of(command));
        words.addAll(List.of("--dir", directory.path().toString(), "--timeout", "20s"));
        words.addAll(List.of(more));
        return CommandRun.of(words.toArray(String[]::new));
    }

    private WorkerNode worker(final TaskHandler handler) {
        return WorkerNode.launch(
                new WorkerContext().directory(directory).name("w").handler(handler));
    }

    private DragonClient client() {
        return DragonClient.connect(new ClientContext().directory(directory).name("me"));
    }

    private static void assertSays(final String text, final String... words) {
        for (final String word : words) {
            assertTrue(text.contains(word), () -> "'" + word + "' is not in:\n" + text);
        }
    }

    @Test
    void shouldSayWhyTasksFailForWantOfMemoryAndWhatHelps() {
        try (WorkerNode worker = worker(TaskHandler.of("big", task -> {
                    throw new TaskFailedException(Reason.OUT_OF_MEMORY, "needs 9 GiB, has 8");
                }));
                DragonClient client = client()) {
            assertTrue(worker.awaitReady(LONG));
            for (int i = 0; i < 3; i++) {
                client.submit(TaskRequest.of("big").attempts(1)).await(LONG).close();
            }
            final CommandRun status = dragon("status");
            assertEquals(0, status.code(), status.err());
            assertSays(
                    status.out(),
                    "health: critical",
                    "only 0.0 % of the tasks of the last 10 minutes completed, 3 ended by 'out of memory'",
                    "gpu.memory_limit_percent",
                    "ended otherwise: 3 out of memory");
            final CommandRun incidents = dragon("status", "--incidents", "--details");
            assertSays(incidents.out(), "needs 9 GiB, has 8");
            assertEquals(1, dragon("health").code());
        }
    }

    @Test
    void shouldSayThatThereIsMoreWorkThanWorkersAndToAddSome() {
        final CountDownLatch go = new CountDownLatch(1);
        try (WorkerNode worker = worker(TaskHandler.of("slow", task -> {
                    try {
                        go.await();
                    } catch (final InterruptedException ex) {
                        Thread.currentThread().interrupt();
                    }
                }));
                DragonClient client = client()) {
            assertTrue(worker.awaitReady(LONG));
            final List<TaskHandle> tasks = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                tasks.add(client.submit(TaskRequest.of("slow")));
            }
            final String threshold = "health.overloaded_tasks_per_worker=20";
            CommandRun health = dragon("health", "--set", threshold);
            while (!health.out().contains("tasks wait")) { // until all are sequenced
                health = dragon("health", "--set", threshold);
            }
            assertEquals(3, health.code());
            assertSays(health.out(), "overloaded", "tasks wait for each live worker: add workers (workers.cpu");
            final CommandRun status = dragon("status");
            assertSays(status.out(), "2/2", "ready for a worker");
            go.countDown();
            tasks.forEach(task -> task.await(LONG).orThrow().close());
            assertEquals(0, dragon("health").code());
        }
    }

    @Test
    void shouldNotCallASystemCriticalToWhichWorkersAreStillToCome() {
        final CommandRun before = dragon("status", "--json");
        final JsonNode health = JsonOutput.parse(before.out());
        assertEquals("degraded", health.get("health").asString());
        assertSays(health.get("reasons").get(0).asString(), "no worker has come yet", "dragon gpu-server");
        assertEquals(3, dragon("health").code());
        try (DragonClient client = client()) {
            client.submit(TaskRequest.of("anything"));
            CommandRun waiting = dragon("health");
            while (waiting.code() != 1) {
                waiting = dragon("health");
            }
            assertSays(waiting.out(), "critical", "no worker is alive");
        }
    }

    @Test
    void shouldSayWhoHasThePortByWhichHostsFindEachOther() throws IOException {
        try (DatagramSocket other = new DatagramSocket(null)) {
            other.bind(new InetSocketAddress("0.0.0.0", 0));
            final CommandRun run = CommandRun.of(
                    "doctor", "--dir", directory.path().toString(), "--set", "discovery.port=" + other.getLocalPort());
            assertEquals(1, run.code(), run.out());
            final String line = run.out()
                    .lines()
                    .filter(text -> text.startsWith("fault"))
                    .findFirst()
                    .orElse("none");
            assertSays(
                    line,
                    "UDP " + other.getLocalPort() + " (discovery) is held by process "
                            + ProcessHandle.current().pid(),
                    "discovery.port");
            assertSays(run.out(), "to mend before Dragon is started");
        }
    }

    @Test
    void shouldWriteWhatDoctorFindsAsJsonAndRefuseWhatItDoesNotUnderstand() throws IOException {
        final Path file = folder.resolve("doctor.json");
        final CommandRun run = CommandRun.of("doctor", "--dir", directory.path().toString(), "--json", file.toString());
        final JsonNode json = JsonOutput.parse(Files.readString(file));
        assertEquals(
                run.code() == 0 ? "ok" : run.code() == 3 ? "warning" : "fault",
                json.get("result").asString());
        assertTrue(json.get("checks").size() > 15);
        for (final JsonNode check : json.get("checks")) {
            assertTrue(List.of("ok", "note", "warning", "fault")
                    .contains(check.get("level").asString()));
        }
        assertEquals(2, CommandRun.of("doctor", "--peer", "a host").code());
        assertEquals(2, CommandRun.of("doctor", "--answer", "--json").code());
        assertEquals(
                2,
                CommandRun.of("doctor", "--config", folder.resolve("none").toString())
                        .code());
    }
}
