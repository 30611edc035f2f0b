package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.TaskHandle;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.worker.device.GpuException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several tasks at a time on a device that works by itself, here one whose every step the test decides. */
class PipelinedHandlerTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final byte WAITS = 0;
    private static final byte AT_ONCE = 1;
    private static final byte FAILS_TO_START = 2;
    private static final byte FAILS_TO_FINISH = 3;
    private static final byte BREAKS_THE_DEVICE = 4;
    private static final byte MEMORY = 5;

    /** What happened, in order: a letter and the number of the task. */
    private final Queue<String> steps = new ConcurrentLinkedQueue<>();

    private final Map<Integer, Boolean> done = new ConcurrentHashMap<>();
    private final AtomicInteger places = new AtomicInteger(PipelinedHandler.MOST_IN_FLIGHT);
    private EmbeddedDragon dragon;
    private DragonClient client;

    /** Parameters: what the task does, and its number. */
    private final class Device implements PipelinedHandler {
        private final List<TaskContext> inFlight = new ArrayList<>();

        @Override
        public String taskType() {
            return "device";
        }

        @Override
        public boolean start(final TaskContext task) throws TaskFailedException {
            if (inFlight.size() >= places.get()) {
                return false;
            }
            steps.add("s" + number(task));
            inFlight.add(task);
            switch (task.parameters().getByte(0)) {
                case FAILS_TO_START -> throw new TaskFailedException(Reason.BAD_INPUT, "not such a task");
                case MEMORY -> {
                    if (task.split() < 4) {
                        throw new GpuException(GpuException.OUT_OF_MEMORY, "OUT_OF_MEMORY", "full");
                    }
                }
                default -> {}
            }
            return true;
        }

        @Override
        public boolean isDone(final TaskContext task) {
            assertTrue(task.inputCount() == 0 || task.input(0).isHeld(), "an input was given back too early");
            final byte what = task.parameters().getByte(0);
            if (what == BREAKS_THE_DEVICE && task.attempt() == 1 && done.containsKey(number(task))) {
                throw new GpuException(GpuException.ILLEGAL_ADDRESS, "ILLEGAL_ADDRESS", "a kernel went astray");
            }
            return what != WAITS && what != BREAKS_THE_DEVICE || done.containsKey(number(task));
        }

        @Override
        public void finish(final TaskContext task) throws TaskFailedException {
            assertEquals(task, inFlight.remove(0));
            steps.add("f" + number(task));
            if (task.parameters().getByte(0) == FAILS_TO_FINISH) {
                throw new IllegalStateException("not finished");
            }
            task.claimOutput(4).buffer().putInt(0, number(task));
            task.inlineResult().putByte(0, (byte) number(task));
            task.inlineResultLength(1);
        }

        @Override
        public void abandon(final TaskContext task) {
            assertEquals(task, inFlight.remove(0));
            steps.add("a" + number(task));
        }

        private int number(final TaskContext task) {
            return task.parameters().getByte(1);
        }
    }

    @AfterEach
    void stop() {
        dragon.close();
    }

    private void start() {
        dragon = EmbeddedDragon.launch(new EmbeddedContext()
                .workers(1)
                .window(8)
                .loadHandlers(false)
                .handler(Device::new)
                .handler("processor", task -> {
                    steps.add("p" + task.parameters().getByte(1));
                    task.claimOutput(4);
                }));
        client = dragon.connect("client");
    }

    @Test
    void shouldStartThreeAndEndThemInOrderWhateverTheDeviceFinishesFirst() {
        start();
        final List<TaskHandle> tasks = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            tasks.add(submit(WAITS, i));
        }
        awaitSteps("s0 s1 s2");
        done.put(2, true);
        done.put(1, true);
        done.put(0, true);
        awaitSteps("s0 s1 s2 f0 f1 f2 s3 s4");
        done.put(3, true);
        done.put(4, true);
        for (int i = 0; i < 5; i++) {
            completed(tasks.get(i), i);
        }
    }

    @Test
    void shouldOfferATaskAgainWhenTheDeviceHadNoRoom() {
        places.set(1);
        start();
        final TaskHandle first = submit(WAITS, 0);
        final TaskHandle second = submit(AT_ONCE, 1);
        final TaskHandle third = submit(AT_ONCE, 2);
        awaitSteps("s0");
        done.put(0, true);
        completed(first, 0);
        completed(second, 1);
        completed(third, 2);
        awaitSteps("s0 f0 s1 f1 s2 f2");
    }

    @Test
    void shouldFailTheTaskAloneThatCannotBeStartedOrFinished() {
        start();
        final TaskHandle first = submit(WAITS, 0);
        final TaskHandle bad = submit(FAILS_TO_START, 1);
        final TaskHandle last = submit(FAILS_TO_FINISH, 2);
        awaitSteps("s0 s1 s2");
        done.put(0, true);
        completed(first, 0);
        try (TaskOutcome outcome = bad.await(TIMEOUT)) {
            assertEquals(Reason.BAD_INPUT, outcome.reason());
            assertEquals("not such a task", outcome.errorText());
        }
        try (TaskOutcome outcome = last.await(TIMEOUT)) {
            assertEquals(Reason.HANDLER_FAILED, outcome.reason());
            assertEquals("not finished", outcome.errorText());
        }
        completed(submit(AT_ONCE, 3), 3);
        awaitSteps("s0 s1 s2 f0 a1 f2 s3 f3");
    }

    @Test
    void shouldCutATaskThatDoesNotFitIntoTheMemoryOfTheDevice() {
        start();
        try (TaskOutcome outcome = submit(MEMORY, 0).await(TIMEOUT).orThrow()) {
            assertEquals(4, outcome.split());
        }
        assertEquals("s0 a0 s0 a0 s0 f0", String.join(" ", steps));
    }

    @Test
    void shouldKeepTheInputsOfARevokedTaskUntilTheDeviceHasReadThem() {
        start();
        final TaskHandle first = submit(WAITS, 0);
        final TaskHandle second = submit(WAITS, 1);
        awaitSteps("s0 s1");
        first.cancel();
        try (TaskOutcome outcome = first.await(TIMEOUT)) {
            assertEquals(Reason.CANCELLED, outcome.reason());
        }
        done.put(1, true); // a device that asks for its inputs would fail here if they were gone
        final TaskHandle third = submit(AT_ONCE, 2);
        awaitSteps("s0 s1 s2");
        done.put(0, true);
        completed(second, 1);
        completed(third, 2);
        assertEquals("s0 s1 s2 a0 f1 f2", String.join(" ", steps));
    }

    @Test
    void shouldNotLetATaskOfTheProcessorPassThoseBeforeIt() {
        start();
        final TaskHandle first = submit(WAITS, 0);
        final TaskHandle processor = client.submit(TaskRequest.of("processor").parameters(new byte[] {0, 1}));
        final TaskHandle last = submit(AT_ONCE, 2);
        awaitSteps("s0");
        done.put(0, true);
        completed(first, 0);
        processor.await(TIMEOUT).orThrow().close();
        completed(last, 2);
        assertEquals("s0 f0 p1 s2 f2", String.join(" ", steps));
    }

    @Test
    void shouldFinishWhatIsOnTheDeviceBeforeItLeaves() throws InterruptedException {
        start();
        final TaskHandle first = submit(WAITS, 0);
        final TaskHandle second = submit(WAITS, 1);
        awaitSteps("s0 s1");
        final Thread closing = new Thread(() -> dragon.workers().get(0).close());
        closing.start();
        Tests.await(() -> closing.getState() == Thread.State.TIMED_WAITING, TIMEOUT, () -> "it does not wait");
        done.put(0, true);
        done.put(1, true);
        completed(first, 0);
        completed(second, 1);
        closing.join(TIMEOUT.toMillis());
        assertFalse(closing.isAlive());
    }

    @Test
    void shouldLeaveWithADeviceThatIsLostAndHaveItsTasksDoneElsewhere() {
        start();
        final TaskHandle first = submit(BREAKS_THE_DEVICE, 0);
        final TaskHandle second = submit(WAITS, 1);
        awaitSteps("s0 s1");
        assertEquals("", dragon.workers().get(0).endReason());
        done.put(0, true);
        Tests.await(() -> dragon.workers().get(0).mustEnd(), TIMEOUT, () -> "it goes on");
        assertEquals("a kernel went astray", dragon.workers().get(0).endReason());
        done.clear();
        dragon.addWorker();
        awaitSteps("s0 s1 s0 s1");
        done.put(0, true);
        done.put(1, true);
        completed(first, 0);
        completed(second, 1);
        awaitSteps("s0 s1 s0 s1 f0 f1");
    }

    private TaskHandle submit(final byte what, final int number) {
        return client.submit(TaskRequest.of("device")
                .parameters(new byte[] {what, (byte) number})
                .input(new byte[1000])
                .attempts(1));
    }

    private static void completed(final TaskHandle task, final int number) {
        try (TaskOutcome outcome = task.await(TIMEOUT)) {
            assertNotNull(outcome, () -> "no result of task " + number);
            outcome.orThrow();
            assertEquals(number, outcome.inlineResult()[0]);
            assertEquals(number, outcome.outputs().get(0).buffer().getInt(0));
        }
    }

    private void awaitSteps(final String expected) {
        Tests.await(() -> String.join(" ", steps).equals(expected), TIMEOUT, () -> expected + ", but " + steps);
    }
}
