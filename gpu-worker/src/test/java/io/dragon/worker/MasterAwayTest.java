package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.client.ClientContext;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.FramePublisher;
import io.dragon.engine.client.JobHandle;
import io.dragon.engine.client.JobSpec;
import io.dragon.engine.client.StepResult;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.cluster.MediaDriverNode;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FullPolicy;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.IoUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A master killed with -9 while clients submit and cameras publish, away for longer than its sessions live, and started again. */
@Tag("long")
@Timeout(180)
class MasterAwayTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final Deque<AutoCloseable> closeables = new ArrayDeque<>();
    private final List<Process> processes = new ArrayList<>();
    private DragonDirectory directory;
    private String driver;
    private int port;

    @BeforeEach
    void start() throws IOException {
        directory = DragonDirectory.of(Files.createTempDirectory(Path.of("/dev/shm"), "dragon-away-"))
                .create();
        driver = closing(MediaDriverNode.launch(new MediaDriverNode.Context()
                        .directory(directory.aeron())
                        .timeouts(MasterProcess.TIMEOUTS)
                        .errorHandler(Throwable::printStackTrace)))
                .aeronDirectoryName();
        port = freePort();
        master("master-1");
    }

    @AfterEach
    void stop() throws Exception {
        while (!closeables.isEmpty()) {
            closeables.pop().close();
        }
        for (final Process process : processes) {
            process.destroyForcibly();
            process.waitFor(10, TimeUnit.SECONDS);
        }
        IoUtil.delete(directory.path().toFile(), true);
    }

    @Test
    void shouldLoseAndDoubleNothingOfTasksAndFramesWhileTheMasterIsAway() throws Exception {
        final int tasks = 1_000;
        final int steps = 200;
        worker("worker-1");
        worker("worker-2");
        final DragonClient client = client("client");
        final DragonClient submitter = client("submitter");
        final List<FramePublisher> cameras = new ArrayList<>();
        final JobSpec spec =
                new JobSpec().perFrame(EchoHandler.TYPE, 1).perStep("sum", 2).stepDeadline(Duration.ofSeconds(60));
        for (int i = 0; i < 2; i++) {
            final FramePublisher camera = closing(client.addPublisher(
                    "camera-" + i,
                    new FramePublisher.Config()
                            .slotCount(8)
                            .slotLength(100)
                            .fullPolicy(FullPolicy.WAIT)
                            .claimTimeoutNs(TIMEOUT.toNanos())));
            cameras.add(camera);
            spec.camera(camera.cameraId(), 0);
        }
        final JobHandle job = client.startJob(spec);
        final AtomicReference<Throwable> failure = new AtomicReference<>();
        final AtomicIntegerArray results = new AtomicIntegerArray(tasks);
        final AtomicInteger finished = new AtomicInteger();
        final AtomicInteger submitted = new AtomicInteger();
        final List<Thread> threads = new ArrayList<>();
        threads.add(thread(failure, () -> {
            for (int i = 0; i < tasks; i++) {
                final int number = i;
                final byte[] bytes = ByteBuffer.allocate(1000).putInt(0, i).array();
                submitter.submit(
                        TaskRequest.of(EchoHandler.TYPE).input(bytes).onDone(outcome -> {
                            if (outcome.isCompleted()
                                    && outcome.outputs()
                                                    .get(0)
                                                    .byteBuffer()
                                                    .order(java.nio.ByteOrder.BIG_ENDIAN)
                                                    .getInt(0)
                                            == number) {
                                results.incrementAndGet(number);
                            } else {
                                failure.compareAndSet(null, new AssertionError(outcome.toString()));
                            }
                            outcome.close();
                            finished.incrementAndGet();
                        }),
                        TIMEOUT);
                submitted.incrementAndGet();
            }
        }));
        for (final FramePublisher camera : cameras) {
            threads.add(thread(failure, () -> {
                for (int step = 1; step <= steps; step++) {
                    assertTrue(camera.claim(100) >= 0, camera::toString);
                    camera.frame().buffer().putInt(0, step);
                    assertTrue(camera.publish(step, 0) > 0, () -> camera.drops().toString());
                }
            }));
        }
        Tests.await(
                () -> finished.get() > tasks / 10 && cameras.get(0).sent() > steps / 10 || failure.get() != null,
                TIMEOUT,
                () -> finished + " tasks, " + cameras);
        kill();
        final long killedNs = System.nanoTime();
        final int before = finished.get();
        Tests.await(() -> !client.isConnected() && !submitter.isConnected(), TIMEOUT, () -> "not noticed");
        master("master-2");
        final long awayMs = (System.nanoTime() - killedNs) / 1_000_000;
        final AtomicIntegerArray stepResults = new AtomicIntegerArray(steps + 1);
        for (int received = 0; received < steps; received++) {
            try (StepResult result = job.poll(TIMEOUT)) {
                assertNotNull(
                        result,
                        () -> "failure " + failure + ", " + submitted + " submitted, " + finished + " finished, "
                                + cameras + ", " + client.statistics());
                assertTrue(result.isCompleted(), result::toString);
                assertEquals(2, result.cameras(), result::toString);
                assertEquals(1, stepResults.incrementAndGet((int) result.step()), result::toString);
            }
        }
        Tests.await(
                () -> finished.get() == tasks || failure.get() != null,
                TIMEOUT,
                () -> submitted + " submitted, " + finished + " finished; " + submitter + ", "
                        + submitter.statistics());
        for (final Thread thread : threads) {
            thread.join(TIMEOUT.toMillis());
        }
        System.out.println("master away for " + awayMs + " ms; " + before + " of " + tasks + " tasks were done before");
        assertTrue(failure.get() == null, () -> failure.get().toString());
        final JobHandle.Report report = job.close(TIMEOUT);
        assertNotNull(report);
        assertEquals(new JobHandle.Report(Reason.NONE, steps, 0, 2L * steps, 0), report);
        for (int i = 0; i < tasks; i++) {
            assertEquals(1, results.get(i), "task " + i);
        }
        for (final FramePublisher camera : cameras) {
            assertEquals(0, camera.drops().total(), () -> camera.drops().toString());
            Tests.await(
                    () -> camera.released(Reason.NONE) == steps,
                    TIMEOUT,
                    () -> camera.released(Reason.NONE) + " of " + steps + " frames given back");
        }
        assertEquals(0, submitter.openTasks());
    }

    @Test
    void shouldDropFramesWhileTheMasterIsAwayWhereThePolicySaysSoAndGoOn() throws Exception {
        worker("worker-1");
        final DragonClient client = client("client");
        final FramePublisher camera = closing(client.addPublisher(
                "camera",
                new FramePublisher.Config().slotCount(4).slotLength(100).awayPolicy(FramePublisher.AwayPolicy.DROP)));
        final JobHandle job = client.startJob(new JobSpec()
                .camera(camera.cameraId())
                .perFrame(EchoHandler.TYPE, 1)
                .perStep("sum", 1));
        publish(camera, 1);
        job.poll(TIMEOUT).close();
        kill();
        Tests.await(() -> !client.isConnected(), TIMEOUT, () -> "not noticed");
        final long sent = camera.sent();
        for (int step = 2; step <= 21; step++) {
            publish(camera, step);
        }
        Tests.await(
                () -> camera.drops().away() == 20, TIMEOUT, () -> camera.drops().toString());
        assertEquals(sent, camera.sent());
        master("master-2");
        Tests.await(client::isConnected, TIMEOUT, client::toString);
        publish(camera, 100);
        try (StepResult result = job.poll(TIMEOUT)) {
            assertNotNull(result);
            assertEquals(100, result.step());
        }
        assertEquals(20, camera.drops().away());
        // who leaves while the master is away does not wait for it for ever
        kill();
        Tests.await(() -> !client.isConnected(), TIMEOUT, () -> "not noticed");
        final long beginNs = System.nanoTime();
        camera.close();
        assertTrue(System.nanoTime() - beginNs < TimeUnit.SECONDS.toNanos(10), "it waits for a master that is away");
    }

    @Test
    void shouldForgetACameraThatCouldNotRegisterWhileTheMasterWasAway() throws Exception {
        final DragonClient client = closing(DragonClient.connect(new ClientContext()
                .directory(directory)
                .aeronDirectoryName(driver)
                .name("client")
                .timeouts(MasterProcess.TIMEOUTS)
                .connectTimeout(Duration.ofSeconds(10))
                .errorHandler(Throwable::printStackTrace)));
        kill();
        Tests.await(() -> !client.isConnected(), TIMEOUT, () -> "not noticed");
        final FramePublisher.Config config = new FramePublisher.Config().slotLength(100);
        final Thread adding = thread(new AtomicReference<>(), () -> client.addPublisher("camera", config));
        adding.join(TIMEOUT.toMillis());
        assertFalse(adding.isAlive());
        master("master-2");
        Tests.await(client::isConnected, TIMEOUT, client::toString);
        final FramePublisher camera = closing(client.addPublisher("camera", config));
        final int incarnation = client.status().cameras().get(0).incarnation();
        assertEquals(camera.cameraId(), client.status().cameras().get(0).id());
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
        Tests.await(
                () -> client.status().cameras().get(0).incarnation() != incarnation
                        || System.nanoTime() - deadlineNs >= 0,
                TIMEOUT,
                () -> "never");
        assertEquals(incarnation, client.status().cameras().get(0).incarnation(), "two cameras fight for one name");
    }

    private void publish(final FramePublisher camera, final long step) {
        Tests.await(() -> camera.claim(100) >= 0, TIMEOUT, () -> "no slot of " + camera + ": " + camera.drops());
        assertTrue(camera.publish(step, 0) > 0);
    }

    private Thread thread(final AtomicReference<Throwable> failure, final Runnable body) {
        final Thread thread = new Thread(() -> {
            try {
                body.run();
            } catch (final Throwable ex) {
                failure.compareAndSet(null, ex);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private DragonClient client(final String name) {
        return closing(DragonClient.connect(new ClientContext()
                .directory(directory)
                .aeronDirectoryName(driver)
                .name(name)
                .timeouts(MasterProcess.TIMEOUTS)
                .errorHandler(Throwable::printStackTrace)));
    }

    private void worker(final String name) {
        final WorkerNode worker = closing(WorkerNode.launch(new WorkerContext()
                .directory(directory)
                .aeronDirectoryName(driver)
                .name(name)
                .timeouts(MasterProcess.TIMEOUTS)
                .loadHandlers(false)
                .handler(new EchoHandler())
                .handler(TaskHandler.of("sum", task -> {}))
                .errorHandler(Throwable::printStackTrace)));
        assertTrue(worker.awaitReady(TIMEOUT), worker::toString);
    }

    private void master(final String name) throws IOException {
        final Path log = folder.resolve(name + ".log");
        processes.add(Tests.java(
                MasterProcess.class,
                log,
                folder.resolve("master").toString(),
                directory.path().toString(),
                driver,
                Integer.toString(port)));
        Tests.await(() -> Tests.read(log).contains("READY"), TIMEOUT, () -> Tests.read(log));
    }

    private void kill() throws InterruptedException {
        final Process master = processes.get(processes.size() - 1);
        master.destroyForcibly();
        assertTrue(master.waitFor(10, TimeUnit.SECONDS));
    }

    private <T extends AutoCloseable> T closing(final T closeable) {
        closeables.push(closeable);
        return closeable;
    }

    private static int freePort() throws IOException {
        for (int attempt = 0; ; attempt++) {
            final int base = 40_000 + 10 * ThreadLocalRandom.current().nextInt(1_000);
            int free = 0;
            for (int i = 0; i < 5; i++) {
                try (DatagramSocket socket = new DatagramSocket(null)) {
                    socket.bind(new InetSocketAddress("localhost", base + i));
                    free++;
                } catch (final IOException ex) {
                    break;
                }
            }
            if (free == 5) {
                return base;
            }
            if (attempt == 1_000) {
                throw new IOException("no free ports");
            }
        }
    }
}
