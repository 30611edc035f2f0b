package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.TaskState;
import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.FramePublisher;
import io.dragon.engine.client.JobHandle;
import io.dragon.engine.client.JobSpec;
import io.dragon.engine.client.Passport;
import io.dragon.engine.client.StepResult;
import io.dragon.engine.client.TaskHandle;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameLease;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.DeviceOptions;
import io.dragon.worker.device.EmulatedDriver;
import io.dragon.worker.device.GpuException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A client on host A, a worker on host B, and frames that have to go from the one to the other. */
class RemoteTasksTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int LENGTH = 3_000;

    private final Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
    private final Semaphore gate = new Semaphore(0);
    private final Timeouts timeouts = Timeouts.dev().with(Timeouts.Key.FETCH_AGENT, TimeUnit.SECONDS.toNanos(1));
    private EmbeddedDragon hostA;
    private SecondHost hostB;
    private CopyingNodeAgent agentA;
    private CopyingNodeAgent agentB;
    private WorkerNode worker;
    private DragonClient client;

    @BeforeEach
    void start() {
        hostA = EmbeddedDragon.launch(
                new EmbeddedContext().workers(0).timeouts(timeouts).errorHandler(errors::add));
        hostB = new SecondHost("b", hostA, errors::add);
        agentA = hostB.with(new CopyingNodeAgent(hostA.directory(), hostB.directory(), hostA.aeronDirectoryName()));
        agentB = hostB.with(new CopyingNodeAgent(hostB.directory(), hostA.directory(), hostB.aeronDirectoryName()));
        worker = hostB.with(WorkerNode.launch(hostB.worker("b-1")
                .timeouts(timeouts)
                .loadHandlers(false)
                .handler(TaskHandler.of("first", this::first))
                .handler(TaskHandler.of("gated", this::gated))
                .handler(TaskHandler.of("none", task -> {}))
                .handler(TaskHandler.of("copy", RemoteTasksTest::copy))
                .handler(TaskHandler.of("width", RemoteTasksTest::width))));
        assertTrue(worker.awaitReady(TIMEOUT));
        client = hostA.connect("client-a");
    }

    @AfterEach
    void stop() {
        gate.release(1_000);
        CloseHelper.closeAll(client, hostB, hostA);
    }

    private void first(final TaskContext task) {
        task.inlineResult().putByte(0, task.input(0).buffer().getByte(LENGTH - 1));
        task.inlineResultLength(1);
    }

    private void gated(final TaskContext task) throws InterruptedException {
        gate.acquire();
        first(task);
    }

    /** Everything there is of its input, as an output. */
    private static void copy(final TaskContext task) throws TaskFailedException {
        final FrameLease input = task.input(0);
        final FrameClaim output = task.claimOutput(input.buffer().capacity());
        output.buffer().putBytes(0, input.buffer(), 0, input.buffer().capacity());
        output.metadata().putInt(0, 5);
        output.metadataLength(4).format(input.format()).width(77).height(input.height());
    }

    private static void width(final TaskContext task) {
        final FrameLease input = task.input(0);
        final boolean isWhole = input.buffer().capacity() == LENGTH
                && input.metadataLength() == 4
                && input.metadata().getInt(0) == 5;
        task.inlineResult().putByte(0, (byte) (isWhole ? input.width() : -1));
        task.inlineResultLength(1);
    }

    private TaskRequest request(final String type, final int value) {
        final byte[] bytes = new byte[LENGTH];
        java.util.Arrays.fill(bytes, (byte) value);
        return TaskRequest.of(type).input(bytes);
    }

    private static int inline(final TaskHandle task) {
        try (TaskOutcome outcome = task.get(TIMEOUT).orThrow()) {
            return outcome.inlineResult()[0];
        }
    }

    private void await(final java.util.function.BooleanSupplier condition, final String what) {
        Tests.await(condition, TIMEOUT, () -> what + "; " + errors);
    }

    /** Three frames are on their way to a GPU that breaks: its copies may go on, and the slots must not be written again. */
    @Test
    void shouldKeepTheFramesThatALostGpuMayStillRead() {
        final Queue<FrameLease> given = new ConcurrentLinkedQueue<>();
        final AtomicBoolean isBroken = new AtomicBoolean();
        final EmulatedDriver driver = new EmulatedDriver(1);
        final WorkerNode gpu = hostB.with(WorkerNode.launch(hostB.worker("b-gpu")
                .timeouts(timeouts)
                .loadHandlers(false)
                .window(4)
                .device(new CudaDevice(driver, DeviceOptions.DEFAULT))
                .handler(new PipelinedHandler() {
                    @Override
                    public String taskType() {
                        return "pipelined";
                    }

                    @Override
                    public boolean start(final TaskContext task) {
                        return given.add(task.input(0));
                    }

                    @Override
                    public boolean isDone(final TaskContext task) {
                        if (isBroken.get()) {
                            throw new GpuException(GpuException.UNKNOWN, "UNKNOWN", "it is gone");
                        }
                        return false;
                    }

                    @Override
                    public void finish(final TaskContext task) {}

                    @Override
                    public void abandon(final TaskContext task) {}
                })));
        assertTrue(gpu.awaitReady(TIMEOUT));
        for (int i = 0; i < 4; i++) {
            client.submit(request("pipelined", i));
        }
        await(() -> given.size() == 3, "three are on the device");
        isBroken.set(true);
        await(gpu::mustEnd, "the worker has to end");
        gpu.close();
        given.forEach(lease -> assertTrue(lease.isHeld(), "a frame was given back while the device may read it"));
        driver.close();
    }

    @Test
    void shouldBringTheNextFrameWhileThePresentOneIsWorkedOn() {
        final TaskHandle one = client.submit(request("gated", 1));
        final TaskHandle two = client.submit(request("gated", 2));
        await(gate::hasQueuedThreads, "the first is worked on");
        await(() -> agentB.broughtCount == 2 && agentB.heldCount == 0, "the second frame is here and leased");
        assertFalse(one.isDone());
        assertTrue(gate.hasQueuedThreads(), "the first is still worked on");
        gate.release(2);
        assertEquals(1, inline(one));
        assertEquals(2, inline(two));
    }

    @Test
    void shouldStampWhenTheFramesOfOtherHostsHadCome() {
        gate.release(1);
        try (TaskOutcome brought =
                client.submit(request("gated", 1)).get(TIMEOUT).orThrow()) {
            final Passport passport = brought.passport();
            assertTrue(passport.isMonotone(), passport::toString);
            assertTrue(passport.durationNs(Passport.Stage.TRANSFER) > 0, passport::toString);
            assertEquals(
                    passport.startedNs() - passport.receivedNs(),
                    passport.durationNs(Passport.Stage.TRANSFER) + passport.durationNs(Passport.Stage.START));
        }
        try (TaskOutcome local = client.submit(TaskRequest.of("none")).get(TIMEOUT)) {
            assertEquals(-1, local.passport().durationNs(Passport.Stage.TRANSFER), "it had no inputs");
            assertTrue(local.passport().durationNs(Passport.Stage.START) >= 0);
        }
    }

    @Test
    void shouldLetTasksWithoutFramesOfOthersPass() {
        agentB.isSlow = true;
        final TaskHandle waits = client.submit(request("first", 3));
        try (TaskOutcome passed = client.submit(TaskRequest.of("none")).get(TIMEOUT)) {
            assertTrue(passed.isCompleted(), passed::toString);
        }
        assertFalse(waits.isDone());
        agentB.isSlow = false;
        assertEquals(3, inline(waits));
    }

    @Test
    void shouldCancelTheFetchWithTheTask() {
        agentB.isSlow = true;
        final TaskHandle task = client.submit(request("first", 4));
        await(() -> agentB.heldCount == 1, "the frame is asked for");
        task.cancel();
        assertEquals(TaskState.CANCELLED, task.get(TIMEOUT).state());
        await(() -> agentB.heldCount == 0, "the frame is not wanted any more");
        agentB.isSlow = false;
        assertEquals(5, inline(client.submit(request("first", 5))));
    }

    @ParameterizedTest
    @CsvSource({"GONE, INPUT_LOST", "CORRUPT, INPUT_CORRUPT", "UNREACHABLE, INPUT_UNREACHABLE"})
    void shouldFailWithTheReasonWhenAnInputDoesNotCome(final FetchOutcome outcome, final Reason reason) {
        agentB.failure = outcome;
        final TaskHandle task = client.submit(request("first", 6).attempts(1));
        try (TaskOutcome failed = task.get(TIMEOUT)) {
            assertEquals(TaskState.FAILED, failed.state(), failed::toString);
            assertEquals(reason, failed.reason(), failed::toString);
            assertTrue(failed.errorText().contains("the copying agent says " + outcome), failed::errorText);
        }
        await(() -> agentB.heldCount == 0, "nothing is wanted any more");
        agentB.failure = null;
        assertEquals(7, inline(client.submit(request("first", 7))));
    }

    @Test
    void shouldSayThatTheWorkersHostHasNoNodeAgent() {
        agentB.close();
        final TaskHandle task = client.submit(request("first", 8).attempts(1));
        try (TaskOutcome failed = task.get(TIMEOUT)) {
            assertEquals(Reason.INPUT_UNREACHABLE, failed.reason(), failed::toString);
            assertTrue(failed.errorText().contains("start dragon gpu-server"), failed::errorText);
        }
    }

    @Test
    void shouldDeliverOutputsOfAnotherHostOnceTheyAreHereAndOtherResultsBefore() {
        agentA.isSlow = true;
        final TaskHandle slow = client.submit(request("copy", 9));
        await(() -> agentA.heldCount == 1, "its output is asked for, " + slow);
        for (int i = 0; i < 20; i++) {
            assertEquals(i, inline(client.submit(request("first", i))));
        }
        // for so long its event is not acknowledged, and emitted again and again
        assertNull(slow.await(Duration.ofMillis(1_500)));
        assertEquals(1, agentA.heldCount, "it is asked for once");
        agentA.isSlow = false;
        try (TaskOutcome outcome = slow.get(TIMEOUT).orThrow()) {
            final FrameLease output = outcome.outputs().get(0);
            assertEquals(LENGTH, output.buffer().capacity());
            assertEquals(9, output.buffer().getByte(LENGTH - 1));
            assertTrue(output.isHeld());
        }
        assertEquals(1, agentA.broughtCount);
        await(() -> client.statistics().tasksCompleted() == 21 && client.openTasks() == 0, "all are done");
    }

    @Test
    void shouldDeliverAResultWhoseOutputCannotBeHadAsLost() {
        agentA.failure = FetchOutcome.GONE;
        try (TaskOutcome lost = client.submit(request("copy", 10)).get(TIMEOUT)) {
            assertEquals(TaskState.FAILED, lost.state());
            assertEquals(Reason.INPUT_LOST, lost.reason());
            assertTrue(lost.errorText().contains("the task completed, but"), lost::errorText);
            assertEquals(0, lost.outputs().size());
        }
        agentA.close();
        try (TaskOutcome lost = client.submit(request("copy", 11)).get(TIMEOUT)) {
            assertEquals(Reason.INPUT_UNREACHABLE, lost.reason());
            assertTrue(lost.errorText().contains("no node agent"), lost::errorText);
        }
    }

    @Test
    void shouldUseTheOutputOfADependencyOnAnotherHost() {
        final TaskHandle copied = client.submit(request("copy", 12));
        final TaskHandle again = client.submit(TaskRequest.of("first").dependsOn(copied.taskId()));
        assertEquals(12, inline(again));
        assertNotNull(copied.get(TIMEOUT));
        copied.outcome().close();
    }

    @Test
    void shouldUseTheOutputOfADependencyThatIsHereAlready() {
        try (TaskOutcome copied =
                client.submit(request("copy", 13)).get(TIMEOUT).orThrow()) {
            // its output is a copy on this host that no other knows
            await(() -> agentA.heldCount == 0, "the output is here");
            final long brought = agentB.broughtCount;
            final TaskHandle again = client.submit(TaskRequest.of("width").dependsOn(copied.taskId()));
            assertEquals(77, inline(again));
            assertEquals(brought + 1, agentB.broughtCount, "it went back as an input");
        }
    }

    @Test
    void shouldUseTheOutputOfADependencyWheneverThatEnds() {
        for (int i = 0; i < 40; i++) {
            final TaskHandle copied = client.submit(request("copy", i));
            final long untilNs = System.nanoTime() + i * 100_000L;
            await(() -> System.nanoTime() - untilNs >= 0, "a moment");
            assertEquals(77, inline(client.submit(TaskRequest.of("width").dependsOn(copied.taskId()))));
            copied.get(TIMEOUT).close();
        }
    }

    @Test
    void shouldEndAJobAfterItsLastResults() {
        final FramePublisher camera = client.addPublisher(
                "camera", new FramePublisher.Config().slotCount(8).slotLength(LENGTH));
        final JobHandle job = client.startJob(new JobSpec()
                .perFrame("copy", 1)
                .perStep("copy", 1)
                .camera(camera.cameraId(), JobSpec.NO_PAIR)
                .stepDeadline(Duration.ofSeconds(5)));
        agentA.isSlow = true;
        for (int step = 1; step <= 3; step++) {
            assertTrue(camera.claim(LENGTH) >= 0);
            camera.frame().buffer().setMemory(0, LENGTH, (byte) step);
            assertTrue(camera.publish(step, step) > 0);
        }
        await(() -> agentA.heldCount == 3, "the voxels are asked for");
        assertNull(job.close(Duration.ofSeconds(1)), "its results are on their way");
        assertNull(job.poll());
        agentA.isSlow = false;
        final JobHandle.Report report = job.close(TIMEOUT);
        assertNotNull(report);
        assertEquals(3, report.steps());
        for (int i = 0; i < 3; i++) {
            try (StepResult step = job.poll()) {
                assertNotNull(step, "every result came before the end");
                final FrameLease voxels =
                        step.slabs().get(0).orThrow().outputs().get(0);
                assertEquals((byte) step.step(), voxels.buffer().getByte(LENGTH - 1));
            }
        }
        camera.close();
    }

    @Test
    void shouldGiveEveryFrameBackOverManyTasks() {
        for (int i = 0; i < 300; i++) {
            assertEquals((byte) i, (byte) inline(client.submit(request("first", i))));
        }
        await(() -> agentB.heldCount == 0, "nothing is held");
    }
}
