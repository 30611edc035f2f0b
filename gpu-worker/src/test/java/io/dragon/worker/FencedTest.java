package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PartyDeadEncoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.FramePublisher;
import io.dragon.engine.client.JobHandle;
import io.dragon.engine.client.JobSpec;
import io.dragon.engine.client.StepResult;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.cluster.ClusterSession;
import io.dragon.engine.cluster.Party;
import io.dragon.engine.cluster.PartyListener;
import io.dragon.engine.cluster.PartyOptions;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A party that was declared dead and is not: it drops everything and registers anew. */
class FencedTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final AtomicInteger begun = new AtomicInteger();
    private EmbeddedDragon dragon;
    private DragonClient client;

    @BeforeEach
    void start() {
        dragon = EmbeddedDragon.launch(new EmbeddedContext()
                .workers(1)
                .loadHandlers(false)
                .handler(EchoHandler::new)
                .handler("first-time-slow", task -> {
                    if (begun.incrementAndGet() == 1) {
                        while (!task.isRevoked()) {
                            Thread.sleep(1);
                        }
                    }
                    task.claimOutput(100).buffer().putInt(0, begun.get());
                }));
        client = dragon.connect("client");
    }

    @AfterEach
    void stop() {
        dragon.close();
    }

    @Test
    void shouldRunTheTasksOfAFencedWorkerOnItsNextIncarnation() {
        client.submit(TaskRequest.of(EchoHandler.TYPE).input(new byte[1000]))
                .await(TIMEOUT)
                .orThrow()
                .close();
        final var task = client.submit(TaskRequest.of("first-time-slow"));
        Tests.await(() -> begun.get() == 1, TIMEOUT, () -> "not begun");
        final ClusterStatus.Worker worker = client.status().workers().get(0);
        declareDead(worker.id(), worker.incarnation());
        try (TaskOutcome outcome = task.await(TIMEOUT)) {
            assertNotNull(outcome, () -> client.status().toString());
            assertEquals(2, outcome.orThrow().outputs().get(0).buffer().getInt(0));
        }
        assertEquals(2, begun.get());
        assertTrue(client.status().workers().get(0).incarnation() > worker.incarnation());
    }

    @Test
    void shouldGoOnWithAFencedCameraInANewPool() {
        final FramePublisher camera = client.addPublisher("camera", new FramePublisher.Config().slotLength(100));
        final JobHandle job = client.startJob(new JobSpec()
                .camera(camera.cameraId())
                .perFrame(EchoHandler.TYPE, 1)
                .perStep(EchoHandler.TYPE, 1));
        publish(camera, 1);
        step(job, 1);
        final long pool = camera.poolId();
        declareDead(camera.cameraId(), client.status().cameras().get(0).incarnation());
        Tests.await(
                () -> {
                    publish(camera, 0);
                    return camera.poolId() != pool;
                },
                TIMEOUT,
                () -> "the camera keeps its pool");
        Tests.await(() -> camera.sent() > 1, TIMEOUT, () -> camera + ", " + client.status());
        Tests.await(() -> camera.claim(100) >= 0, TIMEOUT, () -> "no slot of " + camera);
        assertTrue(camera.publish(1000, 0) > 0);
        step(job, 1000);
        assertEquals(2, job.close(TIMEOUT).steps());
        Tests.await(
                () -> !dragon.directory().pool(pool).toFile().exists(), TIMEOUT, () -> "the old pool is still there");
    }

    @Test
    void shouldCloseAFencedCameraThatPublishesNoMore() {
        final FramePublisher camera = client.addPublisher("camera", new FramePublisher.Config().slotLength(100));
        final int incarnation = client.status().cameras().get(0).incarnation();
        declareDead(camera.cameraId(), incarnation);
        Tests.await(() -> client.status().cameras().get(0).incarnation() > incarnation, TIMEOUT, () -> client.status()
                .cameras()
                .toString());
        final Thread closing = new Thread(camera::close);
        closing.setDaemon(true);
        closing.start();
        Tests.await(() -> !closing.isAlive(), Duration.ofSeconds(10), () -> "the camera cannot leave: " + camera);
    }

    private static void publish(final FramePublisher camera, final long step) {
        if (camera.claim(100) >= 0) {
            camera.publish(step, 0);
        }
    }

    private static void step(final JobHandle job, final long number) {
        try (StepResult result = job.poll(TIMEOUT)) {
            assertNotNull(result, () -> "no result of step " + number);
            assertEquals(number, result.step());
            assertTrue(result.isCompleted(), result::toString);
        }
    }

    /** As a node agent would say it that has wrong proof. */
    private void declareDead(final int partyId, final int incarnation) {
        final PartyListener deaf = new PartyListener() {
            @Override
            public void onRegistered(final Party party) {}

            @Override
            public void onFenced(final Party party) {}

            @Override
            public void onEvent(
                    final Party party,
                    final int templateId,
                    final DirectBuffer buffer,
                    final int offset,
                    final int length) {}
        };
        try (ClusterSession session = new ClusterSession(new ClusterSession.Context()
                .aeronDirectoryName(dragon.aeronDirectoryName())
                .name("liar"))) {
            final Party node = session.register(PartyKind.NODE, "liar", new PartyOptions(), deaf);
            Tests.await(() -> session.doWork() >= 0 && node.isActive(), TIMEOUT, session::state);
            final PartyDeadEncoder dead = new PartyDeadEncoder();
            dead.wrapAndApplyHeader(node.scratch(), 0, new MessageHeaderEncoder())
                    .partyId(partyId)
                    .incarnation(incarnation)
                    .detectedMs(0);
            final long seq = node.offer(MessageHeaderEncoder.ENCODED_LENGTH + dead.encodedLength());
            Tests.await(() -> session.doWork() >= 0 && node.acknowledgedSeq() >= seq, TIMEOUT, session::state);
        }
    }
}
