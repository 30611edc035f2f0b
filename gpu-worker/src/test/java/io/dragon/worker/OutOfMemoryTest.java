package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tasks that find too little memory are worked on in smaller pieces, and the process goes on. */
class OutOfMemoryTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Queue<Integer> TRIED = new ConcurrentLinkedQueue<>();
    private static final List<ByteBuffer> KEPT = new ArrayList<>();

    private static EmbeddedDragon dragon;
    private static DragonClient client;

    @BeforeAll
    static void start() {
        dragon = EmbeddedDragon.launch(new EmbeddedContext()
                .workers(1)
                .loadHandlers(false)
                .handler(EchoHandler::new)
                .handler("quarter", task -> tried(task, 4))
                .handler("never", task -> tried(task, Integer.MAX_VALUE))
                .handler("heap", task -> {
                    // Far beyond any heap of a test, so that nobody else in this process runs short of it.
                    TRIED.add(task.split());
                    final int length = task.split() < 4 ? Integer.MAX_VALUE - 8 : 1_000;
                    task.inlineResult().putInt(0, new long[4][length].length);
                })
                .handler("direct", task -> {
                    TRIED.add(task.split());
                    try {
                        for (int i = 0; i < 64 && task.split() < 2; i++) {
                            KEPT.add(ByteBuffer.allocateDirect(Integer.MAX_VALUE));
                        }
                    } finally {
                        KEPT.clear();
                    }
                }));
        client = dragon.connect("client");
    }

    @AfterAll
    static void stop() {
        dragon.close();
    }

    private static void tried(final TaskContext task, final int needed) throws TaskFailedException {
        TRIED.add(task.split());
        if (task.split() < needed) {
            throw new TaskFailedException(Reason.OUT_OF_MEMORY, "no room for it in " + task.split());
        }
    }

    private TaskOutcome run(final TaskRequest request) {
        TRIED.clear();
        final TaskOutcome outcome = client.submit(request).await(TIMEOUT);
        assertNotNull(outcome, () -> "no result of " + request.taskType() + ": " + client.status());
        return outcome;
    }

    @Test
    void shouldSplitATaskUntilItFitsAndBeginThereTheNextTime() {
        try (TaskOutcome first = run(TaskRequest.of("quarter").attempts(1)).orThrow()) {
            assertEquals(List.of(1, 2, 4), List.copyOf(TRIED));
            assertEquals(4, first.split());
            assertEquals(3, first.attempts());
        }
        try (TaskOutcome second = run(TaskRequest.of("quarter").attempts(1)).orThrow()) {
            assertEquals(List.of(4), List.copyOf(TRIED));
            assertEquals(1, second.attempts());
        }
    }

    @Test
    void shouldFailWithTheReasonWhenItDoesNotFitInTheSmallestPieces() {
        try (TaskOutcome outcome = run(TaskRequest.of("never").attempts(2))) {
            assertEquals(Reason.OUT_OF_MEMORY, outcome.reason());
            assertEquals("no room for it in 64", outcome.errorText());
            assertArrayEquals(new Object[] {1, 2, 4, 8, 16, 32, 64, 64}, TRIED.toArray());
        }
    }

    @Test
    void shouldTakeAnErrorOfTheHeapForItAndGoOn() {
        try (TaskOutcome outcome = run(TaskRequest.of("heap").attempts(1)).orThrow()) {
            assertEquals(4, outcome.split());
            assertArrayEquals(new Object[] {1, 2, 4}, TRIED.toArray());
        }
        goesOn();
    }

    @Test
    void shouldTakeAnErrorOfDirectMemoryForItAndGoOn() {
        try (TaskOutcome outcome = run(TaskRequest.of("direct").attempts(1)).orThrow()) {
            assertEquals(2, outcome.split());
            assertArrayEquals(new Object[] {1, 2}, TRIED.toArray());
        }
        goesOn();
    }

    private void goesOn() {
        try (TaskOutcome echo = run(TaskRequest.of(EchoHandler.TYPE).input(new byte[1000]))) {
            echo.orThrow();
        }
        dragon.workers().forEach(worker -> assertTrue(!worker.mustEnd()));
    }
}
