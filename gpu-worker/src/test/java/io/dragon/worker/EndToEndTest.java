package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.TaskState;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.Health;
import io.dragon.engine.client.Statistics;
import io.dragon.engine.client.TaskHandle;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameClaim;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EndToEndTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    /** As by default, but for how long a task may take on a machine that has no time for it. */
    private static final Health.Thresholds HEALTHY_HOWEVER_SLOW =
            new Health.Thresholds(0.95, 0.5, TIMEOUT.toMillis(), 100, 0.05, 5);

    private static final AtomicInteger ATTEMPTS = new AtomicInteger();
    private static final AtomicReference<CountDownLatch> GATE = new AtomicReference<>();
    private static final AtomicInteger NEXT_NAME = new AtomicInteger();

    private static EmbeddedDragon dragon;
    private DragonClient client;

    @BeforeAll
    static void start() {
        dragon = EmbeddedDragon.launch(new EmbeddedContext()
                .workers(2)
                .loadHandlers(false)
                .handler(NoopHandler::new)
                .handler(EchoHandler::new)
                .handler("fail", task -> {
                    ATTEMPTS.incrementAndGet();
                    throw new IllegalStateException("the lens cap is on");
                })
                .handler("bad-input", task -> {
                    throw new TaskFailedException(Reason.BAD_INPUT, "a frame of 3 x 5 is no picture");
                })
                .handler("memory", task -> {
                    throw new OutOfMemoryError("of the device");
                })
                .handler("gate", task -> {
                    GATE.get().countDown();
                    while (!task.isRevoked()) {
                        Thread.sleep(1);
                    }
                })
                .handler("eight", task -> {
                    for (int i = 0; i < 8; i++) {
                        final FrameClaim frame = task.claimOutput(1000 + i);
                        frame.buffer().setMemory(0, 1000 + i, (byte) i);
                        frame.width(i);
                    }
                }));
    }

    @AfterAll
    static void stop() {
        dragon.close();
        assertFalse(dragon.directory().path().toFile().exists(), "nothing is left in shared memory");
        Tests.await(() -> dragonThreads().isEmpty(), TIMEOUT, () -> "threads are left: " + dragonThreads());
    }

    private static List<String> dragonThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.contains("dragon") || name.contains("aeron"))
                .toList();
    }

    @BeforeEach
    void connect() {
        client = DragonClient.connect(
                dragon.clientContext("client-" + NEXT_NAME.incrementAndGet()).thresholds(HEALTHY_HOWEVER_SLOW));
        ATTEMPTS.set(0);
        GATE.set(new CountDownLatch(1));
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    @Test
    void shouldDeliverTenThousandTasksExactlyOnceWithMonotoneStamps() throws InterruptedException {
        final int tasks = 10_000;
        final AtomicIntegerArray results = new AtomicIntegerArray(tasks + 2);
        final AtomicInteger bad = new AtomicInteger();
        final AtomicReference<String> firstBad = new AtomicReference<>();
        final CountDownLatch done = new CountDownLatch(tasks);
        final long firstSeq = client.submit(TaskRequest.of(NoopHandler.TYPE)).taskId() & (1L << 40) - 1;
        final TaskRequest request = TaskRequest.of(NoopHandler.TYPE).onDone(outcome -> {
            results.incrementAndGet((int) ((outcome.taskId() & (1L << 40) - 1) - firstSeq));
            if (!outcome.isCompleted()
                    || !outcome.passport().isMonotone()
                    || outcome.passport().sequencedNs() == 0
                    || outcome.passport().assignedNs() == 0
                    || outcome.passport().finishedNs() == 0) {
                bad.incrementAndGet();
                firstBad.compareAndSet(null, outcome + " " + outcome.passport());
            }
            outcome.close();
            done.countDown();
        });
        final long startNs = System.nanoTime();
        for (int i = 0; i < tasks; i++) {
            client.submit(request);
        }
        assertTrue(done.await(TIMEOUT.toSeconds(), TimeUnit.SECONDS), () -> done.getCount() + " tasks are missing");
        System.out.printf("10,000 tasks in %d ms%n", (System.nanoTime() - startNs) / 1_000_000);
        for (int i = 1; i <= tasks; i++) {
            assertEquals(1, results.get(i));
        }
        assertEquals(0, bad.get(), firstBad::get);
        assertEquals(0, client.openTasks());
        final Statistics statistics = client.statistics();
        assertTrue(statistics.tasksCompleted() >= tasks);
        assertEquals(2, statistics.totalWorkers());
        assertTrue(statistics.avgLatencyMillis() > 0);
        assertEquals(Health.State.HEALTHY, client.health().state(), () -> client.health()
                .toString());
    }

    @Test
    void shouldNotMissAWorkerThatWasStoppedInOrder() {
        final WorkerNode spare = dragon.addWorker();
        assertEquals(3, client.statistics().totalWorkers());
        spare.close();
        Tests.await(() -> client.statistics().workersAlive() == 2, TIMEOUT, () -> client.status()
                .toString());
        assertEquals(2, client.statistics().totalWorkers());
        assertTrue(client.health().reasons().stream().noneMatch(reason -> reason.contains("alive")));
        assertEquals(
                WorkerState.LEFT,
                client.status().workers().stream()
                        .filter(worker -> worker.name().equals(spare.name()))
                        .findFirst()
                        .orElseThrow()
                        .state());
    }

    @Test
    void shouldNameATaskTypeThatNobodyRuns() {
        final TaskHandle waiting = client.submit(TaskRequest.of("brightnes"));
        Tests.await(
                () -> client.health().reasons().contains("1 task waits for type 'brightnes', which no worker runs"),
                TIMEOUT,
                () -> client.health().toString());
        waiting.cancel();
        Tests.await(
                () -> client.health().reasons().stream().noneMatch(reason -> reason.contains("brightnes")),
                TIMEOUT,
                () -> client.health().toString());
    }

    @Test
    void shouldSubmitFromManyThreadsAtOnce() throws InterruptedException {
        final int threads = 4;
        final int each = 300;
        final List<TaskHandle> handles = new ArrayList<>();
        final List<Thread> submitters = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            final Thread thread = new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    final TaskHandle handle = client.submit(TaskRequest.of(NoopHandler.TYPE));
                    synchronized (handles) {
                        handles.add(handle);
                    }
                }
            });
            thread.start();
            submitters.add(thread);
        }
        for (final Thread thread : submitters) {
            thread.join();
        }
        assertEquals(
                threads * each,
                handles.stream().map(TaskHandle::taskId).distinct().count());
        for (final TaskHandle handle : handles) {
            assertTrue(handle.await(TIMEOUT).isCompleted());
        }
    }

    @Test
    void shouldReturnResultsOfEverySizeAndHandThemToDependants() {
        final byte[] small = "twelve bytes".getBytes(StandardCharsets.UTF_8);
        final TaskHandle inline = client.submit(TaskRequest.of(EchoHandler.TYPE).parameters(small));
        assertArrayEquals(small, inline.await(TIMEOUT).orThrow().inlineResult());

        final byte[] large = new byte[3_000_000];
        new Random(1).nextBytes(large);
        final TaskHandle one = client.submit(TaskRequest.of(EchoHandler.TYPE).input(large));
        final TaskHandle two =
                client.submit(TaskRequest.of(EchoHandler.TYPE).dependsOn(one).dependsOn(inline));
        final TaskOutcome first = one.await(TIMEOUT).orThrow();
        two.await(TIMEOUT).orThrow();
        final TaskHandle three = client.submit(TaskRequest.of(EchoHandler.TYPE).dependsOn(two.taskId()));
        try (TaskOutcome outcome = three.await(TIMEOUT).orThrow()) {
            assertEquals(1, outcome.outputs().size());
            final byte[] back = new byte[large.length];
            outcome.outputs().get(0).buffer().getBytes(0, back);
            assertArrayEquals(large, back);
        }
        first.close();
        two.await(TIMEOUT).close();

        final TaskHandle eight = client.submit(TaskRequest.of("eight"));
        eight.await(TIMEOUT).orThrow();
        final TaskHandle copies = client.submit(TaskRequest.of(EchoHandler.TYPE).dependsOn(eight));
        try (TaskOutcome outcome = client.await(copies.taskId(), TIMEOUT).orThrow()) {
            assertEquals(8, outcome.outputs().size());
            for (int i = 0; i < 8; i++) {
                assertEquals(1000 + i, outcome.outputs().get(i).ref().length());
                assertEquals(i, outcome.outputs().get(i).width());
                assertEquals((byte) i, outcome.outputs().get(i).buffer().getByte(999 + i));
            }
        }
        eight.await(TIMEOUT).close();
    }

    @Test
    void shouldNotLeakAnInputOrOutputSlotOverManyTasks() {
        final byte[] input = new byte[200_000];
        for (int i = 0; i < 200; i++) {
            input[0] = (byte) i;
            try (TaskOutcome outcome = client.submit(
                            TaskRequest.of(EchoHandler.TYPE).input(input))
                    .await(TIMEOUT)
                    .orThrow()) {
                assertEquals((byte) i, outcome.outputs().get(0).buffer().getByte(0));
            }
        }
    }

    @Test
    void shouldCancelATaskThatRuns() throws InterruptedException {
        final TaskHandle handle = client.submit(TaskRequest.of("gate"));
        assertTrue(GATE.get().await(TIMEOUT.toSeconds(), TimeUnit.SECONDS));
        assertNull(handle.await(Duration.ofMillis(20)));
        handle.cancel();
        final TaskOutcome outcome = handle.await(TIMEOUT);
        assertEquals(TaskState.CANCELLED, outcome.state());
        assertTrue(
                client.submit(TaskRequest.of(NoopHandler.TYPE)).await(TIMEOUT).isCompleted());
    }

    @Test
    void shouldExpireATaskAtItsDeadline() {
        final TaskHandle handle = client.submit(TaskRequest.of("gate").deadline(Duration.ofMillis(100)));
        final TaskOutcome outcome = handle.await(TIMEOUT);
        assertEquals(TaskState.EXPIRED, outcome.state());
        assertEquals(Reason.DEADLINE_EXPIRED, outcome.reason());
    }

    @Test
    void shouldTryAFailingTaskThreeTimesAndSayWhyItFailed() {
        final TaskOutcome outcome = client.submit(TaskRequest.of("fail")).await(TIMEOUT);
        assertEquals(TaskState.FAILED, outcome.state());
        assertEquals(Reason.HANDLER_FAILED, outcome.reason());
        assertEquals("the lens cap is on", outcome.errorText());
        assertEquals(outcome.attempts(), ATTEMPTS.get());
        assertTrue(ATTEMPTS.get() >= 3, () -> ATTEMPTS.get() + " attempts");
        assertThrows(DragonException.class, outcome::orThrow);

        ATTEMPTS.set(0);
        assertEquals(
                TaskState.FAILED,
                client.submit(TaskRequest.of("fail").attempts(1)).await(TIMEOUT).state());
        assertEquals(1, ATTEMPTS.get());
    }

    @Test
    void shouldTellTheReasonThatTheHandlerGave() {
        final TaskOutcome bad =
                client.submit(TaskRequest.of("bad-input").attempts(1)).await(TIMEOUT);
        assertEquals(Reason.BAD_INPUT, bad.reason());
        assertEquals("a frame of 3 x 5 is no picture", bad.errorText());
        final TaskOutcome memory =
                client.submit(TaskRequest.of("memory").attempts(1)).await(TIMEOUT);
        assertEquals(Reason.OUT_OF_MEMORY, memory.reason());
        final TaskOutcome dependant = client.submit(
                        TaskRequest.of(NoopHandler.TYPE).dependsOn(bad.taskId()))
                .await(TIMEOUT);
        assertFalse(dependant.isCompleted());
        assertTrue(
                dependant.reason() == Reason.DEPENDENCY_FAILED || dependant.reason() == Reason.UNKNOWN_DEPENDENCY,
                dependant::toString);
    }

    @Test
    void shouldRefuseToWaitOnItsOwnThread() {
        final AtomicReference<Throwable> thrown = new AtomicReference<>();
        final CountDownLatch told = new CountDownLatch(1);
        client.submit(TaskRequest.of(NoopHandler.TYPE).onDone(outcome -> {
            try {
                client.statistics();
            } catch (final IllegalStateException ex) {
                thrown.set(ex);
            }
            told.countDown();
        }));
        Tests.await(() -> told.getCount() == 0, TIMEOUT, () -> "the listener was not told");
        assertNotNull(thrown.get());
    }

    @Test
    void shouldCancelTheTasksOfAClientThatGoesAway() throws InterruptedException {
        final DragonClient other = dragon.connect("leaving");
        final TaskHandle handle = other.submit(TaskRequest.of("gate"));
        assertTrue(GATE.get().await(TIMEOUT.toSeconds(), TimeUnit.SECONDS));
        other.close();
        assertTrue(handle.isDone());
        assertEquals(Reason.ABANDONED, handle.outcome().reason());
        // the worker is free again: both of them run something that only ends on both
        assertTrue(
                client.submit(TaskRequest.of(NoopHandler.TYPE)).await(TIMEOUT).isCompleted());
        Tests.await(() -> client.statistics().tasksAssigned() == 0, TIMEOUT, () -> client.statistics()
                .toString());
    }

    @Test
    void shouldShowWorkersInItsStatus() {
        final var status = client.status();
        assertEquals(
                List.of("worker-1", "worker-2"),
                status.workers().stream()
                        .filter(worker -> worker.state() == WorkerState.ALIVE)
                        .map(worker -> worker.name())
                        .sorted()
                        .toList());
        assertTrue(status.workers().get(0).device().startsWith("CPU"));
        assertEquals(ProcessHandle.current().pid(), status.workers().get(0).processId());
    }
}
