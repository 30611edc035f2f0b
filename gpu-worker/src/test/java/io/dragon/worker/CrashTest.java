package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.JobHandle;
import io.dragon.engine.client.JobSpec;
import io.dragon.engine.client.StepResult;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.config.Timeouts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills of real processes. */
class CrashTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @TempDir
    Path logs;

    private final List<Process> processes = new ArrayList<>();
    private EmbeddedDragon dragon;

    @BeforeEach
    void start() {
        dragon = EmbeddedDragon.launch(
                new EmbeddedContext().workers(0).timeouts(Timeouts.ci()).errorHandler(Throwable::printStackTrace));
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (final Process process : processes) {
            process.destroyForcibly();
            process.waitFor(10, TimeUnit.SECONDS);
        }
        dragon.close();
    }

    @Test
    void shouldRunTheWorkOfAKilledWorkerElsewhereAndDeliverEachResultOnce() throws Exception {
        final Path slow = dragon.directory().path().resolve("slow-first");
        Files.createFile(slow);
        final Process first = worker("first");
        final DragonClient client = dragon.connect("client");
        final AtomicInteger results = new AtomicInteger();
        final long[] movedNs = new long[1];
        final List<String> by = new ArrayList<>();
        final TaskRequest request = TaskRequest.of("slow").onDone(outcome -> {
            movedNs[0] = outcome.passport().startedNs();
            by.add(new String(outcome.orThrow().inlineResult(), StandardCharsets.US_ASCII));
            outcome.close();
            results.incrementAndGet();
        });
        client.submit(request);
        final Path log = logs.resolve("first.log");
        Tests.await(() -> Tests.read(log).contains("begun"), TIMEOUT, () -> Tests.read(log));
        worker("second");
        final long killedNs = System.nanoTime();
        first.destroyForcibly();
        Tests.await(() -> results.get() == 1, TIMEOUT, () -> "no result; " + client.statistics());
        final long elsewhereMs = (movedNs[0] - killedNs) / 1_000_000;
        System.out.println("work of a killed worker runs elsewhere after " + elsewhereMs + " ms");
        assertEquals(List.of("second"), by);
        // the aim is 500 ms; a machine with other work gets more
        assertTrue(elsewhereMs < 2_500, () -> elsewhereMs + " ms");
        client.submit(TaskRequest.of("slow")).await(TIMEOUT).orThrow().close();
        assertEquals(1, results.get());
        assertTrue(client.statistics().tasksReassigned() >= 1);
    }

    @Test
    void shouldFinishTheTasksOfAKilledPublisherAndRemoveItsPool() throws Exception {
        worker("first");
        final DragonClient client = dragon.connect("client");
        final Path log = logs.resolve("publisher.log");
        final Process publisher = Tests.java(
                PublisherProcess.class, log, dragon.directory().path().toString(), dragon.aeronDirectoryName(), "50");
        processes.add(publisher);
        final Pattern announced = Pattern.compile("camera (\\d+)\\.");
        Tests.await(() -> announced.matcher(Tests.read(log)).find(), TIMEOUT, () -> Tests.read(log));
        final Matcher announcement = announced.matcher(Tests.read(log));
        assertTrue(announcement.find());
        final int cameraId = Integer.parseInt(announcement.group(1));
        final JobHandle job = client.startJob(
                new JobSpec().camera(cameraId).perFrame(EchoHandler.TYPE, 1).perStep("slow", 1));
        Files.createFile(dragon.directory().path().resolve("go"));
        Tests.await(() -> Tests.read(log).contains("sent 50"), TIMEOUT, () -> Tests.read(log));
        publisher.destroyForcibly();
        publisher.waitFor();
        final JobHandle.Report report = job.close(TIMEOUT);
        assertNotNull(report);
        System.out.println("publisher killed after 50 frames: " + report);
        assertEquals(report.framesAccepted(), report.steps());
        assertTrue(report.framesAccepted() > 0);
        int completed = 0;
        for (StepResult step; (step = job.poll(Duration.ofMillis(100))) != null; step.close()) {
            assertTrue(step.isCompleted(), step::toString);
            completed++;
        }
        assertEquals(report.steps(), completed);
        Tests.await(
                () -> Tests.poolFiles(dragon.directory().pools()) == 1,
                TIMEOUT,
                () -> Tests.poolFiles(dragon.directory().pools()) + " pools are left beside the worker's own");
    }

    @Test
    void shouldKeepTheResultOfAKilledWorkerReadable() throws Exception {
        final Process first = worker("first");
        final DragonClient client = dragon.connect("client");
        final byte[] input = new byte[100_000];
        input[99_999] = 7;
        try (TaskOutcome outcome = client.submit(
                        TaskRequest.of(EchoHandler.TYPE).input(input))
                .await(TIMEOUT)
                .orThrow()) {
            first.destroyForcibly();
            first.waitFor();
            Tests.await(() -> client.statistics().workersAlive() == 0, TIMEOUT, () -> client.statistics()
                    .toString());
            assertEquals(7, outcome.outputs().get(0).buffer().getByte(99_999));
            assertTrue(outcome.outputs().get(0).isHeld());
        }
        client.close();
        Tests.await(
                () -> Tests.poolFiles(dragon.directory().pools()) == 0,
                TIMEOUT,
                () -> Tests.poolFiles(dragon.directory().pools()) + " pools are left");
    }

    private Process worker(final String name) throws IOException {
        final Path log = logs.resolve(name + ".log");
        final Process process = Tests.java(
                WorkerProcess.class, log, dragon.directory().path().toString(), dragon.aeronDirectoryName(), name);
        processes.add(process);
        Tests.await(() -> Tests.read(log).contains("ready"), TIMEOUT, () -> Tests.read(log));
        return process;
    }
}
