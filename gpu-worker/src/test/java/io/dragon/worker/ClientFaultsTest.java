package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.FramePublisher;
import io.dragon.engine.client.JobHandle;
import io.dragon.engine.client.JobSpec;
import io.dragon.engine.client.TaskHandle;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameFormat;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Programs that use a client in ways it has to survive. */
@Timeout(120)
class ClientFaultsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final CountDownLatch end = new CountDownLatch(1);
    private EmbeddedDragon dragon;
    private DragonClient client;

    @BeforeEach
    void start() {
        dragon = EmbeddedDragon.launch(new EmbeddedContext()
                .workers(1)
                .loadHandlers(false)
                .handler(EchoHandler::new)
                .handler("inputs", task -> task.inlineResultLength(task.inputCount()))
                .handler("waits", task -> end.await()));
        client = DragonClient.connect(dragon.clientContext("client")
                .inputPoolBytes(1)
                .submitTimeout(TIMEOUT)
                .connectTimeout(TIMEOUT));
    }

    @AfterEach
    void stop() {
        end.countDown();
        client.close();
        dragon.close();
    }

    @Test
    void shouldEndEveryTaskOfAClientThatClosesAlsoWhenListenersThrow() {
        final List<TaskHandle> tasks = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            tasks.add(client.submit(TaskRequest.of("waits").onDone(outcome -> {
                throw new IllegalStateException("a listener that fails");
            })));
        }
        client.close();
        for (final TaskHandle task : tasks) {
            assertTrue(task.isDone(), task::toString);
            assertEquals(Reason.ABANDONED, task.outcome().reason());
        }
    }

    @Test
    void shouldRefuseAListenerThatWouldWaitForItselfBeforeAnythingIsDone() {
        client.taskTypeId("waits", TIMEOUT);
        assertInstanceOf(
                IllegalStateException.class,
                thrownByListener(() -> client.submit(TaskRequest.of("waits").input(new byte[100]))));
        assertEquals(0, client.openTasks(), "a task runs that nobody has a handle of");
        assertInstanceOf(
                IllegalStateException.class,
                thrownByListener(() -> client.startJob(
                        new JobSpec().camera(1).perFrame("waits", 1).perStep("waits", 1))));
        assertInstanceOf(IllegalStateException.class, thrownByListener(client::close));
        assertEquals(1, inputs(TaskRequest.of("inputs").input(new byte[100])));
    }

    @Test
    void shouldTakeATaskOfMoreInputsByValueThanItsPoolHasSlots() {
        final TaskRequest request = TaskRequest.of("inputs");
        for (int i = 0; i < 40; i++) {
            request.input(new byte[1000]);
        }
        assertEquals(40, inputs(request));
        assertEquals(40, inputs(request));
    }

    @Test
    void shouldTakeTasksBesideAJobThatKeepsItsInputsByValue() {
        final FramePublisher camera = client.addPublisher("camera", new FramePublisher.Config().slotLength(100));
        final JobSpec spec = new JobSpec()
                .camera(camera.cameraId())
                .perFrame(EchoHandler.TYPE, 1)
                .perStep("inputs", 1);
        spec.stepInput(FrameFormat.RAW, new byte[1000]);
        spec.stepInput(FrameFormat.RAW, new byte[1000]);
        try (JobHandle job = client.startJob(spec)) {
            assertEquals(
                    2, inputs(TaskRequest.of("inputs").input(new byte[1000]).input(new byte[1000])));
            assertNotNull(job.close(TIMEOUT));
        }
        camera.close();
    }

    @Test
    void shouldFailATaskWhoseInputCannotBeReadAndGoOn() {
        final DirectBuffer unreadable = (DirectBuffer) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {DirectBuffer.class}, (proxy, method, args) -> {
                    if (method.getName().equals("capacity")) {
                        return 100;
                    }
                    throw new InternalError("the file behind this memory was cut short");
                });
        final TaskOutcome outcome =
                client.submit(TaskRequest.of("inputs").input(unreadable)).await(TIMEOUT);
        assertNotNull(outcome);
        assertEquals(Reason.BAD_INPUT, outcome.reason());
        assertEquals(2, inputs(TaskRequest.of("inputs").input(new byte[100]).input(new byte[100])));
    }

    @Test
    void shouldNotReadInputsOfASubmitThatHasGivenUp() {
        client.taskTypeId("waits", TIMEOUT);
        client.taskTypeId("inputs", TIMEOUT); // so that it gives up for want of room, also where the masters are slow
        final List<TaskHandle> held = List.of(
                client.submit(TaskRequest.of("waits").input(new byte[100])),
                client.submit(TaskRequest.of("waits").input(new byte[100])));
        final TaskRequest request = TaskRequest.of("inputs").input(new byte[100]);
        final DragonException refused =
                assertThrows(DragonException.class, () -> client.submit(request, Duration.ofMillis(300)));
        assertTrue(refused.getMessage().contains("pool for inputs by value is full"), refused::getMessage);
        end.countDown();
        held.forEach(task -> task.await(TIMEOUT).orThrow());
        Tests.await(() -> client.openTasks() == 0, TIMEOUT, () -> client.openTasks() + " tasks are open");
        assertEquals(2, client.statistics().tasksSubmitted());
        assertEquals(1, inputs(request));
    }

    @Test
    void shouldEndAClientWhoseListenerNeverReturns() {
        final DragonClient stuck = dragon.connect("stuck");
        final CountDownLatch begun = new CountDownLatch(1);
        stuck.submit(TaskRequest.of("inputs").onDone(outcome -> {
            begun.countDown();
            while (end.getCount() > 0) {
                try {
                    end.await();
                } catch (final InterruptedException ex) {
                    continue;
                }
            }
        }));
        Tests.await(() -> begun.getCount() == 0, TIMEOUT, () -> "not begun");
        final Thread closing = new Thread(stuck::close);
        closing.setDaemon(true);
        closing.start();
        Tests.await(() -> !closing.isAlive(), Duration.ofSeconds(30), () -> "close waits for ever");
    }

    @Test
    void shouldRefuseMoreCamerasThanACommandHoldsAndGoOn() {
        final Map<Integer, Integer> pairs = new TreeMap<>();
        for (int i = 1; i <= 300; i++) {
            pairs.put(i, JobSpec.NO_PAIR);
        }
        final DragonException refused = assertThrows(DragonException.class, () -> client.allocateCameras(pairs));
        assertTrue(refused.getMessage().contains("at most"), refused::getMessage);
        pairs.keySet().removeIf(camera -> camera > 160);
        assertEquals(160, client.allocateCameras(pairs).size());
        assertEquals(0, inputs(TaskRequest.of("inputs")));
    }

    @Test
    void shouldMakeThePoolForInputsByValueAsSoonAsItCan() throws IOException {
        client.taskTypeId("inputs", TIMEOUT);
        final Path pools = dragon.directory().pools();
        final Path away = pools.resolveSibling("pools-away");
        Files.move(pools, away);
        Files.createFile(pools);
        final TaskOutcome refused =
                client.submit(TaskRequest.of("inputs").input(new byte[100])).await(TIMEOUT);
        Files.delete(pools);
        Files.move(away, pools);
        assertNotNull(refused);
        assertEquals(Reason.BAD_INPUT, refused.reason());
        assertTrue(refused.errorText().startsWith("no pool could be made for its inputs: "), refused::errorText);
        assertEquals(1, inputs(TaskRequest.of("inputs").input(new byte[100])));
    }

    @Test
    void shouldLeaveNothingBehindOfANameThatIsRefused() {
        final String tooLong = "n".repeat(60);
        assertThrows(DragonException.class, () -> dragon.connect(tooLong));
        assertThrows(
                DragonException.class, () -> client.addPublisher(tooLong, new FramePublisher.Config().slotLength(100)));
        assertThrows(
                DragonException.class,
                () -> WorkerNode.launch(new WorkerContext()
                        .directory(dragon.directory())
                        .name(tooLong)
                        .handler(new EchoHandler())));
        assertEquals(0, Tests.poolFiles(dragon.directory().pools()));
        assertEquals(
                0,
                List.of(
                                dragon.directory().partyLock("client-" + tooLong),
                                dragon.directory().partyLock("camera-" + tooLong),
                                dragon.directory().workerLock(tooLong))
                        .stream()
                        .filter(Files::exists)
                        .count());
    }

    @Test
    void shouldTakeTheCameraOfANameAgainAfterItCouldNotRegister() {
        final DragonClient hasty =
                DragonClient.connect(dragon.clientContext("hasty").submitTimeout(TIMEOUT));
        final FramePublisher.Config config = new FramePublisher.Config().slotLength(100);
        try (FramePublisher first = hasty.addPublisher("camera", config)) {
            // another program's camera of this name
            assertThrows(DragonException.class, () -> client.addPublisher("camera", config));
            assertTrue(first.claim(100) >= 0);
            first.abort();
        }
        try (FramePublisher second = client.addPublisher("camera", config)) {
            assertTrue(second.cameraId() > 0);
        }
        hasty.close();
    }

    @Test
    void shouldCloseThePoolsOfPublishersWithTheClient() {
        final DragonClient careless = dragon.connect("careless");
        final FramePublisher camera = careless.addPublisher("camera", new FramePublisher.Config().slotLength(100));
        assertEquals(1, Tests.poolFiles(dragon.directory().pools()));
        careless.close();
        assertEquals(0, Tests.poolFiles(dragon.directory().pools()));
        assertEquals(FramePublisher.CLOSED, camera.claim(100));
        camera.close();
    }

    private int inputs(final TaskRequest request) {
        try (TaskOutcome outcome = client.submit(request).await(TIMEOUT)) {
            assertNotNull(outcome, () -> client.status().toString());
            return outcome.orThrow().inlineResult().length;
        }
    }

    private Throwable thrownByListener(final Runnable action) {
        final AtomicReference<Throwable> thrown = new AtomicReference<>();
        final CountDownLatch done = new CountDownLatch(1);
        client.submit(TaskRequest.of("inputs").onDone(outcome -> {
            try {
                action.run();
            } catch (final Throwable ex) {
                thrown.set(ex);
            }
            done.countDown();
        }));
        Tests.await(() -> done.getCount() == 0, Duration.ofSeconds(60), () -> "the listener waits for itself");
        Tests.await(() -> client.openTasks() <= 0 || thrown.get() == null, TIMEOUT, () -> "open tasks");
        return thrown.get();
    }
}
