package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClientContext;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.TaskHandle;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.tools.process.ChildProcess;
import io.dragon.tools.process.PortClaim;
import io.dragon.worker.hash.Blake3;
import io.dragon.worker.hash.BlockTable;
import io.dragon.worker.hash.HashHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code dragon gpu-server} whose GPUs, played by stand-ins for the libraries of the driver, fall off the bus and get hot while they work. */
@Tag("long")
@Timeout(240)
final class GpuFaultsTest {
    private static final long DEADLINE_S = 60;
    private static final int TASKS = 60;
    private static final int BLOCK = 3_000;

    @TempDir
    Path folder;

    private final Deque<AutoCloseable> closeables = new ArrayDeque<>();

    @AfterEach
    void endWhatIsLeft() {
        closeables.forEach(CloseHelper::quietClose);
    }

    private <T extends AutoCloseable> T closing(final T closeable) {
        closeables.push(closeable);
        return closeable;
    }

    @Test
    void shouldEndTheProcessOfALostGpuStartItAgainAndLoseNothing() throws Exception {
        final Path lose = folder.resolve("lose");
        final Map<String, String> gpu = StubDriver.make(folder);
        gpu.put("STUB_DEVICES", "1");
        gpu.put("STUB_LOSE", lose.toString());
        final DragonClient client = start(gpu);
        final byte[][] expected = new byte[TASKS][];
        final Blake3 hash = Blake3.scalar();
        final List<TaskHandle> tasks = new ArrayList<>();
        for (int i = 0; i < TASKS; i++) {
            final byte[] frame = frame(i);
            tasks.add(
                    client.submit(TaskRequest.of(HashHandler.TYPE).input(FrameFormat.BLOCKS, new UnsafeBuffer(frame))));
            expected[i] = hash.digest(Arrays.copyOfRange(frame, BlockTable.dataOffset(1), frame.length));
            if (i == TASKS / 3) {
                await("the first results", () -> tasks.get(5).isDone());
                Files.createFile(lose);
            }
        }
        for (int i = 0; i < TASKS; i++) {
            try (TaskOutcome outcome =
                    tasks.get(i).get(Duration.ofSeconds(DEADLINE_S)).orThrow()) {
                assertArrayEquals(
                        expected[i], Arrays.copyOf(outcome.inlineResult(), Blake3.DIGEST_LENGTH), "task " + i);
            }
        }
        final String said = said("server");
        assertFalse(Files.exists(lose), () -> "no process has lost its GPU: " + said);
        assertTrue(said.contains("worker 'box-gpu-0' ends: the work of the GPU failed: the GPU does not answer"), said);
        assertTrue(said.contains("box-gpu-0: ended after"), said);
        assertTrue(said.contains("exit code 1"), said);
        assertTrue(said.contains("started again"), said);
        assertEquals(TASKS, client.statistics().tasksCompleted());
        assertEquals(0, client.statistics().tasksFailed());
        assertEquals(2, client.status().workers().get(0).incarnation(), "the same worker, a new process");
    }

    @Test
    void shouldTakeTheWorkOfAHotGpuElsewhereWithinTwoSecondsAndGiveItWorkAgain() throws Exception {
        final Map<String, String> gpus = StubDriver.make(folder);
        StubDriver.addInstruments(folder, gpus);
        gpus.put("STUB_DEVICES", "2");
        final Path thermometer = folder.resolve("GPU-a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1");
        Files.writeString(thermometer, "61");
        final DragonClient client = start(gpus);
        final Queue<TaskHandle> open = new ArrayDeque<>();
        load(client, open, () -> worker(client).completed() > 5);

        Files.writeString(thermometer, "97");
        final long hotNs = System.nanoTime();
        load(client, open, () -> worker(client).state() == WorkerState.UNFIT);
        final long seenMs = (System.nanoTime() - hotNs) / 1_000_000;
        System.out.println("a hot GPU has no work after " + seenMs + " ms");
        assertTrue(seenMs < 4_000, () -> "the mark is 2 s: " + seenMs + " ms");
        assertEquals(0, worker(client).assigned());
        assertEquals(
                "the GPU is too hot: 97 C, limit 90, gets work again at 80",
                worker(client).gpu().text());
        final long completed = worker(client).completed();
        final long all = client.statistics().tasksCompleted();
        load(client, open, () -> client.statistics().tasksCompleted() > all + 20);
        assertEquals(completed, worker(client).completed(), "the other GPU does it");

        Files.writeString(thermometer, "61");
        load(client, open, () -> worker(client).completed() > completed + 5);
        open.forEach(GpuFaultsTest::complete);
        assertEquals(0, client.statistics().tasksFailed());
    }

    private static ClusterStatus.Worker worker(final DragonClient client) {
        return client.status().workers().stream()
                .filter(worker -> worker.name().equals("box-gpu-1"))
                .findFirst()
                .orElseThrow();
    }

    private static void complete(final TaskHandle task) {
        try (TaskOutcome outcome = task.get(Duration.ofSeconds(DEADLINE_S)).orThrow()) {
            assertTrue(outcome.isCompleted());
        }
    }

    /** Keeps a few tasks going until something has come about. */
    private void load(final DragonClient client, final Queue<TaskHandle> open, final BooleanSupplier condition) {
        final UnsafeBuffer frame = new UnsafeBuffer(frame(7));
        await("what is waited for under load", () -> {
            while (!open.isEmpty() && open.peek().isDone()) {
                complete(open.remove());
            }
            while (open.size() < 12) {
                open.add(client.submit(TaskRequest.of(HashHandler.TYPE).input(FrameFormat.BLOCKS, frame)));
            }
            return client.status().workers().size() == 2 && condition.getAsBoolean();
        });
    }

    /** A master and a GPU server; and a client of theirs. */
    private DragonClient start(final Map<String, String> environment) throws IOException {
        final DragonDirectory directory = DragonDirectory.of(folder.resolve("shared"));
        final Path config = configuration(directory);
        environment.put("DRAGON_CONF", config.toString());
        start("master", environment, "master");
        start("server", environment, "gpu-server", "--config", config.toString());
        return closing(DragonClient.connect(
                new ClientContext().directory(directory).name("test").connectTimeout(Duration.ofSeconds(DEADLINE_S))));
    }

    private Path configuration(final DragonDirectory directory) throws IOException {
        final PortClaim ports = closing(PortClaim.claim(29_000, 29_500));
        final int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        return Files.writeString(
                folder.resolve("gpu_server.yaml"),
                "server: {port: " + port + "}\nnode: {name: box}\ndragon: {dir: \"" + directory.path() + "\"}\n"
                        + "masters: {directory: \"" + folder.resolve("data") + "\", base_port: " + ports.first() + "}\n"
                        + "timeouts: {profile: ci}\ngpu_health: {restore_after: 1s}\n");
    }

    private static byte[] frame(final int seed) {
        final byte[] frame = new byte[BlockTable.dataOffset(1) + BLOCK];
        new Random(seed).nextBytes(frame);
        final UnsafeBuffer buffer = new UnsafeBuffer(frame);
        BlockTable.header(buffer, 1);
        BlockTable.entry(buffer, 0, BlockTable.dataOffset(1), BLOCK, 0, true);
        return frame;
    }

    private ChildProcess start(final String log, final Map<String, String> environment, final String... args) {
        return closing(ChildProcess.start(log, folder, environment, "256m", List.of(args)));
    }

    private String said(final String log) {
        try {
            return Files.readString(folder.resolve(log + ".log"));
        } catch (final IOException ex) {
            return ex.toString();
        }
    }

    private void await(final String what, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.getAsBoolean()) {
            assertTrue(
                    System.nanoTime() - deadlineNs < 0,
                    () -> what + " did not come: " + said("master") + said("server"));
            LockSupport.parkNanos(5_000_000);
        }
    }
}
