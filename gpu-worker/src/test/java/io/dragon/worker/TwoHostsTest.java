package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.client.CameraReader;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.FramePublisher;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.cluster.NetworkContext;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.transfer.TransferContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Cameras on host A, workers on host B: two directories, two media drivers, one master on A. */
class TwoHostsTest {
    private static final int STEPS = 12;
    private static final int LENGTH = 10_000;

    private final Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
    private EmbeddedDragon hostA;
    private SecondHost hostB;

    private void start(final NetworkContext network) {
        hostA = EmbeddedDragon.launch(
                new EmbeddedContext().host("a").network(network).workers(0).errorHandler(errors::add));
        hostB = new SecondHost("b", hostA, errors::add);
    }

    private static NetworkContext network() {
        final int port = TransferLine.freePort();
        return new NetworkContext().addresses(List.of("127.0.0.1")).probePort(0).transfer(() -> new TransferContext()
                .bindAddress("127.0.0.1")
                .port(port)
                .receiveMemory(64L << 20));
    }

    @AfterEach
    void stop() {
        CloseHelper.closeAll(hostB, hostA);
    }

    @Test
    void shouldMakeTheSameMasksAndVoxelsOnAnotherHostBitForBit() {
        start(null);
        final TransferLine line = hostB.with(new TransferLine(
                hostA.directory(),
                hostA.aeronDirectoryName(),
                hostB.directory(),
                hostB.aeronDirectoryName(),
                errors::add));
        final CarvedSteps apart;
        try (WorkerNode one = WorkerNode.launch(hostB.worker("b-1"));
                WorkerNode two = WorkerNode.launch(hostB.worker("b-2"))) {
            apart = CarvedSteps.run(hostA.connect("apart"), "apart", STEPS, () -> line + " " + firstErrors());
            assertEquals(0, one.tasksFailed() + two.tasksFailed(), this::firstErrors);
        }
        final long frames = line.agent(2).counters().framesFetched();
        assertTrue(frames >= STEPS * CarvedSteps.CAMERAS, () -> frames + " frames came to B");
        assertTrue(line.agent(1).counters().framesFetched() >= STEPS, "voxels came to A");
        hostA.addWorker();
        final CarvedSteps together = CarvedSteps.run(hostA.connect("together"), "together", STEPS, this::firstErrors);
        together.assertSame(apart);
    }

    /** As above, with the node agents of both hosts: who meet over the masters, and learn from them where a pool lies. */
    @Test
    void shouldDoSoWithTheNodeAgentsOfBothHosts() {
        start(network());
        hostB.with(hostB.nodeAgent(network()));
        final CarvedSteps apart;
        try (WorkerNode one = WorkerNode.launch(hostB.worker("b-1"))) {
            final DragonClient client = hostA.connect("apart");
            Tests.await(
                    () -> client.status().nodes().size() == 2 && one.isReady(),
                    Duration.ofSeconds(20),
                    () -> client.status().nodes().toString());
            apart = CarvedSteps.run(client, "apart", STEPS, this::firstErrors);
            assertEquals(0, one.tasksFailed(), this::firstErrors);
        }
        hostA.addWorker();
        CarvedSteps.run(hostA.connect("together"), "together", STEPS, this::firstErrors)
                .assertSame(apart);
    }

    @Test
    void shouldReadACameraOfAnotherHostByItsName() {
        start(network());
        hostB.with(hostB.nodeAgent(network()));
        final DragonClient near = hostA.connect("near");
        final DragonClient far = hostB.with(DragonClient.connect(hostB.client("far")));
        final FramePublisher camera = near.addPublisher(
                "camera", new FramePublisher.Config().slotCount(8).slotLength(LENGTH));
        try (CameraReader here = near.subscribe("camera");
                CameraReader there = far.subscribe("camera")) {
            final List<Long> seenHere = new ArrayList<>();
            final List<Long> seenThere = new ArrayList<>();
            final long[] step = {0};
            Tests.await(
                    () -> {
                        if (camera.claim(LENGTH) >= 0) {
                            camera.frame().buffer().setMemory(0, LENGTH, (byte) ++step[0]);
                            camera.frame()
                                    .format(FrameFormat.GREY8)
                                    .width(LENGTH)
                                    .height(1);
                            camera.publish(step[0], step[0]);
                        }
                        here.poll(frame -> note(frame, seenHere), 10);
                        there.poll(frame -> note(frame, seenThere), 10);
                        return seenHere.size() > 20 && seenThere.size() > 20;
                    },
                    Duration.ofSeconds(30),
                    () -> seenHere + " " + seenThere + " " + there.end() + firstErrors());
            assertEquals(seenThere.stream().sorted().distinct().toList(), seenThere, "in order, none twice");
            assertNull(there.end());
            camera.close();
            Tests.await(
                    () -> there.poll(frame -> {}, 10) >= 0 && there.end() != null && here.end() != null,
                    Duration.ofSeconds(30),
                    () -> "its end: " + here.end() + " " + there.end());
        }
        assertThrows(DragonException.class, () -> far.subscribe("nobody"));
    }

    /** The masters do not know the copy that was brought to the client's host: it goes on as an input by value. */
    @Test
    void shouldTakeAFrameThatCameFromAnotherHostAsAnInput() {
        start(network());
        hostB.with(hostB.nodeAgent(network()));
        final DragonClient client = hostA.connect("client");
        try (WorkerNode worker = WorkerNode.launch(
                hostB.worker("b-1").loadHandlers(false).handler(TaskHandler.of("double", TwoHostsTest::makeDouble)))) {
            Tests.await(
                    () -> client.status().nodes().size() == 2 && worker.isReady(),
                    Duration.ofSeconds(20),
                    () -> client.status().nodes().toString());
            final byte[] bytes = new byte[LENGTH];
            java.util.Arrays.fill(bytes, (byte) 3);
            try (TaskOutcome first = finished(client, TaskRequest.of("double").input(bytes));
                    TaskOutcome second = finished(
                            client,
                            TaskRequest.of("double")
                                    .input(first.outputs().get(0).ref()));
                    TaskOutcome third = finished(
                            client,
                            TaskRequest.of("double")
                                    .input(second.outputs().get(0).ref())
                                    .input(new byte[] {1}))) {
                final FrameLease output = third.outputs().get(0);
                assertEquals(24, output.buffer().getByte(LENGTH - 1), this::firstErrors);
                assertEquals(8, output.width(), "what is known of a frame goes with it");
            }
        }
    }

    private static TaskOutcome finished(final DragonClient client, final TaskRequest request) {
        return client.submit(request).get(Duration.ofSeconds(20)).orThrow();
    }

    private static void makeDouble(final TaskContext task) throws TaskFailedException {
        final FrameLease input = task.input(0);
        final FrameClaim output = task.claimOutput(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            output.buffer().putByte(i, (byte) (2 * input.buffer().getByte(i)));
        }
        output.format(FrameFormat.GREY8).width(Math.max(2, 2 * input.width())).height(1);
    }

    private static void note(final FrameLease frame, final List<Long> steps) {
        assertEquals(LENGTH, frame.buffer().capacity());
        assertEquals((byte) frame.step(), frame.buffer().getByte(LENGTH - 1));
        assertEquals(LENGTH, frame.width());
        steps.add(frame.step());
    }

    private String firstErrors() {
        return errors.stream()
                .map(Throwable::toString)
                .distinct()
                .limit(4)
                .toList()
                .toString();
    }
}
