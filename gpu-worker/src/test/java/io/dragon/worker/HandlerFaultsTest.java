package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.TaskHandle;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.frame.FrameClaim;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Handlers that do what they should not: the worker goes on, and the submitter learns of it. */
class HandlerFaultsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final AtomicInteger runs = new AtomicInteger();
    private final Queue<FrameClaim> kept = new ConcurrentLinkedQueue<>();
    private EmbeddedDragon dragon;
    private DragonClient client;

    @AfterEach
    void stop() {
        dragon.close();
    }

    @Test
    void shouldGoOnAfterAHandlerThatLeavesItsThreadInterrupted() {
        start(new EmbeddedContext()
                .handler("interrupted", task -> Thread.currentThread().interrupt())
                .handler("interrupts", task -> {
                    throw new InterruptedException("by itself");
                }));
        run("interrupted").orThrow();
        echo();
        final TaskOutcome failed = run("interrupts");
        assertEquals(Reason.HANDLER_FAILED, failed.reason());
        assertEquals("by itself", failed.errorText());
        echo();
    }

    @Test
    void shouldFailTheTaskOfAHandlerThatEndsItsOutputsItself() {
        start(new EmbeddedContext()
                .handler("publishes", task -> {
                    task.claimOutput(100);
                    task.claimOutput(100).publish(null, false);
                })
                .handler("aborts", task -> {
                    task.claimOutput(100).abort();
                    throw new IllegalStateException("after an abort");
                }));
        assertEquals(Reason.HANDLER_FAILED, run("publishes").reason());
        echo();
        assertEquals("after an abort", run("aborts").errorText());
        echo();
    }

    @Test
    void shouldReportErrorsAlsoWhenTheErrorHandlerThrows() {
        start(new EmbeddedContext()
                .errorHandler(error -> {
                    throw new IllegalStateException("an error handler that fails", error);
                })
                .handler("overflows", task -> overflow(1))
                .handler("no-words", task -> {
                    throw new IllegalStateException() {
                        private static final long serialVersionUID = 1;

                        @Override
                        public String getMessage() {
                            throw new IllegalArgumentException("no message for you");
                        }
                    };
                }));
        assertEquals("StackOverflowError", run("overflows").errorText());
        echo();
        assertEquals(Reason.HANDLER_FAILED, run("no-words").reason());
        echo();
    }

    @Test
    void shouldNotLetAHandlerTouchAnOutputAfterItsTask() {
        start(new EmbeddedContext().handler("keeps", task -> kept.add(task.claimOutput(100))));
        try (TaskOutcome outcome = run("keeps").orThrow()) {
            assertEquals(1, outcome.outputs().size());
            final FrameClaim claim = kept.remove();
            assertThrows(IndexOutOfBoundsException.class, () -> claim.buffer().putLong(0, 1));
            assertThrows(IllegalStateException.class, claim::byteBuffer);
        }
    }

    /** It is heard all the time: what the masters take for a sign of life does not wait for the handler. */
    @Test
    void shouldNotTakeASlowHandlerForADeadWorker() {
        final CountDownLatch end = new CountDownLatch(1);
        start(new EmbeddedContext()
                .timeouts(Timeouts.ci().with(Timeouts.Key.PARTY_HEARTBEAT, TimeUnit.MILLISECONDS.toNanos(200)))
                .handler("slow", task -> {
                    runs.incrementAndGet();
                    end.await();
                }));
        final TaskHandle slow = client.submit(TaskRequest.of("slow"));
        Tests.await(() -> runs.get() == 1, TIMEOUT, () -> "not begun");
        final AtomicLong silentMs = new AtomicLong();
        final AtomicInteger beats = new AtomicInteger();
        Tests.await(
                () -> {
                    final ClusterStatus.Worker worker =
                            client.status().workers().get(0);
                    assertEquals(WorkerState.ALIVE, worker.state());
                    final boolean isHeard = worker.silentMillis() < silentMs.getAndSet(worker.silentMillis());
                    return isHeard && beats.incrementAndGet() == 6;
                },
                TIMEOUT,
                () -> beats + " signs of life, " + client.status());
        end.countDown();
        final TaskOutcome outcome = slow.await(TIMEOUT);
        assertNotNull(outcome, () -> client.status().toString());
        assertEquals(1, outcome.orThrow().attempts());
        assertEquals(1, runs.get());
        assertEquals(0, client.statistics().tasksReassigned());
    }

    @Test
    void shouldMoveTheTaskInHandOfAWorkerThatLeaves() {
        start(new EmbeddedContext().handler("first-time-slow", task -> {
            if (runs.incrementAndGet() == 1) {
                new CountDownLatch(1).await(); // until it is interrupted
            }
        }));
        final TaskHandle task = client.submit(TaskRequest.of("first-time-slow").attempts(1));
        Tests.await(() -> runs.get() == 1, TIMEOUT, () -> "not begun");
        dragon.addWorker();
        dragon.workers().get(0).close();
        try (TaskOutcome outcome = task.await(TIMEOUT)) {
            assertNotNull(outcome, () -> client.status().toString());
            outcome.orThrow();
        }
        assertEquals(2, runs.get());
    }

    @Test
    void shouldLeaveBehindAHandlerThatNeverReturns() {
        final CountDownLatch end = new CountDownLatch(1);
        start(new EmbeddedContext().handler("first-time-stuck", task -> {
            while (runs.get() < 2 && runs.incrementAndGet() == 1) {
                while (end.getCount() > 0) {
                    try {
                        end.await();
                    } catch (final InterruptedException ex) {
                        Thread.interrupted();
                    }
                }
            }
        }));
        final TaskHandle task = client.submit(TaskRequest.of("first-time-stuck"));
        Tests.await(() -> runs.get() == 1, TIMEOUT, () -> "not begun");
        dragon.addWorker();
        final Thread closing = new Thread(() -> dragon.workers().get(0).close());
        closing.setDaemon(true);
        closing.start();
        try (TaskOutcome outcome = task.await(TIMEOUT)) {
            assertNotNull(outcome, () -> "the task was not moved: " + client.status());
            outcome.orThrow();
            Tests.await(() -> !closing.isAlive(), TIMEOUT, () -> "the worker waits for ever");
            assertFalse(dragon.directory()
                    .workerLock(dragon.workers().get(0).name())
                    .toFile()
                    .exists());
        } finally {
            end.countDown();
        }
    }

    @Test
    void shouldFailInWordsWhenOutputsTakeAllTheMemoryTheyMay() {
        start(new EmbeddedContext()
                .outputSlotCount(4)
                .outputSlotLength(1000)
                .outputMemoryLimit(8_000)
                .outputTimeout(Duration.ofMillis(200))
                .handler("outputs", task -> {
                    for (int i = 0; i < task.parameters().getByte(0); i++) {
                        task.claimOutput(1000);
                    }
                })
                .handler("long", task -> task.claimOutput(100_000)));
        final TaskOutcome eight = run(TaskRequest.of("outputs").parameters(new byte[] {8}));
        assertEquals(8, eight.orThrow().outputs().size());
        final TaskOutcome tooMany =
                run(TaskRequest.of("outputs").parameters(new byte[] {1}).attempts(1));
        assertEquals(Reason.NO_OUTPUT_SLOT, tooMany.reason());
        final TaskOutcome tooLong = run(TaskRequest.of("long").attempts(1));
        assertEquals(Reason.NO_OUTPUT_SLOT, tooLong.reason());
        assertTrue(tooLong.errorText().contains("of the 8000 bytes they may"), tooLong::errorText);
        eight.close();
        Tests.await(
                () -> {
                    try (TaskOutcome again = run(
                            TaskRequest.of("outputs").parameters(new byte[] {8}).attempts(1))) {
                        return again.isCompleted();
                    }
                },
                TIMEOUT,
                () -> "released slots are not used again");
    }

    private void start(final EmbeddedContext ctx) {
        dragon = EmbeddedDragon.launch(ctx.workers(1).loadHandlers(false).handler(EchoHandler::new));
        client = dragon.connect("client");
    }

    private TaskOutcome run(final String type) {
        return run(TaskRequest.of(type).attempts(1));
    }

    private TaskOutcome run(final TaskRequest request) {
        final TaskOutcome outcome = client.submit(request).await(TIMEOUT);
        assertNotNull(outcome, () -> "no result of " + request.taskType() + ": " + client.status());
        return outcome;
    }

    /** Inputs, outputs and the thread itself are in order. */
    private void echo() {
        try (TaskOutcome outcome = run(TaskRequest.of(EchoHandler.TYPE).input(new byte[1000]))) {
            outcome.orThrow();
        }
    }

    private static int overflow(final int depth) {
        return overflow(depth + 1) + 1;
    }
}
