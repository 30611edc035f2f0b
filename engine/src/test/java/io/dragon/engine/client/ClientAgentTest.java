package io.dragon.engine.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.cluster.MasterContext;
import io.dragon.engine.cluster.MasterNode;
import io.dragon.engine.cluster.Scratch;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.sequencer.SequencerConfig;
import io.dragon.engine.sequencer.Setting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ClientAgentTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final Scratch scratch = new Scratch();

    @AfterEach
    void after() {
        scratch.close();
    }

    /**
     * A share of the table of tasks that has become smaller since the client was told: the masters refuse what it sends, and what it
     * cancels then stands behind that.
     */
    @Test
    void shouldCancelTasksAlsoWhileTheMastersHaveNoRoomForWhatWasSubmittedBefore() {
        final int capacity = 1_200;
        final MasterContext masterContext = masterContext();
        final MasterNode master = scratch.closing(MasterNode.launch(masterContext.sequencerConfig(new SequencerConfig()
                .set(Setting.TASK_CAPACITY, capacity)
                .set(Setting.MAX_OPEN_TASKS_PER_CLIENT, capacity))));
        final DragonClient client = scratch.closing(DragonClient.connect(context(master, "full")));
        scratch.closing(DragonClient.connect(context(master, "another"))); // has half of the table now
        final List<TaskHandle> tasks = new ArrayList<>();
        while (tasks.size() < capacity) {
            tasks.add(client.submit(TaskRequest.of("nobody runs this"), TIMEOUT));
        }
        for (int i = 0; i < 10; i++) {
            tasks.get(i).cancel();
        }
        for (int i = 0; i < 10; i++) {
            assertEquals(Reason.CANCELLED, tasks.get(i).get(TIMEOUT).reason());
        }
        assertTrue(tasks.stream().filter(TaskHandle::isDone).count() == 10);
    }

    /** They send by themselves while the agent rests, and leave it to the agent while it works: the numbers stay in order, and none is lost. */
    @Test
    void shouldTakeTheTasksOfSeveralThreadsInTheOrderOfTheirNumbers() throws InterruptedException {
        final MasterNode master = scratch.closing(MasterNode.launch(masterContext()));
        final Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
        final DragonClient client =
                scratch.closing(DragonClient.connect(context(master, "several").errorHandler(errors::add)));
        final Queue<TaskHandle> tasks = new ConcurrentLinkedQueue<>();
        final Thread[] users = new Thread[4];
        for (int i = 0; i < users.length; i++) {
            final boolean hasBytes = i == 0; // these always go by the agent
            users[i] = new Thread(() -> {
                for (int n = 0; n < (hasBytes ? 20 : 300); n++) {
                    final TaskRequest request = TaskRequest.of("nobody runs this");
                    tasks.add(
                            client.submit(hasBytes ? request.input(new UnsafeBuffer(new byte[8])) : request, TIMEOUT));
                }
            });
            users[i].start();
        }
        for (final Thread user : users) {
            user.join();
        }
        tasks.forEach(TaskHandle::cancel);
        tasks.forEach(task -> assertEquals(Reason.CANCELLED, task.get(TIMEOUT).reason()));
        assertEquals(
                920, tasks.stream().mapToLong(TaskHandle::taskId).distinct().count());
        assertTrue(errors.isEmpty(), errors::toString);
    }

    @Test
    void shouldCloseTheClientWithTheReasonWhenItsThreadFailsForGood() {
        final MasterNode master = scratch.closing(MasterNode.launch(masterContext()));
        final ClientContext context = context(master, "fragile");
        final DragonClient client = scratch.closing(DragonClient.connect(context));
        final TaskHandle open = client.submit(TaskRequest.of("nobody runs this"), TIMEOUT);
        client.call(() -> {
            throw new InternalError("a mapping that is gone");
        });
        final TaskOutcome outcome = open.await(TIMEOUT);
        assertFalse(outcome.isCompleted());
        assertTrue(outcome.toString().contains("a mapping that is gone"), outcome::toString);
        final DragonException refused =
                assertThrows(DragonException.class, () -> client.submit(TaskRequest.of("another"), TIMEOUT));
        assertEquals(
                "client 'fragile' is closed, because the client's thread failed: java.lang.InternalError: a mapping"
                        + " that is gone",
                refused.getMessage());
        assertEquals(DragonClient.CLOSED, client.trySubmit(TaskRequest.of("another")));
        assertFalse(client.isConnected());
        client.close();
        scratch.closing(DragonClient.connect(context)); // its name and its lock are free again
    }

    /** Not even the command that closes it had room in the buffer: the job kept its cameras for as long as the client lived. */
    @Test
    void shouldCloseAJobThatWasGivenUpAsSoonAsThereIsRoomForTheCommand() throws InterruptedException {
        final MasterNode master = scratch.closing(MasterNode.launch(masterContext()));
        final DragonClient client = scratch.closing(DragonClient.connect(
                context(master, "late").commandBufferLength(1 << 14).submitTimeout(Duration.ofSeconds(1))));
        final FramePublisher camera = client.addPublisher("camera", new FramePublisher.Config().slotLength(100));
        client.taskTypeId("frame", TIMEOUT);
        client.taskTypeId("step", TIMEOUT);
        final JobSpec spec =
                new JobSpec().camera(camera.cameraId()).perFrame("frame", 1).perStep("step", 1);
        final CountDownLatch stopped = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);
        client.call(() -> {
            stopped.countDown();
            try {
                goOn.await();
            } catch (final InterruptedException ex) {
                Thread.currentThread().interrupt();
            }
        });
        stopped.await();
        final AtomicReference<Throwable> refusal = new AtomicReference<>();
        final Thread starting = new Thread(() -> {
            try {
                client.startJob(spec);
            } catch (final DragonException ex) {
                refusal.set(ex);
            }
        });
        starting.start();
        // its command is in the buffer when it waits for the answer
        scratch.await("the answer to be awaited", () -> starting.getState() == Thread.State.TIMED_WAITING);
        int submitted = 0;
        while (client.trySubmit(TaskRequest.of("frame")) > 0) {
            submitted++;
        }
        assertTrue(submitted < 1_000, "the buffer is full, and not the client's share");
        starting.join();
        goOn.countDown();
        assertTrue(refusal.get().getMessage().startsWith("no master has taken the job"), () -> "" + refusal.get());
        scratch.await("its camera to be free for another job", () -> {
            try {
                client.startJob(spec);
                return true;
            } catch (final DragonException ex) {
                return false;
            }
        });
    }

    private MasterContext masterContext() {
        final DragonDirectory directory = directory().create();
        return new MasterContext()
                .directory(scratch.directory().resolve("master"))
                .mediaDriverDirectory(directory.aeron())
                .dragonDirectory(directory.path())
                .basePort(Scratch.freeBasePort())
                .timeouts(Timeouts.ci())
                .errorHandler(scratch::onError);
    }

    private ClientContext context(final MasterNode master, final String name) {
        return new ClientContext()
                .directory(directory())
                .aeronDirectoryName(master.aeronDirectoryName())
                .name(name)
                .timeouts(Timeouts.ci())
                .errorHandler(scratch::onError);
    }

    private DragonDirectory directory() {
        return DragonDirectory.of(scratch.directory().resolve("dragon"));
    }
}
