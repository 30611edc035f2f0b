package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A stand-in for the driver's library, for processes that are to find GPUs: its GPUs are this processor and run the kernels' own source.
 * Skips, in words, where there is no compiler.
 */
final class StubDriver {
    private static final long COMPILE_SECONDS = 150;

    private StubDriver() {}

    private static Path sources() {
        final Path here = Path.of("").toAbsolutePath();
        final Path root = Files.isDirectory(here.resolve("gpu-worker")) ? here : here.getParent();
        return root.resolve("gpu-worker/src/test");
    }

    /** Compiles it into a folder; the variables that make a process use it. */
    static Map<String, String> make(final Path folder) throws IOException, InterruptedException {
        final boolean hasCompiler =
                Stream.of(System.getenv("PATH").split(":")).anyMatch(path -> Files.isExecutable(Path.of(path, "g++")));
        assumeTrue(hasCompiler, "no C++ compiler (g++) on this machine");
        final Path library = Files.createDirectory(folder.resolve("driver"));
        compile(
                library,
                "g++",
                "-std=c++14",
                "-O2",
                "-ffp-contract=off",
                "-DDRAGON_ON_HOST",
                "-I",
                sources().resolve("cuda").toString(),
                sources().resolve("cuda/stub_driver.cpp").toString(),
                "-o",
                library.resolve("libcuda.so.1").toString(),
                "-ldl");
        return new HashMap<>(Map.of(
                "LD_LIBRARY_PATH",
                library.toString(),
                "DRAGON_NATIVES",
                folder.resolve("natives").toString(),
                "CUDA_CACHE_PATH",
                folder.resolve("cuda").toString()));
    }

    /** Beside it, a stand-in for NVIDIA's management library, which reads the temperature of a GPU from a file of its UUID in a folder. */
    static void addInstruments(final Path folder, final Map<String, String> environment)
            throws IOException, InterruptedException {
        final Path library = folder.resolve("driver");
        compile(
                library,
                "gcc",
                "-O1",
                sources().resolve("nvml/fake_nvml.c").toString(),
                "-o",
                library.resolve("libnvidia-ml.so.1").toString());
        environment.put("NVML_FOLDER", folder.toString());
    }

    private static void compile(final Path library, final String... words) throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>(List.of(words));
        command.addAll(1, List.of("-shared", "-fPIC"));
        final Path log = library.resolve("compiler.txt");
        final Process compiler = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertTrue(compiler.waitFor(COMPILE_SECONDS, TimeUnit.SECONDS), "the compiler does not end");
        assertEquals(0, compiler.exitValue(), Files.readString(log));
    }
}
