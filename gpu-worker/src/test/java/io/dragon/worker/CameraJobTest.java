package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.FramePublisher;
import io.dragon.engine.client.JobHandle;
import io.dragon.engine.client.JobSpec;
import io.dragon.engine.client.NetworkTopology;
import io.dragon.engine.client.StepListener;
import io.dragon.engine.client.StepResult;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CameraJobTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int CAMERAS = 4;
    private static final int SLABS = 2;
    private static final int SLOTS = 16;
    private static final int LENGTH = 1000;
    private static final int BAD = 666;
    private static final AtomicInteger NEXT_NAME = new AtomicInteger();

    private static EmbeddedDragon dragon;
    private final List<FramePublisher> cameras = new ArrayList<>();
    private DragonClient client;

    @BeforeAll
    static void start() {
        dragon = EmbeddedDragon.launch(new EmbeddedContext()
                .workers(2)
                .loadHandlers(false)
                .handler("difference", CameraJobTest::difference)
                .handler("collect", CameraJobTest::collect));
    }

    @AfterAll
    static void stop() {
        dragon.close();
    }

    /** Per frame: 4 bytes, the difference of this frame's value and the one before. */
    private static void difference(final TaskContext task) throws TaskFailedException {
        if (task.input(0).buffer().getInt(0) == BAD) {
            throw new TaskFailedException(Reason.BAD_INPUT, "this one is bad");
        }
        final FrameLease before = task.inputCount() > 1 ? task.input(1) : null;
        final FrameClaim mask = task.claimOutput(4);
        mask.buffer()
                .putInt(
                        0,
                        task.input(0).buffer().getInt(0)
                                - (before == null ? 0 : before.buffer().getInt(0)));
        mask.step(task.step());
    }

    /** Per step: the sum of the differences, times the slab's number plus one, and the first byte of the job's own input. */
    private static void collect(final TaskContext task) {
        int sum = 0;
        for (int i = 1; i < task.inputCount(); i++) {
            if (task.input(i) != null) {
                sum += task.input(i).buffer().getInt(0);
            }
        }
        task.inlineResult().putInt(0, sum * (task.part() + 1));
        task.inlineResult().putByte(4, task.input(0).buffer().getByte(0));
        task.inlineResultLength(5);
    }

    @BeforeEach
    void connect() {
        final int run = NEXT_NAME.incrementAndGet();
        client = dragon.connect("job-client-" + run);
        for (int i = 0; i < CAMERAS; i++) {
            cameras.add(client.addPublisher(
                    "camera-" + run + '-' + i,
                    new FramePublisher.Config().slotCount(SLOTS).slotLength(LENGTH)));
        }
    }

    @AfterEach
    void disconnect() {
        cameras.forEach(FramePublisher::close);
        client.close();
    }

    private JobSpec spec() {
        final JobSpec spec = new JobSpec()
                .perFrame("difference", 2)
                .perStep("collect", SLABS)
                .stepInput(FrameFormat.RAW, new byte[] {42})
                .stepDeadline(Duration.ofSeconds(5));
        for (int i = 0; i < CAMERAS; i++) {
            spec.camera(cameras.get(i).cameraId(), i / 2);
        }
        return spec;
    }

    private void publish(final FramePublisher camera, final long step, final int value) {
        final long deadlineNs = System.nanoTime() + TIMEOUT.toNanos();
        while (camera.claim(LENGTH) < 0) {
            assertTrue(
                    System.nanoTime() - deadlineNs < 0,
                    () -> "no slot of " + camera + ": " + camera.drops() + client.statistics()
                            + client.status().workers());
            LockSupport.parkNanos(100_000);
        }
        camera.frame().buffer().putInt(0, value);
        camera.captured(System.nanoTime());
        assertTrue(camera.publish(step, step * 1_000_000) > 0);
    }

    @Test
    void shouldCompleteEveryStepAndGiveEverySlotBackOverAThousandFrames() {
        final int steps = 250;
        final JobHandle job = client.startJob(spec());
        int received = 0;
        for (int step = 1; step <= steps; step++) {
            for (int i = 0; i < CAMERAS; i++) {
                publish(cameras.get(i), step, step * step);
            }
            StepResult result;
            while ((result = job.poll()) != null) {
                check(result);
                received++;
            }
        }
        while (received < steps) {
            final StepResult result = job.poll(TIMEOUT);
            assertNotNull(result, "step " + (received + 1) + " of " + steps);
            check(result);
            received++;
        }
        final JobHandle.Report report = job.close(TIMEOUT);
        assertNotNull(report);
        assertEquals(Reason.NONE, report.reason());
        assertEquals(steps, report.steps());
        assertEquals(0, report.stepsIncomplete());
        assertEquals((long) steps * CAMERAS, report.framesAccepted());
        assertEquals(0, report.framesRefused());
        assertNull(job.poll());
        for (final FramePublisher camera : cameras) {
            Tests.await(
                    () -> camera.released(Reason.NONE) == steps,
                    TIMEOUT,
                    () -> camera.released(Reason.NONE) + " of " + steps + " frames given back");
            assertEquals(0, camera.refused());
            assertEquals(steps, camera.sent());
            for (int i = 0; i < SLOTS; i++) {
                assertTrue(camera.claim(LENGTH) >= 0, "slot " + i + " is free");
                camera.publishForTask(new io.dragon.engine.frame.FrameRef(), 0, 0);
            }
        }
    }

    private static void check(final StepResult result) {
        try (result) {
            assertTrue(result.isCompleted(), result::toString);
            assertEquals(SLABS, result.slabs().size());
            assertEquals(CAMERAS, result.cameras());
            final long step = result.step();
            final long expected = step == 1 ? CAMERAS : CAMERAS * (step * step - (step - 1) * (step - 1));
            for (int slab = 0; slab < SLABS; slab++) {
                final TaskOutcome outcome = result.slabs().get(slab);
                final byte[] bytes = outcome.inlineResult();
                assertEquals(
                        expected * (slab + 1),
                        java.nio.ByteBuffer.wrap(bytes)
                                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                                .getInt());
                assertEquals(42, bytes[4]);
                assertEquals(slab, outcome.part());
                assertTrue(outcome.passport().isMonotone(), outcome.passport()::toString);
            }
        }
    }

    @Test
    void shouldRunAStepWithoutASilentCameraAtItsDeadline() {
        final JobHandle job = client.startJob(spec().stepDeadline(Duration.ofSeconds(2)));
        for (int i = 0; i < CAMERAS - 1; i++) {
            publish(cameras.get(i), 1, 5);
        }
        try (StepResult result = job.poll(TIMEOUT)) {
            assertNotNull(result);
            assertTrue(result.isCompleted());
            assertEquals(0b0111, result.cameraBits());
        }
        assertEquals(1, job.close(TIMEOUT).stepsIncomplete());
    }

    @Test
    void shouldGiveBackWhatComesAfterTheHandleWasClosedWithoutWaiting() {
        final JobHandle job = client.startJob(spec());
        for (final FramePublisher camera : cameras) {
            publish(camera, 1, 5);
        }
        Thread.currentThread().interrupt();
        job.close();
        assertTrue(Thread.interrupted());
        Tests.await(job::isClosed, TIMEOUT, () -> "the end of " + job);
        assertEquals(1, job.report().steps());
        assertNull(job.poll());
    }

    @Test
    void shouldDeliverResultsToAListenerAndThoseOfFramesWhenAsked() {
        final AtomicInteger frames = new AtomicInteger();
        final AtomicInteger steps = new AtomicInteger();
        final JobHandle job = client.startJob(spec().deliverFrameResults(true), new StepListener() {
            @Override
            public void onStep(final StepResult result) {
                steps.incrementAndGet();
                result.close();
            }

            @Override
            public void onFrame(final TaskOutcome outcome) {
                frames.incrementAndGet();
                outcome.close();
            }
        });
        for (int step = 1; step <= 5; step++) {
            for (final FramePublisher camera : cameras) {
                publish(camera, step, step);
            }
        }
        Tests.await(
                () -> steps.get() == 5 && frames.get() == 5 * CAMERAS,
                TIMEOUT,
                () -> steps + " steps, " + frames + " frames");
        assertEquals(5, job.close(TIMEOUT).steps());
    }

    /** Its result names no camera, and was once taken for that of a frame. */
    @Test
    void shouldDeliverAStepOfWhichEveryFrameFailed() {
        final List<Integer> present = new CopyOnWriteArrayList<>();
        final AtomicInteger failed = new AtomicInteger();
        final JobHandle job = client.startJob(spec().deliverFrameResults(true), new StepListener() {
            @Override
            public void onStep(final StepResult result) {
                present.add(result.cameraBits());
                result.close();
            }

            @Override
            public void onFrame(final TaskOutcome outcome) {
                failed.addAndGet(outcome.isCompleted() ? 0 : 1);
                outcome.close();
            }
        });
        cameras.forEach(camera -> publish(camera, 1, BAD));
        Tests.await(
                () -> present.size() == 1 && failed.get() == CAMERAS,
                TIMEOUT,
                () -> present + " steps, " + failed + " frames failed");
        assertEquals(List.of(0), present);
        assertEquals(1, job.close(TIMEOUT).steps());
    }

    @Test
    void shouldRefuseAJobWhoseCameraIsInUseAndReleaseFramesWithoutAJob() {
        publish(cameras.get(0), 1, 1);
        Tests.await(
                () -> cameras.get(0).released(Reason.NO_JOB) == 1,
                TIMEOUT,
                () -> "refused: " + cameras.get(0).refused());
        final JobHandle job = client.startJob(spec());
        final DragonException ex = assertThrows(DragonException.class, () -> client.startJob(spec()));
        assertTrue(ex.getMessage().contains("CAMERA_IN_USE"), ex.getMessage());
        assertEquals(Reason.NONE, job.close(TIMEOUT).reason());
        assertTrue(job.isClosed());
    }

    @Test
    void shouldComputeTheWaysBetweenNodesAnew() {
        final NetworkTopology topology = client.optimizeNetworkTopology();
        assertEquals(client.status().nodes().size(), topology.nodes());
        assertEquals(0, topology.changed() + topology.relayed() + topology.unreachable());
        assertEquals(List.of(), client.status().links());
        assertEquals(Map.of(), client.allocateCameras(Map.of()));
    }

    @Test
    void shouldAllocateCamerasPairsTogether() {
        final Map<Integer, Integer> pairs = new HashMap<>();
        for (int i = 0; i < CAMERAS; i++) {
            pairs.put(cameras.get(i).cameraId(), i / 2);
        }
        final Map<Integer, Integer> nodes = client.allocateCameras(pairs);
        assertEquals(pairs.keySet(), nodes.keySet());
        assertEquals(
                nodes.get(cameras.get(0).cameraId()), nodes.get(cameras.get(1).cameraId()));
        assertFalse(nodes.isEmpty());
    }
}
