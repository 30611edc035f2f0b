package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.FramePublisher;
import io.dragon.engine.client.JobHandle;
import io.dragon.engine.client.JobSpec;
import io.dragon.engine.client.StepListener;
import io.dragon.engine.client.StepResult;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import io.dragon.worker.voxel.CarveHandler;
import io.dragon.worker.voxel.CarveRule;
import io.dragon.worker.voxel.MaskHandler;
import io.dragon.worker.voxel.MaskRule;
import io.dragon.worker.voxel.PixelFormat;
import io.dragon.worker.voxel.Rig;
import io.dragon.worker.voxel.SyntheticScene;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The voxel job over a scene whose frames are the same in every run: what came out of each step, byte for byte. */
final class CarvedSteps {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    static final int CAMERAS = 4;
    private static final int WIDTH = 320;
    private static final int HEIGHT = 180;
    private static final int CELLS = 48;
    private static final int SLABS = 3;
    private static final int LENGTH = WIDTH * HEIGHT;

    /** By step: inline result and output frame of every slab, in order. */
    final Map<Long, List<byte[]>> slabs = new TreeMap<>();

    /** By step and camera: the mask. */
    final Map<String, byte[]> masks = new ConcurrentHashMap<>();

    JobHandle.Report report;
    private final Supplier<String> trouble;
    private final DragonClient client;

    private CarvedSteps(final Supplier<String> trouble, final DragonClient client) {
        this.trouble = trouble;
        this.client = client;
    }

    /** Runs the job with one client, on whatever workers there are. */
    static CarvedSteps run(
            final DragonClient client, final String name, final int steps, final Supplier<String> trouble) {
        final CarvedSteps result = new CarvedSteps(trouble, client);
        final SyntheticScene scene = new SyntheticScene(CAMERAS, WIDTH, HEIGHT, 2);
        final List<FramePublisher> cameras = new ArrayList<>();
        try {
            for (int i = 0; i < CAMERAS; i++) {
                cameras.add(client.addPublisher(
                        name + '-' + i, new FramePublisher.Config().slotCount(6).slotLength(LENGTH)));
            }
            result.run(client, scene, cameras, steps);
        } finally {
            cameras.forEach(FramePublisher::close);
        }
        return result;
    }

    /** The same bytes, and nothing lost or done twice. */
    void assertSame(final CarvedSteps actual) {
        assertEquals(Reason.NONE, actual.report.reason());
        assertEquals(report, actual.report);
        assertEquals(slabs.keySet(), actual.slabs.keySet());
        slabs.forEach((step, parts) -> {
            final List<byte[]> others = actual.slabs.get(step);
            assertEquals(parts.size(), others.size(), () -> "parts of step " + step);
            for (int i = 0; i < parts.size(); i++) {
                assertArrayEquals(parts.get(i), others.get(i), "part " + i + " of step " + step);
            }
        });
        assertEquals(masks.keySet(), actual.masks.keySet());
        masks.forEach((key, mask) -> assertArrayEquals(mask, actual.masks.get(key), () -> "mask " + key));
    }

    private void run(
            final DragonClient client,
            final SyntheticScene scene,
            final List<FramePublisher> cameras,
            final int steps) {
        final JobHandle job = client.startJob(spec(scene, cameras), new StepListener() {
            @Override
            public void onFrame(final TaskOutcome frame) {
                try (frame) {
                    assertTrue(frame.isCompleted(), frame::toString);
                    masks.put(
                            frame.step() + "/" + frame.part(),
                            bytes(frame.outputs().get(0)));
                }
            }

            @Override
            public void onStep(final StepResult step) {
                try (step) {
                    note(step);
                }
            }
        });
        for (int step = 0; step < steps; step++) {
            for (int i = 0; i < cameras.size(); i++) {
                publish(scene, cameras.get(i), i, step);
            }
        }
        awaitSteps(steps);
        report = job.close(TIMEOUT);
        assertNotNull(report, "the job ends");
    }

    private void awaitSteps(final int steps) {
        Tests.await(() -> count() >= steps, TIMEOUT, () -> count() + " of " + steps + " steps are done; " + trouble());
    }

    private String trouble() {
        return trouble.get() + " " + client.statistics() + " " + client.status().workers();
    }

    private int count() {
        synchronized (slabs) {
            return slabs.size();
        }
    }

    private void note(final StepResult step) {
        final List<byte[]> parts = new ArrayList<>();
        for (final TaskOutcome slab : step.slabs()) {
            parts.add(slab.isCompleted() ? slab.inlineResult() : slab.toString().getBytes());
            for (final FrameLease output : slab.outputs()) {
                parts.add(bytes(output));
            }
        }
        synchronized (slabs) {
            slabs.put(step.step(), parts);
        }
    }

    private static byte[] bytes(final FrameLease lease) {
        final DirectBuffer buffer = lease.buffer();
        final byte[] bytes = new byte[buffer.capacity()];
        buffer.getBytes(0, bytes);
        return bytes;
    }

    private void publish(final SyntheticScene scene, final FramePublisher publisher, final int camera, final int step) {
        final long deadlineNs = System.nanoTime() + TIMEOUT.toNanos();
        while (publisher.claim(LENGTH) < 0) {
            assertTrue(
                    System.nanoTime() - deadlineNs < 0, () -> "no slot of " + publisher + " became free; " + trouble());
            LockSupport.parkNanos(500_000);
        }
        publisher.captured(System.nanoTime());
        publisher.frame().format(FrameFormat.GREY8).width(WIDTH).height(HEIGHT);
        scene.render(camera, step, PixelFormat.GREY8, publisher.frame().buffer(), 0);
        assertTrue(publisher.publish(step, step * 1_000_000L) > 0);
    }

    private static JobSpec spec(final SyntheticScene scene, final List<FramePublisher> cameras) {
        final Rig rig = scene.rig();
        final UnsafeBuffer rigBytes = new UnsafeBuffer(new byte[rig.encodedLength()]);
        rig.encode(rigBytes, 0);
        final UnsafeBuffer mask = new UnsafeBuffer(new byte[MaskRule.ENCODED_LENGTH]);
        MaskRule.difference(20).encode(mask, 0);
        final UnsafeBuffer carve = new UnsafeBuffer(new byte[CarveRule.ENCODED_LENGTH]);
        final CarveRule rule = scene.rule(CELLS);
        new CarveRule(rule.grid(), rule.method(), rule.minCameras(), rule.peakLimit(), true, 0, 1).encode(carve, 0);
        final JobSpec spec = new JobSpec()
                .perFrame(MaskHandler.TYPE, 2)
                .frameParameters(mask.byteArray())
                .perStep(CarveHandler.TYPE, SLABS)
                .stepParameters(carve.byteArray())
                .stepInput(FrameFormat.RIG, rigBytes.byteArray())
                .stepDeadline(Duration.ofSeconds(30))
                .deliverFrameResults(true);
        for (int i = 0; i < cameras.size(); i++) {
            spec.camera(cameras.get(i).cameraId(), rig.pair(i) == Rig.NO_PAIR ? JobSpec.NO_PAIR : rig.pair(i));
        }
        return spec;
    }
}
