package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.DeviceState;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.Health;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** GPUs in what people and scripts see of a system; nothing of them where there are none. */
class GpuStatusTest {
    private static final ClusterStatus.Gpu HOT = new ClusterStatus.Gpu(
            DeviceState.FAILED,
            "the GPU is too hot: 93 C, limit 90, gets work again at 80",
            93,
            0.99,
            1L << 37,
            1L << 36,
            612.4,
            700,
            3,
            0);

    private static ClusterStatus status(final ClusterStatus.Gpu gpu) {
        final WorkerState state = gpu.state() == DeviceState.FAILED ? WorkerState.UNFIT : WorkerState.ALIVE;
        return new ClusterStatus(
                new Health(Health.State.HEALTHY, List.of()),
                IncidentsTest.statistics(),
                new ClusterStatus.Leadership(0, 7),
                List.of(),
                List.of(new ClusterStatus.Worker(
                        5, 1, "w", "a device", 9, 99, state, 0, 2, 1, 2, 1.5, -1, 500, 0, 4_000, gpu)),
                List.of(new ClusterStatus.Node(
                        9,
                        1,
                        "n",
                        "host",
                        WorkerState.ALIVE,
                        1,
                        0,
                        12,
                        List.of(),
                        ClusterStatus.Resources.UNKNOWN,
                        ClusterStatus.Traffic.NONE)),
                List.of(),
                List.of(),
                List.of());
    }

    private static String printed(final ClusterStatus.Gpu gpu) {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new StatusReport(status(gpu), List.of()).print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void shouldShowFiguresAndReasons() {
        final String text = printed(HOT);
        assertTrue(text.contains("unfit for 4.0 s"), text);
        assertTrue(text.contains("GPU OF"), text);
        assertTrue(text.contains("93 C"), text);
        assertTrue(text.contains("99%"), text);
        assertTrue(text.contains("612 of 700 W"), text);
        assertTrue(text.contains("  w: the GPU is too hot: 93 C, limit 90, gets work again at 80"), text);
        text.lines().forEach(line -> assertTrue(line.length() <= 120, line));
        assertFalse(printed(ClusterStatus.Gpu.NONE).contains("GPU"), "nothing where there are none");
    }

    @Test
    void shouldShowWhatIsUnknownAsSuch() {
        final String text = printed(
                new ClusterStatus.Gpu(DeviceState.UNKNOWN, "there is no nvidia-smi", -1, -1, -1, -1, -1, -1, -1, -1));
        assertTrue(text.contains("  w: there is no nvidia-smi"), text);
        assertFalse(text.contains("-1"), text);
    }

    @Test
    void shouldPutThemIntoTheJsonOfTheWorkerAndOfItsNode() {
        final JsonNode json = StatusJson.of(status(HOT), List.of());
        final JsonNode worker = json.get("workers").get(0);
        assertEquals("unfit", worker.get("state").asString());
        assertEquals("failed", worker.get("gpu").get("health").asString());
        assertEquals(93, worker.get("gpu").get("temperatureCelsius").asInt());
        assertEquals(612.4, worker.get("gpu").get("powerWatts").asDouble());
        final JsonNode gpu =
                json.get("nodes").get(0).get("resources").get("gpus").get(0);
        assertEquals("w", gpu.get("worker").asString());
        assertEquals(1L << 36, gpu.get("memoryUsedBytes").asLong());
        final JsonNode without = StatusJson.of(status(ClusterStatus.Gpu.NONE), List.of());
        assertFalse(without.get("workers").get(0).has("gpu"));
        assertFalse(without.get("nodes").get(0).get("resources").has("gpus"));
    }
}
