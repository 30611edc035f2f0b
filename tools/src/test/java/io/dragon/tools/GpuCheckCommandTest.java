package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dragon.worker.device.GpuProbe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GpuCheckCommandTest {
    @TempDir
    Path folder;

    @Test
    void shouldSayInOneSentenceWhyThereIsNoGpu() {
        assumeTrue(GpuProbe.look().gpus().isEmpty(), "this machine has a GPU");
        final CommandRun run =
                CommandRun.of("gpu-check", "--out", folder.resolve("out").toString());
        assertEquals(1, run.code());
        assertEquals("", run.out());
        assertTrue(run.err().matches("No GPU can be checked, because \\S[^\\n]+\\.\\n"), run.err());
        assertFalse(Files.exists(folder.resolve("out")));
    }

    @Test
    void shouldRefuseSecondsOutOfRange() {
        final CommandRun run = CommandRun.of("gpu-check", "--seconds", "0");
        assertEquals(2, run.code());
        assertTrue(
                run.err().startsWith("dragon gpu-check: '--seconds 0' is out of range, expected 1 to 300"), run.err());
    }

    @Test
    void shouldUnderstandWhatItsProcessesSay() {
        final Map<String, Double> modules = Map.of("mask", 12.5);
        assertEquals("modules ready, ms: mask=12.5", GpuStarts.words(modules));
        assertEquals(Map.of("mask", 12.5, "carve", 0.25), GpuStarts.parsed("modules ready, ms: carve=0.25 mask=12.5"));
    }

    @Test
    void shouldPutFramesElsewhereWhereSharedMemoryIsSmall() throws Exception {
        final Path ground;
        try (CheckGround small = CheckGround.open(folder.resolve("none"), folder)) {
            ground = small.path();
            assertTrue(
                    ground.startsWith(folder) && small.remark().contains(" has 0 B free, and frames need 700.0 MiB"));
            Files.writeString(Files.createDirectories(ground.resolve("pools")).resolve("1"), "frame");
        }
        assertFalse(Files.exists(ground));
        final Path memory = Path.of("/dev/shm");
        if (Files.isDirectory(memory) && Files.getFileStore(memory).getUsableSpace() > 1L << 30) {
            assertEquals(memory, CheckGround.roomiest(folder.resolve("none"), List.of(folder.resolve("none"), memory)));
        }
        assertEquals(folder.resolve("none"), CheckGround.roomiest(folder.resolve("none"), List.of()));
        try (CheckGround large = CheckGround.open(folder, folder)) {
            assertEquals("", large.remark());
        }
    }
}
