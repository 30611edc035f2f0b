package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The command as a process, with JCuda and its native code, on a stand-in for the driver's library whose GPUs are this processor and run the
 * kernels' own source. What it says of speed means nothing.
 */
@Tag("long")
final class GpuCheckProcessTest {
    private static final String GPU = "GPU-a0a0a0a0-a0a0-a0a0-a0a0-a0a0a0a0a0a0";

    private static final String SECOND = "GPU-a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1";

    @TempDir
    Path folder;

    private int run(final Path log, final Map<String, String> environment, final List<String> command)
            throws IOException, InterruptedException {
        final ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("DRAGON_"));
        builder.environment().putAll(environment);
        final Process process =
                builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            assertTrue(process.waitFor(150, TimeUnit.SECONDS), () -> "it does not end: " + command);
        } finally {
            process.destroyForcibly();
        }
        return process.exitValue();
    }

    @Test
    void shouldCheckAGpuFromItsFirstCallToItsReport() throws Exception {
        final Path log = folder.resolve("log.txt");
        final Map<String, String> environment = StubDriver.make(folder);
        final Path temporary = Files.createDirectory(folder.resolve("tmp"));
        final Path out = folder.resolve("results");
        final List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-opens",
                "java.base/jdk.internal.misc=ALL-UNNAMED",
                "--add-opens",
                "java.base/java.util.zip=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                DragonMain.class.getName()));
        command.addAll(List.of("gpu-check", "--small", "--device", GPU, "--second", SECOND, "--out", out.toString()));
        final int code = run(log, environment, command);
        assertTrue(code == 0 || code == 3, () -> read(log));
        final JsonNode report = JsonOutput.parse(Files.readString(out.resolve("gpu-check.json")));
        assertEquals("Stub GPU 0", report.get("facts").get("gpu").asString());
        assertEquals(0, report.get("faults").size());
        assertEquals(3, report.get("starts").size(), "two processes of its own, and itself");
        assertEquals(8, report.get("copies").size());
        final JsonNode pair = report.get("targets").get(7);
        assertTrue(pair.get("words").asString().startsWith("two GPUs over one"), pair::toString);
        assertFalse(pair.get("state").asString().equals("not measured"), pair::toString);
        for (final JsonNode each : report.get("comparisons")) {
            assertEquals(0, each.get("different").asInt(), each.toString());
            assertTrue(each.get("isOnDevice").asBoolean(), each.toString());
        }
        assertTrue(read(out.resolve("gpu-check.md")).startsWith("# Stub GPU 0\n"));
        assertTrue(read(log).contains("Answers, against the processor"), () -> read(log));
        try (Stream<Path> left = Files.list(temporary)) {
            assertEquals(
                    List.of(),
                    left.filter(path -> path.getFileName().toString().startsWith("dragon-gpu-check"))
                            .toList());
        }
    }

    private static String read(final Path file) {
        try {
            return Files.readString(file);
        } catch (final IOException ex) {
            return ex.toString();
        }
    }
}
