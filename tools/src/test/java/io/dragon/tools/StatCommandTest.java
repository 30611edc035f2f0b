package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.Aeron;
import io.aeron.Counter;
import io.aeron.exceptions.RegistrationException;
import io.dragon.engine.cluster.MediaDriverNode;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.tools.process.ChildProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code dragon stat} on hosts where much runs, little, and nothing any more. */
final class StatCommandTest {
    private static final int OUR_TYPE = 5_999;
    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(20);

    @TempDir
    Path folder;

    private DragonDirectory directory;

    @BeforeEach
    void setUp() {
        directory = DragonDirectory.of(folder.resolve("shared"));
    }

    private CommandRun stat(final String... more) {
        return CommandRun.of(
                Stream.concat(Stream.of("stat", "--dir", directory.path().toString()), Stream.of(more))
                        .toArray(String[]::new));
    }

    @Test
    void shouldSayInOneSentenceThatNoMediaDriverIsThere() {
        final CommandRun run = stat();
        assertEquals(1, run.code());
        assertEquals("", run.out());
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().startsWith("No media driver runs in " + directory.aeron() + ": start this"), run.err());
        assertFalse(Files.exists(directory.path()), "it only looks");
        assertEquals(0, JsonOutput.parse(stat("--json").out()).get("drivers").size());
    }

    @Test
    void shouldShowCountersErrorsPoolsAndProcesses() {
        final FrameClaim claim = new FrameClaim();
        try (MediaDriverNode driver = driver();
                Aeron aeron = Aeron.connect(new Aeron.Context()
                        .aeronDirectoryName(driver.aeronDirectoryName())
                        .clientName("a camera"));
                Counter counter = aeron.addCounter(OUR_TYPE, "things lost in bytes");
                LivenessLock lock = LivenessLock.acquire(directory.workerLock("w1"));
                FramePool pool = FramePool.create(new FramePool.Context()
                        .directory(directory)
                        .ownerName("cam-7")
                        .slotCount(1)
                        .slotLength(100)
                        .sparse(true))) {
            assertNotNull(lock);
            counter.setRelease(4_711);
            assertThrows(
                    RegistrationException.class,
                    () -> aeron.addPublication("aeron:udp?endpoint=127.0.0.1:1|mtu=17", 7));
            await(() -> stat().out().contains("name=a camera")); // the client tells its name a moment after it has come
            pool.tryClaim(claim, 100);
            pool.tryClaim(new FrameClaim(), 101);

            final CommandRun run = stat();
            assertEquals(0, run.code(), run.err());
            final List<String> lines = run.out().lines().toList();
            final long pid = ProcessHandle.current().pid();
            assertTrue(lines.get(1).matches(directory.aeron() + " +alive +" + pid + " .* ago +1 +1"), lines.get(1));
            has(lines, "w1 +workers +alive +" + pid);
            has(lines, "cam-7 +" + pid + " +alive .* 1\\+0 of 1 +0 +0 +0 +1 +[0-9a-f]{16}");
            has(lines, " *1 +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d +aeron +.*(?i)mtu.*");
            has(lines, " *4711 +bytes +a camera +things lost in bytes");
            has(lines, " *0 +count +- +NAKs sent");
            has(lines, " *\\d+ +ms ago +a camera +client-heartbeat: .*");

            final JsonNode json = JsonOutput.parse(stat("--json").out());
            final JsonNode first = json.get("drivers").get(0);
            assertTrue(first.get("alive").asBoolean());
            assertEquals(1, first.get("errors").get(0).get("times").asInt());
            assertEquals(
                    4_711,
                    named(first.get("counters"), "things lost in bytes")
                            .get("value")
                            .asLong());
            assertEquals("w1", json.get("processes").get(0).get("name").asString());
            assertEquals(1, json.get("pools").get(0).get("tooLarge").asInt());
            assertEquals("cam-7", json.get("pools").get(0).get("owner").asString());

            final List<String> filtered =
                    stat("--filter", "A CAMERA").out().lines().toList();
            assertEquals(
                    2,
                    filtered.stream().filter(line -> line.contains("a camera")).count(),
                    filtered.toString());
            assertEquals(6, filtered.size(), "the driver, a blank line, and the counters of one: " + filtered);
        }
    }

    private MediaDriverNode driver() {
        return MediaDriverNode.launch(
                new MediaDriverNode.Context().directory(directory.create().aeron()));
    }

    private static void has(final List<String> lines, final String pattern) {
        assertTrue(
                lines.stream().anyMatch(line -> line.matches(pattern)), pattern + " in\n" + String.join("\n", lines));
    }

    private static JsonNode named(final JsonNode counters, final String name) {
        for (final JsonNode counter : counters) {
            if (counter.get("name").asString().equals(name)) {
                return counter;
            }
        }
        throw new AssertionError(name + " in " + counters);
    }

    @Test
    void shouldShowWhatAKilledMediaDriverHasLeft() {
        try (ChildProcess driver = ChildProcess.start(
                "driver", folder, Map.of(), "64m", List.of("media-driver", "--dir", directory.toString()))) {
            await(() -> stat().code() == 0);
            driver.kill();
            final CommandRun run = stat();
            assertEquals(1, run.code(), run.out());
            assertTrue(
                    run.err()
                            .matches("The media driver in " + directory.aeron() + " is dead \\(process " + driver.pid()
                                    + ", heard .* ago\\): what it has left is shown\\..*\\R"),
                    run.err());
            has(run.out().lines().toList(), directory.aeron() + " +dead +" + driver.pid() + " .*");
            has(run.out().lines().toList(), " *0 +bytes +- +Bytes sent");
        }
    }

    private void await(final BooleanSupplier condition) {
        final long startNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - startNs < DEADLINE_NS, () -> stat().toString());
            LockSupport.parkNanos(20_000_000);
        }
    }

    @Test
    void shouldRefuseAnIntervalThatIsNone() {
        assertEquals(2, stat("--watch", "1ms").code());
        assertEquals(2, stat("--watch", "5").code());
    }
}
