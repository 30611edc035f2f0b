package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code dragon replay} on what a real system wrote. */
final class ReplayCommandTest {
    @TempDir
    Path folder;

    private long unserved;

    @Test
    void shouldExplainATaskThatFailedOnOneWorkerAndCompletedOnAnother() {
        final long taskId = run();
        final String data = folder.resolve("data").toString();

        final CommandRun overview = CommandRun.of("replay", data);
        assertEquals(0, overview.code(), overview.err());
        assertTrue(overview.out().contains("completed 21"), overview.out());
        assertTrue(overview.out().contains("the beginning"), overview.out());

        final CommandRun life = CommandRun.of("replay", data, "--task", Long.toUnsignedString(taskId));
        assertEquals(0, life.code(), life.err());
        assertTrue(life.out().contains("candidate w"), life.out());
        assertTrue(life.out().contains("failed attempt 1"), life.out());
        assertTrue(life.out().contains(" says: not this time"), life.out());
        assertTrue(life.out().contains("completed attempt 2"), life.out());

        final CommandRun json = CommandRun.of("replay", data, "--tasks", "5", "--json");
        assertEquals(0, json.code(), json.err());
        final JsonNode root = JsonOutput.parse(json.out());
        assertEquals(5, root.get("tasks").size());
        assertEquals(21, root.get("state").get("summary").get("tasksCompleted").asInt());
        assertEquals(2, root.get("state").get("workers").size());

        final long middle = root.get("position").asLong() / 2;
        final CommandRun half = CommandRun.of("replay", data, "--at", Long.toString(middle), "--json");
        assertTrue(JsonOutput.parse(half.out()).get("position").asLong() <= middle);

        final CommandRun failed = CommandRun.of("replay", data, "--tasks", "5", "--failed");
        assertTrue(failed.out().contains("1 of 22 tasks"), failed.out());
    }

    @Test
    void shouldSayThatNoWorkerOffersTheTypeOfATask() {
        final long taskId = run();
        final String data = folder.resolve("data").toString();

        final String unservedId = Long.toUnsignedString(unserved);
        final CommandRun whole = CommandRun.of("replay", data, "--task", unservedId, "--json");
        String ready = "";
        for (final JsonNode event : JsonOutput.parse(whole.out()).get("task").get("events")) {
            ready = event.get("text").asString().startsWith("ready")
                    ? event.get("position").asString()
                    : ready;
        }
        assertTrue(whole.out().contains("no worker ever had it"), whole.out());

        final CommandRun overview = CommandRun.of("replay", data, "--at", ready);
        assertTrue(overview.out().contains("1 ready: no worker offers their type 'misspelt'"), overview.out());
        final CommandRun life = CommandRun.of("replay", data, "--at", ready, "--task", unservedId);
        assertTrue(life.out().contains("it waits: no worker offers its type 'misspelt'"), life.out());
        final CommandRun other = CommandRun.of("replay", data, "--task", Long.toUnsignedString(taskId));
        assertFalse(other.out().contains("it waits"), other.out());
    }

    @Test
    void shouldRefuseInOneSentence() {
        run();
        final String data = folder.resolve("data").toString();
        assertRefused(1, "does not occur", "replay", data, "--task", "77");
        assertRefused(2, "is not a task id", "replay", data, "--task", "x7");
        assertRefused(2, "neither a position nor a time", "replay", data, "--at", "noon");
        assertRefused(1, "begins after 2001-01-01T00:00:00Z", "replay", data, "--at", "2001-01-01T00:00:00Z");
        assertRefused(2, "which is missing", "replay", data, "--failed");
        assertRefused(
                2,
                "is not a master's directory",
                "replay",
                folder.resolve("shared").toString());
        assertRefused(
                2,
                "there is no folder",
                "replay",
                data,
                "--scratch",
                folder.resolve("none").toString());
    }

    private static void assertRefused(final int code, final String words, final String... args) {
        final CommandRun run = CommandRun.of(args);
        assertEquals(code, run.code(), run.out() + run.err());
        assertTrue(run.err().contains(words), run.err());
        assertTrue(!run.err().contains("\tat "), run.err());
    }

    /** 21 tasks, the first of which fails on the worker that has it first. */
    private long run() {
        final DragonDirectory directory =
                DragonDirectory.of(folder.resolve("shared")).create();
        final AtomicInteger failures = new AtomicInteger(1);
        try (MasterNode master = MasterNode.launch(new MasterContext()
                        .directory(folder.resolve("data"))
                        .dragonDirectory(directory.path())
                        .mediaDriverDirectory(directory.aeron()));
                WorkerNode one = worker(directory, "w1", failures);
                WorkerNode two = worker(directory, "w2", failures);
                DragonClient client = DragonClient.connect(
                        new ClientContext().directory(directory).name("me"))) {
            assertTrue(one.awaitReady(Duration.ofSeconds(30)) && two.awaitReady(Duration.ofSeconds(30)));
            long first = 0;
            for (int i = 0; i < 21; i++) {
                final TaskHandle handle = client.submit(TaskRequest.of("try"));
                first = i == 0 ? handle.taskId() : first;
                handle.await(Duration.ofSeconds(30)).orThrow();
            }
            unserved = client.submit(TaskRequest.of("misspelt")).taskId();
            while (client.statistics().unserved().isEmpty()) {
                LockSupport.parkNanos(1_000_000);
            }
            assertTrue(master.isLeader());
            return first;
        }
    }

    private static WorkerNode worker(final DragonDirectory directory, final String name, final AtomicInteger failures) {
        return WorkerNode.launch(
                new WorkerContext().directory(directory).name(name).handler(TaskHandler.of("try", task -> {
                    if (failures.getAndDecrement() > 0) {
                        throw new TaskFailedException(Reason.HANDLER_FAILED, "not this time");
                    }
                })));
    }
}
