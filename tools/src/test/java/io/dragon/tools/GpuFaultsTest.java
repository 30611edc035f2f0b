package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.DeviceState;
import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.TaskHandle;
import io.dragon.tools.process.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code dragon gpu-server} whose GPUs, played by stand-ins for the libraries of the driver, fall off the bus and get hot while they work. */
@Tag("long")
@Timeout(240)
final class GpuFaultsTest {
    private static final int TASKS = 60;

    /** The masters are told at once, and this process asks them again and again: the rest of the second is for a busy machine. */
    private static final long MOST_MS = 3_000;

    @TempDir
    Path folder;

    private StubSystem system;

    @AfterEach
    void endWhatIsLeft() {
        system.close();
    }

    private DragonClient start(final Map<String, String> environment) throws IOException {
        system = new StubSystem(folder, "");
        final DragonClient client = system.startMaster();
        system.startServer(environment);
        return client;
    }

    @Test
    void shouldEndTheProcessOfALostGpuStartItAgainAndLoseNothing() throws Exception {
        final Path lose = folder.resolve("lose");
        final Map<String, String> gpu = StubDriver.make(folder);
        gpu.put("STUB_DEVICES", "1");
        gpu.put("STUB_LOSE", lose.toString());
        final DragonClient client = start(gpu);
        final List<TaskHandle> tasks = new ArrayList<>();
        for (int i = 0; i < TASKS; i++) {
            tasks.add(StubSystem.submit(client, i));
            if (i == TASKS / 3) {
                system.await("the first results", () -> tasks.get(5).isDone(), "server");
                Files.createFile(lose);
            }
        }
        for (int i = 0; i < TASKS; i++) {
            StubSystem.check(tasks.get(i), i);
        }
        final String said = system.said("server");
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
        assertTrue(seenMs < MOST_MS, () -> "the mark is 2 s, and it was seen after " + seenMs + " ms");
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

    @Test
    void shouldNotBlameAGpuForTheTimeInWhichItsProcessWasStopped() throws Exception {
        final Map<String, String> gpu = StubDriver.make(folder);
        StubDriver.addInstruments(folder, gpu);
        gpu.put("STUB_DEVICES", "2");
        final DragonClient client = start(gpu);
        final Queue<TaskHandle> open = new ArrayDeque<>();
        load(
                client,
                open,
                () -> worker(client).gpu().state() == DeviceState.OK
                        && worker(client).completed() > 5);
        final long pid = worker(client).processId();
        for (int i = 0; i < 3; i++) {
            ChildProcess.signal(pid, "STOP");
            final long stoppedNs = System.nanoTime();
            load(client, open, () -> System.nanoTime() - stoppedNs > 3_000_000_000L);
            ChildProcess.signal(pid, "CONT");
            final long completed = worker(client).completed();
            load(client, open, () -> worker(client).completed() > completed + 5);
        }
        open.forEach(GpuFaultsTest::complete);
        assertEquals(DeviceState.OK, worker(client).gpu().state());
        assertEquals(
                List.of(),
                client.incidents(0).stream()
                        .filter(incident -> incident.kind() == IncidentKind.DEVICE_UNFIT)
                        .toList());
        assertEquals(0, client.statistics().tasksFailed());
    }

    private static ClusterStatus.Worker worker(final DragonClient client) {
        return StubSystem.worker(client, "box-gpu-1");
    }

    private static void complete(final TaskHandle task) {
        StubSystem.check(task, 7);
    }

    /** Keeps a few tasks going until something has come about. */
    private void load(final DragonClient client, final Queue<TaskHandle> open, final BooleanSupplier condition) {
        system.await(
                "what is waited for under load",
                () -> {
                    while (!open.isEmpty() && open.peek().isDone()) {
                        complete(open.remove());
                    }
                    while (open.size() < 12) {
                        open.add(StubSystem.submit(client, 7));
                    }
                    return client.status().workers().size() == 2 && condition.getAsBoolean();
                },
                "server");
    }
}
