package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.dragon.engine.config.DragonConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which workers a host runs, and on what. */
final class WorkerPlanTest {
    private static final SortedMap<Integer, String> GPUS = new TreeMap<>(Map.of(0, "GPU-a", 1, "GPU-b", 2, "GPU-c"));

    @TempDir
    Path folder;

    private DragonConfig config(final String text) throws IOException {
        final Path file = Files.writeString(folder.resolve("gpu_server.yaml"), "node: {name: n}\n" + text);
        return DragonConfig.loader()
                .kind(DragonConfig.FileKind.SERVER)
                .file(file)
                .load();
    }

    @Test
    void shouldGiveEveryGpuAWorkerThatIsCalledAfterItsNumberAndKnowsItByItsId() throws IOException {
        assertEquals(
                Map.of("n-gpu-0", "GPU-a", "n-gpu-1", "GPU-b", "n-gpu-2", "GPU-c"), WorkerPlan.of(config(""), GPUS));
        assertEquals(
                Map.of("n-gpu-0", "GPU-a", "n-gpu-2", "GPU-c"),
                WorkerPlan.of(config("gpu: {device_ids: [0, 2, 7]}"), GPUS));
        final String uuid = "GPU-01234567-89ab-cdef-0123-456789abcdef";
        assertEquals(
                Map.of("n-gpu-0", "GPU-a", "n-gpu-3", uuid),
                WorkerPlan.of(
                        config("gpu: {device_ids: [0, " + uuid.toUpperCase(Locale.ROOT) + "]}"),
                        new TreeMap<>(Map.of(0, "GPU-a", 2, "GPU-c", 3, uuid))));
        assertEquals(
                Map.of("n-gpu-0", "GPU-a", "n-gpu-2", "GPU-c"),
                WorkerPlan.of(config(""), new TreeMap<>(Map.of(0, "GPU-a", 2, "GPU-c"))),
                "one that is broken takes no other's number");
    }

    @Test
    void shouldLetTheCpuWorkWhereThereIsNoneThoughSomeAreWanted() throws IOException {
        assertEquals(Map.of("n-cpu-0", "cpu"), WorkerPlan.of(config(""), new TreeMap<>()));
        assertEquals(Map.of(), WorkerPlan.of(config("gpu: {device_ids: []}"), GPUS));
        assertEquals(Map.of(), WorkerPlan.of(config("workers: {cpu: 0}"), new TreeMap<>()));
    }
}
