package io.dragon.worker.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.worker.kernels.KernelLibrary;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The way through JCuda and its native code, on a stand-in for NVIDIA's driver library where there is no GPU: what is passed on, what is
 * checked, what is said. Not what a GPU does with it.
 */
class CudaDriverTest {
    @TempDir
    Path folder;

    @Test
    void shouldSayInWordsThatThereIsNoDriverAndHarmNothing() throws Exception {
        final String said = run(null, Map.of(), "probe");
        if (Files.exists(Path.of("/dev/nvidiactl"))) {
            return; // this machine has one
        }
        assertTrue(said.contains("reason=there is no driver: NVIDIA's is not installed on this host"), said);
    }

    @Test
    void shouldSayThatADriverIsTooOldOrBroken() throws Exception {
        assertTrue(run(stub(), Map.of("STUB_CUDA", "11040"), "probe")
                .contains("too old: it speaks CUDA 11.4, and CUDA 12.0 is needed (driver 525 or newer)"));
        assertTrue(run(stub(), Map.of("STUB_INIT", "803"), "probe").contains("restart the host"));
    }

    @Test
    void shouldSayWhatTheUserMayNotOpen() throws IOException {
        Files.createFile(folder.resolve("nvidia0"));
        final Path control = Files.createFile(folder.resolve("nvidiactl"));
        assertEquals(List.of(), GpuProbe.closed(folder), "nothing is closed, and what is not there is not said");
        final Path gpu = folder.resolve("nvidia0");
        final List<String> closed = GpuProbe.closed(folder, node -> !node.equals(gpu));
        assertEquals(List.of(gpu.toString()), closed);
        assertEquals(List.of(control.toString(), gpu.toString()), GpuProbe.closed(folder, node -> false));
        assertEquals(
                "there is no permission: " + System.getProperty("user.name") + " may not read and write " + gpu + ".",
                GpuProbe.words(100, 12_040, closed));
        assertTrue(GpuProbe.words(100, 12_040, List.of()).contains("no GPU"));
        assertTrue(Files.deleteIfExists(control));
        assertEquals("", GpuProbe.elsewhere(List.of(folder)));
        Files.createFile(folder.resolve("libcuda.so.1"));
        assertTrue(GpuProbe.elsewhere(List.of(folder)).endsWith("set LD_LIBRARY_PATH to that"));
    }

    @Test
    void shouldNumberGpusInTheOrderOfTheirPciAddresses() throws Exception {
        final List<String> said = run(stub(), Map.of("STUB_DEVICES", "3"), "list")
                .lines()
                .filter(line -> line.startsWith("GpuInfo"))
                .toList();
        assertEquals(3, said.size());
        assertTrue(said.get(0).contains("ordinal=0, name=Stub GPU 2, uuid=GPU-a2a2a2a2-a2a2-a2a2-a2a2-a2a2a2a2a2a2"));
        assertTrue(said.get(2).contains("ordinal=2, name=Stub GPU 0"));
        assertTrue(said.get(0).contains("pciBusId=0000:7e:00.0, major=9, minor=0, multiprocessors=4"), said.get(0));
    }

    @Test
    void shouldShowTheOthersWhereOneGpuIsBrokenAndLeaveThemTheirNumbers() throws Exception {
        final String said = run(stub(), Map.of("STUB_DEVICES", "3", "STUB_BROKEN", "1"), "list");
        assertTrue(said.contains("ordinal=0, name=Stub GPU 2"), said);
        assertTrue(said.contains("ordinal=2, name=Stub GPU 0"), said);
        assertFalse(said.contains("ordinal=1"), said);
        assertTrue(
                said.contains(
                        "GPU 1 (0000:7f:00.0) cannot be used: asking it what it is failed: the GPU does not answer"),
                said);
        assertTrue(run(stub(), Map.of("STUB_DEVICES", "1", "STUB_BROKEN", "0"), "list")
                .contains("reason=GPU 0 (0000:80:00.0) cannot be used: "));
    }

    @Test
    void shouldWorkThroughJcudaWithoutAllocatingOnTheSteadyPath() throws Exception {
        final String said = run(stub(), Map.of(), "work");
        assertTrue(said.contains("wrong 0"), said);
        assertTrue(said.contains("allocated nothing"), said);
        assertTrue(said.contains("elapsed true"), said);
        final long mib = 1 << 20;
        assertTrue(
                said.contains("free " + (1_024 - 80 - 2) * mib + ", own " + (80 + 2) * mib),
                () -> "a context and two modules: " + said);
        assertTrue(said.contains("closed"), said);
        assertFalse(said.contains("leak"), said);
    }

    @Test
    void shouldCheckEveryCodeThatComesBack() throws Exception {
        final String said = run(stub(), Map.of(), "errors");
        assertTrue(said.contains("101 false false opening GPU GPU-none failed: there is no such GPU"), said);
        assertTrue(
                said.contains("2 false true taking 1048576.0 MiB of device memory failed: the GPU has not enough"),
                said);
        assertTrue(said.contains("500 false false looking for kernel no_such_kernel of mask failed"), said);
        assertTrue(said.contains("500 false false looking for the kernels of no_such_module failed"), said);
        assertTrue(said.contains("713 false false taking back a pinning failed"), said);
        assertTrue(run(stub(), Map.of("STUB_RETAIN", "46"), "errors")
                .contains("46 false false opening Stub GPU 1 (GPU-a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1) failed:"
                        + " the GPU is in exclusive mode and another process has it"));
    }

    @Test
    void shouldTakeAnErrorOfQueuedWorkForTheEndOfTheGpuWhateverItsCode() throws Exception {
        final String said = run(stub(), Map.of("STUB_QUERY", "304"), "errors");
        assertTrue(said.contains("304 true false the work of the GPU failed"), said);
    }

    @Test
    void shouldTellWhatTheCompilerOfTheDriverSays() throws Exception {
        final String said = run(stub(), Map.of("STUB_PTX", "218"), "errors");
        assertTrue(
                said.contains(
                        "218 false false loading the kernels of mask (its compiler says: ptxas fatal: stub) failed:"
                                + " the driver cannot compile the kernels for this GPU"),
                said);
    }

    @Test
    void shouldLetGarbageBeCollectedWhileTheDriverCompiles() throws Exception {
        final String said = run(stub(), Map.of("STUB_JIT_MS", "2000"), "compile");
        assertTrue(said.contains("collected while it compiles: true"), said);
    }

    /** The library of this driver does not let the process end in order either. */
    @Test
    void shouldWaitForADriverThatHangsNoLongerThanItMay() throws Exception {
        final String words = " (sudo dmesg may show why; often only a restart of the host helps).";
        final String probe = run(stub(), hang("init"), "hang");
        assertTrue(
                probe.contains(
                        "same true, NVIDIA's driver hangs: it was asked which GPUs there are, and has not answered"
                                + " for 300ms" + words),
                probe);
        assertTrue(probe.contains("stuck true"), probe);
        final String open = run(stub(), hang("retain"), "open");
        assertTrue(
                open.contains(
                        "GPU GPU-a0a0a0a0-a0a0-a0a0-a0a0-a0a0a0a0a0a0 cannot be used: NVIDIA's driver hangs: it was"
                                + " asked to open the GPU, and has not answered for 5s" + words),
                open);
        assertTrue(open.contains("stuck true"), open);
        final String well = run(stub(), Map.of("STUB_DEVICES", "1"), "open");
        assertTrue(well.contains("opened GPU-a0a0a0a0-") && well.contains("stuck false"), well);
    }

    private static Map<String, String> hang(final String call) {
        return Map.of(
                "STUB_DEVICES",
                "1",
                "STUB_HANG",
                call,
                DriverCall.LIMIT_ENV_NAME,
                call.equals("init") ? "300ms" : "5s"); // in which other calls have to come back
    }

    @Test
    void shouldUnpackItsLibrariesForAUserWithoutAName() throws Exception {
        final String said = run(
                stub(),
                Map.of(
                        NativeLibraries.FOLDER_ENV_NAME,
                        folder.resolve("natives").toString(),
                        "NAME_FOR_TEST",
                        "?"),
                "list");
        assertTrue(said.contains("Stub GPU 0"), said);
    }

    @Test
    void shouldKeepTheContextsOfTwoGpusApartInOneThread() throws Exception {
        final String said = run(stub(), Map.of(), "two");
        assertTrue(said.contains("both work"), said);
    }

    @Test
    void shouldUnpackItsLibrariesWholeWhoeverElseDoesSo() throws Exception {
        final Path natives = folder.resolve("natives");
        final Path temporary = Files.createDirectories(folder.resolve("temporary"));
        final Map<String, String> env =
                Map.of(NativeLibraries.FOLDER_ENV_NAME, natives.toString(), "TMP_FOR_TEST", temporary.toString());
        final List<Process> racers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            racers.add(start(stub(), env, "list", folder.resolve("log" + i)));
        }
        for (int i = 0; i < racers.size(); i++) {
            assertTrue(racers.get(i).waitFor(60, TimeUnit.SECONDS));
            final String said = Files.readString(folder.resolve("log" + i));
            assertEquals(0, racers.get(i).exitValue(), said);
            assertTrue(said.contains("loaded " + natives), said);
            assertTrue(said.contains("temporary directory " + temporary), said);
        }
        assertEquals(1, files(natives), "no left-overs");
        assertEquals(0, files(temporary), "JCuda unpacked for itself");
        // what is broken is put right
        try (Stream<Path> found = Files.walk(natives)) {
            final Path library = found.filter(Files::isRegularFile).findFirst().orElseThrow();
            Files.write(library, new byte[100]);
        }
        assertTrue(run(stub(), env, "list").contains("Stub GPU 0"));
    }

    private static long files(final Path folder) throws IOException {
        try (Stream<Path> found = Files.walk(folder)) {
            return found.filter(Files::isRegularFile).count();
        }
    }

    private static Path stub() {
        return KernelLibrary.build("libcuda.so.1", Path.of("src", "test", "cuda", "stub_driver.cpp"), "-ldl");
    }

    private String run(final Path stub, final Map<String, String> env, final String what) throws Exception {
        final Path log = Files.createTempFile(folder, "log", ".txt");
        final Process process = start(stub, env, what, log);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it does not end: " + Files.readString(log));
        assertEquals(0, process.exitValue(), Files.readString(log));
        return Files.readString(log);
    }

    private static Process start(final Path stub, final Map<String, String> env, final String what, final Path log)
            throws IOException {
        final List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        if (env.containsKey("TMP_FOR_TEST")) {
            command.add("-Djava.io.tmpdir=" + env.get("TMP_FOR_TEST"));
        }
        if (env.containsKey("NAME_FOR_TEST")) {
            command.add("-Duser.name=" + env.get("NAME_FOR_TEST"));
        }
        command.addAll(List.of("--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED", "-Xmx128m", "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.addAll(List.of(CudaDriverProcess.class.getName(), what));
        final ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(env);
        if (stub != null) {
            builder.environment()
                    .put("LD_LIBRARY_PATH", stub.toAbsolutePath().getParent().toString());
        }
        return builder.start();
    }
}
