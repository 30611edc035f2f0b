package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.dragon.codecs.control.DeviceState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.TaskHandle;
import io.dragon.engine.config.DragonException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Workers, as real processes, whose GPU cannot be used or is lost, each with and without leave to work on the CPU instead: with it they do, and
 * say so; without it they end with one sentence and exit code 1. The driver is a stand-in ({@link StubDriver}).
 */
@Tag("long")
@Timeout(240)
final class GpuFallbackTest {
    private static final String GPU = "GPU-a0a0a0a0-a0a0-a0a0-a0a0-a0a0a0a0a0a0";
    private static final String INSTEAD = "The CPU does the work instead.";
    private static final int TASKS = 30;

    @TempDir
    Path folder;

    private StubSystem system;

    @AfterEach
    void endWhatIsLeft() {
        if (system != null) {
            system.close();
        }
    }

    /** Something that keeps a GPU from being used: the variables that bring it about, and what is said. */
    private record Error(String name, String device, Map<String, String> environment, String sentence) {}

    private List<Error> errors(final Map<String, String> stub) {
        assumeFalse(Files.exists(Path.of("/dev/nvidiactl")), "this machine has a driver");
        final Map<String, String> natives = Map.of("DRAGON_NATIVES", stub.get("DRAGON_NATIVES"));
        return List.of(
                new Error(
                        "no-driver",
                        "0",
                        natives,
                        "GPU 0 cannot be used: there is no driver: NVIDIA's is not installed"),
                new Error(
                        "old-driver",
                        "0",
                        with(stub, "STUB_CUDA", "11040"),
                        "NVIDIA's driver is too old: it speaks CUDA 11.4, and CUDA 12.0 is needed"),
                new Error(
                        "no-permission",
                        GPU,
                        with(stub, "STUB_DEVICES", "1", "STUB_CLOSED", "/dev/nvidia0"),
                        "may not read and write /dev/nvidia0."),
                new Error(
                        "exclusive",
                        GPU,
                        with(stub, "STUB_DEVICES", "1", "STUB_RETAIN", "46"),
                        "GPU " + GPU + " cannot be used: opening Stub GPU 0 (" + GPU
                                + ") failed: the GPU is in exclusive mode and another process has it"),
                new Error(
                        "kernels",
                        "0",
                        with(stub, "STUB_DEVICES", "1", "STUB_PTX", "218"),
                        "the driver cannot compile the kernels for this GPU"),
                new Error(
                        "gone",
                        "0",
                        with(stub, "STUB_DEVICES", "1", "STUB_RETAIN", "999"),
                        "the GPU does not answer; it may have fallen off the bus"),
                new Error(
                        "hangs",
                        "0",
                        with(stub, "STUB_HANG", "init", "DRAGON_GPU_START", "2s"),
                        "GPU 0 cannot be used: NVIDIA's driver hangs: it was asked which GPUs there are, and has not answered"
                                + " for 2s"),
                new Error(
                        "hangs-later",
                        GPU,
                        with(stub, "STUB_DEVICES", "1", "STUB_HANG", "retain", "DRAGON_GPU_START", "10s"),
                        "GPU " + GPU
                                + " cannot be used: NVIDIA's driver hangs: it was asked to open the GPU, and has not"
                                + " answered for 10s"));
    }

    private static Map<String, String> with(final Map<String, String> environment, final String... more) {
        final Map<String, String> all = new HashMap<>(environment);
        for (int i = 0; i < more.length; i += 2) {
            all.put(more[i], more[i + 1]);
        }
        return all;
    }

    @Test
    void shouldEndWithOneSentenceAndExitCode1WhereTheCpuIsNotAllowed() throws Exception {
        system = new StubSystem(folder, "");
        system.startMaster();
        for (final Error error : errors(StubDriver.make(folder))) {
            final Process worker = system.worker(error.name, error.environment, "--device", error.device);
            final String said = ended(worker, error.name);
            assertTrue(said.contains(error.sentence), said);
            assertEquals(1, worker.exitValue(), said);
            assertFalse(said.contains("\tat "), said);
            assertEquals(
                    1,
                    said.lines().filter(line -> line.contains(error.sentence)).count(),
                    said);
            assertFalse(said.contains(INSTEAD), said);
        }
    }

    private String ended(final Process worker, final String log) throws InterruptedException {
        assertTrue(
                worker.waitFor(StubSystem.DEADLINE_S, TimeUnit.SECONDS), () -> "it does not end: " + system.said(log));
        return system.said(log);
    }

    @Test
    void shouldWorkOnTheCpuAndSaySoWhereThatIsAllowed() throws Exception {
        system = new StubSystem(folder, "");
        final DragonClient client = system.startMaster();
        for (final Error error : errors(StubDriver.make(folder))) {
            final Process process = system.worker(error.name, error.environment, "--or-cpu", "--device", error.device);
            for (int i = 0; i < 3; i++) {
                StubSystem.check(StubSystem.submit(client, i), i);
            }
            system.await(
                    "the reason in status",
                    () -> hasSaidWhy(client, error.name), // status comes behind the tasks
                    error.name);
            final ClusterStatus.Worker worker = StubSystem.worker(client, error.name);
            assertTrue(worker.device().startsWith("CPU, "), worker::toString);
            assertTrue(worker.gpu().text().startsWith("on the CPU, because "), worker::toString);
            assertEquals(3, worker.completed());
            assertTrue(
                    client.status().health().reasons().stream().anyMatch(reason -> reason.contains("on the CPU")),
                    () -> client.status().health().toString());
            process.destroy();
            final String said = ended(process, error.name);
            assertEquals(0, process.exitValue(), said);
            assertTrue(said.lines().anyMatch(line -> line.contains(error.sentence) && line.endsWith(INSTEAD)), said);
        }
        assertEquals(0, client.statistics().tasksFailed());
        assertEquals(0, client.statistics().tasksRetried());
    }

    /** Its log said so, and whoever looked at the cluster saw a host without GPUs. */
    @Test
    void shouldShowInStatusThatTheDriverHungWhenTheServerStarted() throws Exception {
        assumeFalse(Files.exists(Path.of("/dev/nvidiactl")), "this machine has a driver");
        final Map<String, String> stub = StubDriver.make(folder);
        system = new StubSystem(folder, "");
        final DragonClient client = system.startMaster();
        system.startServer(with(stub, "STUB_HANG", "init", "DRAGON_GPU_START", "2s"));
        system.await("the worker on the CPU", () -> StubSystem.worker(client, "box-cpu-0") != null, "server");
        system.await("the reason in status", () -> isHangSaid(client), "server");
        StubSystem.check(StubSystem.submit(client, 1), 1);
    }

    private static boolean isHangSaid(final DragonClient client) {
        try {
            return client.status().health().reasons().stream()
                    .anyMatch(
                            reason -> reason.startsWith(
                                    "worker box-gpu of node box was given up: NVIDIA's driver hangs: it was asked which GPUs there are"));
        } catch (final DragonException ex) {
            return false; // masters of a loaded machine answer the next look
        }
    }

    private static boolean hasSaidWhy(final DragonClient client, final String name) {
        try {
            final ClusterStatus.Worker worker = StubSystem.worker(client, name);
            return worker != null && worker.completed() == 3 && worker.gpu().state() == DeviceState.DEGRADED;
        } catch (final DragonException ex) {
            return false; // masters of a loaded machine answer the next look
        }
    }

    /** Off the bus in the midst of work, and not there for the next process. */
    private DragonClient loseTheGpu(final List<TaskHandle> tasks, final String extra) throws Exception {
        final Path lose = folder.resolve("lose");
        final Map<String, String> gpu = StubDriver.make(folder);
        gpu.put("STUB_DEVICES", "1");
        gpu.put("STUB_LOSE", lose.toString());
        gpu.put("STUB_GONE", folder.resolve("gone").toString());
        system = new StubSystem(folder, extra);
        final DragonClient client = system.startMaster();
        system.startServer(gpu);
        system.await("the GPU", () -> StubSystem.worker(client, "box-gpu-0") != null, "server");
        for (int i = 0; i < TASKS; i++) {
            tasks.add(StubSystem.submit(client, i));
            if (i == TASKS / 3) {
                system.await("the first results", () -> tasks.get(5).isDone(), "server");
                system.await( // what it was given: that on the processor may have done the first six
                        "results of the GPU",
                        () -> StubSystem.worker(client, "box-gpu-0").completed() > 0,
                        "server");
                Files.createFile(lose);
            }
        }
        return client;
    }

    @Test
    void shouldGoOnAsAWorkerOnTheCpuWhenTheGpuFellOffTheBusAndThatIsAllowed() throws Exception {
        final List<TaskHandle> tasks = new ArrayList<>();
        final DragonClient client = loseTheGpu(tasks, "gpu: {fallback_to_cpu: true}\nworkers: {cpu: 0}\n");
        for (int i = 0; i < TASKS; i++) {
            StubSystem.check(tasks.get(i), i);
        }
        final String said = system.said("server");
        assertTrue(said.contains("worker 'box-gpu-0' ends: the work of the GPU failed: the GPU does not answer"), said);
        assertTrue(said.contains("exit code 1"), said);
        assertTrue(said.contains(INSTEAD), said);
        final ClusterStatus.Worker worker = StubSystem.worker(client, "box-gpu-0");
        assertEquals(2, worker.incarnation(), "the same worker, a new process");
        assertTrue(worker.device().startsWith("CPU, "), worker::toString);
        assertTrue(
                worker.gpu().text().startsWith("on the CPU, because GPU " + GPU + " cannot be used"), worker::toString);
        assertEquals(TASKS, client.statistics().tasksCompleted());
        assertEquals(0, client.statistics().tasksFailed());
        assertEquals(0, client.statistics().tasksRetried(), "none of them is blamed");
    }

    @Test
    void shouldEndWhenTheGpuFellOffTheBusAndTheCpuIsNotAllowed() throws Exception {
        final List<TaskHandle> tasks = new ArrayList<>();
        final DragonClient client = loseTheGpu(tasks, "workers: {cpu: 1}\n");
        for (int i = 0; i < TASKS; i++) {
            StubSystem.check(tasks.get(i), i);
        }
        system.await(
                "the end of the process that was started again",
                () -> ends("exit code 1: GPU " + GPU + " cannot be used: ")
                        .findAny()
                        .isPresent(),
                "server");
        final String said = system.said("server");
        assertTrue(said.contains("worker 'box-gpu-0' ends: the work of the GPU failed: the GPU does not answer"), said);
        assertFalse(said.contains(INSTEAD), said);
        assertEquals(TASKS, client.statistics().tasksCompleted(), "the worker on the CPU has done the others");
        assertEquals(0, client.statistics().tasksFailed());
        assertEquals(0, client.statistics().tasksRetried());
    }

    private Stream<String> ends(final String words) {
        return system.said("server").lines().filter(line -> line.contains(words));
    }
}
