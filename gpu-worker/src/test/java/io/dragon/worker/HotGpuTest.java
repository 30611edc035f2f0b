package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.DeviceState;
import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.Incident;
import io.dragon.engine.client.TaskHandle;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.worker.device.DeviceFigures;
import io.dragon.worker.device.DeviceHealth;
import io.dragon.worker.device.HealthSource;
import io.dragon.worker.device.health.GpuHealth;
import io.dragon.worker.device.health.HealthSettings;
import io.dragon.worker.device.health.ScriptedGpu;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A worker whose GPU is not well, as scripted instruments show it; the rest is real. */
class HotGpuTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    /** The target of the fault table. */
    private static final Duration TARGET = Duration.ofSeconds(2);

    /** A second that it has to be well, two looks at it and what it takes to tell, and as much again for a busy machine. */
    private static final Duration BACK = Duration.ofSeconds(5);

    /** As by default, but for the time until it may come back. */
    private static final HealthSettings SETTINGS = new HealthSettings(
            true,
            HealthSettings.DEFAULT.sampleNs(),
            90,
            80,
            1_000_000_000L,
            1_000_000_000L,
            HealthSettings.DEFAULT.fatalXids(),
            HealthSettings.DEFAULT.warningXids());

    private final ScriptedGpu gpu = new ScriptedGpu();
    private final AtomicInteger runs = new AtomicInteger();
    private final Semaphore slow = new Semaphore(0);
    private EmbeddedDragon dragon;
    private DragonClient client;

    /** The processor, with the instruments of a GPU. */
    private static final class Watched extends WatchedProcessor {
        private final HealthSource watcher;

        Watched(final HealthSource watcher) {
            super("GPU-scripted");
            this.watcher = watcher;
        }

        @Override
        public DeviceHealth health() {
            return watcher.health();
        }

        @Override
        public DeviceFigures figures() {
            return watcher.figures();
        }

        @Override
        public void close() {
            watcher.close();
        }
    }

    @AfterEach
    void stop() {
        slow.release(1_000);
        dragon.close();
        assertTrue(gpu.isClosed());
    }

    private void start() {
        dragon = EmbeddedDragon.launch(
                new EmbeddedContext().workers(0).loadHandlers(false).handler("work", task -> {
                    runs.incrementAndGet();
                    slow.acquire();
                }));
        client = dragon.connect("client");
        dragon.addWorker(new Watched(GpuHealth.watch(() -> gpu, SETTINGS, error -> {
            throw new IllegalStateException(error);
        })));
        Tests.await(() -> worker(0).gpu().state() == DeviceState.OK, TIMEOUT, () -> client.status()
                .toString());
    }

    private ClusterStatus.Worker worker(final int index) {
        return client.status().workers().get(index);
    }

    /** The first time that something was wrong: out of service as soon as the target wants it. How it was then: it may come back soon. */
    private ClusterStatus.Worker awaitUnfitInTime(final Runnable fault) {
        final ClusterStatus.Worker[] seen = {null};
        try (RunningClock clock = RunningClock.start()) {
            fault.run();
            clock.await(
                    () -> {
                        seen[0] = seen[0] != null && seen[0].state() == WorkerState.UNFIT ? seen[0] : worker(0);
                        return seen[0].state() == WorkerState.UNFIT;
                    },
                    TARGET,
                    () -> seen[0].toString());
        }
        return seen[0];
    }

    private List<TaskHandle> submit(final int count) {
        final List<TaskHandle> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tasks.add(client.submit(TaskRequest.of("work")));
        }
        return tasks;
    }

    private void allComplete(final List<TaskHandle> tasks) {
        for (final TaskHandle task : tasks) {
            try (TaskOutcome outcome = task.await(TIMEOUT)) {
                outcome.orThrow();
            }
        }
    }

    @Test
    void shouldLoseItsWorkToAnotherWithinTheTargetAndComeBack() {
        start();
        final List<TaskHandle> tasks = submit(6);
        Tests.await(() -> runs.get() == 1 && worker(0).assigned() == 2, TIMEOUT, () -> worker(0)
                .toString());
        dragon.addWorker();
        Tests.await(() -> runs.get() == 2 && worker(1).assigned() == 2, TIMEOUT, () -> worker(1)
                .toString());

        awaitUnfitInTime(() -> gpu.celsius(97));
        assertEquals(0, worker(0).assigned());
        assertEquals(
                "the GPU is too hot: 97 C, limit 90, gets work again at 80",
                worker(0).gpu().text());
        assertEquals(97, worker(0).gpu().temperatureCelsius());
        assertEquals(0.99, worker(0).gpu().utilisation());
        assertEquals(250, worker(0).gpu().powerWatts());
        assertTrue(
                client.status().health().reasons().stream()
                        .anyMatch(
                                reason -> reason.endsWith("the GPU is too hot: 97 C, limit 90, gets work again at 80")),
                () -> client.status().health().toString());
        assertEquals(2, client.statistics().tasksReassigned());
        slow.release(1_000);
        allComplete(tasks);
        assertEquals(0, worker(0).completed(), "what it still ran was not taken from it");
        assertEquals(6, worker(1).completed());

        gpu.celsius(60);
        try (RunningClock clock = RunningClock.start()) {
            clock.await(
                    () -> worker(0).state() == WorkerState.ALIVE
                            && worker(0).gpu().text().isEmpty(),
                    BACK,
                    () -> "it is not back, or the reason is still told: " + worker(0));
        }
        dragon.workers().get(1).close();
        allComplete(submit(3));
        assertEquals(3, worker(0).completed());
        assertEquals(0, client.statistics().tasksFailed());
        assertEquals(0, client.statistics().tasksRetried());
    }

    @Test
    void shouldLetTasksWaitForItWhenItIsTheOnlyOne() {
        start();
        final ClusterStatus.Worker unfit = awaitUnfitInTime(() -> gpu.uncorrected(1));
        slow.release(1_000);
        final List<TaskHandle> tasks = submit(5);
        assertTrue(unfit.gpu().text().startsWith("1 memory error was not corrected"), unfit::toString);
        allComplete(tasks); // when it has been well for a second
        assertEquals(WorkerState.ALIVE, worker(0).state());
    }

    @Test
    void shouldTellAnIncidentAndHowLongItTookToSee() {
        start();
        final long beganNs = System.nanoTime();
        awaitUnfitInTime(() -> gpu.xid(79));
        final Incident incident = client.incidents(0).stream()
                .filter(each -> each.kind() == IncidentKind.DEVICE_UNFIT)
                .findFirst()
                .orElseThrow();
        assertEquals("driver error XID 79, it has fallen off the bus", incident.text());
        assertEquals("worker-1", incident.subject());
        final long sinceMs = (System.nanoTime() - beganNs) / 1_000_000;
        assertTrue(incident.detectedMillis() >= 1 && incident.detectedMillis() <= sinceMs, incident::toString);
    }
}
