package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.DeviceState;
import io.dragon.codecs.control.LinkState;
import io.dragon.codecs.control.SupervisedState;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.Health;
import io.dragon.engine.client.Statistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Two looks at a cluster, as text and as JSON. */
final class TopViewTest {
    private static final long GIB = 1L << 30;
    private static final String TITLE = "dragon top  2026-03-01 14:02:11";

    /** A cluster that has completed so many tasks and taken so many frames by so many seconds. */
    private static TopLook look(final long seconds, final long tasks, final long frames, final int cameras) {
        final ClusterStatus.Gpu gpu =
                new ClusterStatus.Gpu(DeviceState.OK, "", 63, 0.4, 8 * GIB, 2 * GIB, 100, 200, 0, 0);
        final List<ClusterStatus.Camera> all = new ArrayList<>();
        IntStream.range(0, cameras)
                .forEach(i -> all.add(new ClusterStatus.Camera(
                        20 + i,
                        1,
                        "cam-" + i,
                        WorkerState.ALIVE,
                        9,
                        9,
                        frames,
                        0,
                        i == 1 ? frames / 10 : 0,
                        frames,
                        5,
                        1)));
        return new TopLook(
                new ClusterStatus(
                        new Health(
                                Health.State.DEGRADED,
                                List.of(
                                        "worker w2 hangs for 3.2 s and gets no tasks",
                                        "the second",
                                        "the third",
                                        "the fourth")),
                        statistics(tasks, frames * cameras),
                        new ClusterStatus.Leadership(1, 3),
                        List.of(),
                        List.of(
                                worker(5, "w1", WorkerState.ALIVE, 2, tasks, ClusterStatus.Gpu.NONE, -1),
                                worker(6, "w2", WorkerState.SUSPECT, 1, 7, gpu, GIB)),
                        List.of(new ClusterStatus.Node(
                                9,
                                1,
                                "box",
                                "host",
                                WorkerState.ALIVE,
                                2,
                                cameras,
                                0,
                                List.of(),
                                new ClusterStatus.Resources(
                                        8, 0.25, 16 * GIB, 4 * GIB, 8 * GIB, 7 * GIB, 1 << 20, 0, 0),
                                ClusterStatus.Traffic.NONE)),
                        all,
                        List.of(new ClusterStatus.Supervised(
                                9, "box", true, "w3", SupervisedState.BACKING_OFF, 2, 4_000, 0, 1_000, "exit code 1")),
                        List.of(new ClusterStatus.Link(
                                9, "box", 10, "bay", LinkState.DOWN, 1, 0, 0, 0, "", 0, 3_200, 0, 0))),
                List.of(
                        new MasterRow(0, "a", "follower", "alive", 1, 1, 0, "closed", 0),
                        new MasterRow(1, "b", "leader", "alive", 1, 1, 0, "closed", 0),
                        new MasterRow(2, "c", "none", "dead", 1, 1, 12_000, "unknown", 0)),
                seconds * 1_000_000_000);
    }

    private static ClusterStatus.Worker worker(
            final int id,
            final String name,
            final WorkerState state,
            final int assigned,
            final long completed,
            final ClusterStatus.Gpu gpu,
            final long freeBytes) {
        return new ClusterStatus.Worker(
                id, 1, name, "a device", 9, 4, state, assigned, 2, completed, 0, 8.0, freeBytes, 0, 0, 3_200, gpu);
    }

    private static Statistics statistics(final long tasks, final long frames) {
        return new Statistics(
                tasks,
                tasks,
                3,
                0,
                0,
                0,
                0,
                0,
                0,
                6,
                4,
                10,
                2,
                2,
                3,
                8.0,
                0,
                0,
                frames,
                0,
                frames << 20,
                0,
                0,
                new Statistics.Pipeline(0, 0, 1, 0, 0, 0, 0, 0),
                0,
                0,
                0,
                Map.of(),
                Map.of(),
                0,
                0);
    }

    private static List<String> lines(final TopLook before, final TopLook now, final int columns, final int rows) {
        return new TopView(before, now, TITLE, "", TopView.Sort.NAME).lines(columns, rows);
    }

    @Test
    void shouldShowWhatHappenedBetweenTwoLooks() {
        assertEquals(
                List.of(
                        TITLE,
                        "health: degraded",
                        "  worker w2 hangs for 3.2 s and gets no tasks",
                        "  the second",
                        "  the third",
                        "  the fourth",
                        "masters: 0 follows, 1 leads in term 3, 2 away for 12.0 s",
                        "tasks: 100.0/s completed, 0.0/s failed; 6 wait for others, 4 ready, 10 with workers; 8.00 ms in handlers,"
                                + " latency about 200.00 ms",
                        "frames: 40.0/s (40.0 MiB/s) taken, 0.0/s refused, 2.0/s dropped",
                        "workers: 2 of 3 alive, 2 busy; nodes: 1",
                        "",
                        "WORKER  NODE  DEVICE    STATE            LOAD  TASKS/S  FAILED/S  BUSY  MS/TASK  MEMORY FREE  TEMP",
                        "w1      box   a device  alive             2/2    100.0       0.0   80%     8.00            -     -",
                        "w2      box   a device  hung for 3.2 s    1/2      0.0       0.0  100%     8.00      6.0 GiB  63 C",
                        "w3      box   -         starts in 3.0 s     -        -         -     -        -            -     -",
                        "",
                        "NODE  STATE  WORKERS  CAMERAS       CPU          MEMORY FREE         SHARED FREE     IN/S  OUT/S",
                        "box   alive        2        2  25% of 8  4.0 GiB of 16.0 GiB  7.0 GiB of 8.0 GiB  1.0 MiB    0 B",
                        "  link box to bay: down for 3.2 s; frames of bay come not at all",
                        "",
                        "CAMERA  NODE  STATE  FRAMES/S  REFUSED/S  DROPPED/S  DROPPED  LAST STEP  WORKER",
                        "cam-0   box   alive      20.0        0.0        0.0        0        140  w1",
                        "cam-1   box   alive      20.0        0.0        2.0       14        140  w1"),
                lines(look(10, 1_000, 100, 2), look(12, 1_200, 140, 2), 120, 0));
    }

    @Test
    void shouldKnowNoRateOfOneLookNorWhereCountingBeganAnew() {
        final TopLook now = look(12, 1_000, 140, 2);
        for (final TopLook before : new TopLook[] {null, look(10, 2_000, 300, 2)}) {
            final List<String> lines = lines(before, now, 120, 0);
            assertTrue(lines.get(7).startsWith("tasks: -/s completed, "), lines.get(7));
            assertTrue(lines.get(7).endsWith("latency -"), lines.get(7));
            assertTrue(lines.get(12).matches("w1 .*2/2 +- .*"), lines.get(12));
            assertTrue(lines.get(21).matches("cam-0 .*alive +- .*"), lines.get(21));
        }
    }

    @Test
    void shouldFitTheTerminal() {
        final TopLook before = look(10, 1_000, 100, 30);
        final TopLook now = look(12, 1_200, 140, 30);
        for (int rows = 24; rows < 60; rows++) {
            final List<String> lines = lines(before, now, 70, rows);
            assertTrue(lines.size() <= rows, rows + ": " + lines);
            final long shown =
                    lines.stream().filter(line -> line.startsWith("cam-")).count();
            final String last = lines.get(lines.size() - 1);
            assertEquals(
                    shown < 30 ? "... and " + (30 - shown) + " more" : "cam-9 ",
                    last.substring(0, Math.max(6, shown < 30 ? last.length() : 6)));
        }
        assertTrue(lines(before, now, 120, 12).contains("  ... and 2 reasons more"), "reasons leave room for the rest");
    }

    @Test
    void shouldPutTheWorstFirst() {
        final TopLook before = look(10, 1_000, 100, 2);
        final TopLook now = look(12, 1_200, 140, 2);
        for (final TopView.Sort sort : TopView.Sort.values()) {
            final List<String> lines = new TopView(before, now, TITLE, "", sort).lines(120, 0);
            final boolean isFirst =
                    switch (sort) {
                        case NAME, TASKS, FAILED, LOAD -> true;
                        case BUSY, MEMORY, TEMPERATURE -> false;
                    };
            assertTrue(lines.get(12).startsWith(isFirst ? "w1 " : "w2 "), sort + ": " + lines.get(12));
            assertTrue(lines.get(21).startsWith(sort == TopView.Sort.NAME ? "cam-0 " : "cam-1 "), sort + lines.get(21));
        }
    }

    @Test
    void shouldShowWhatWasKnownWhereNoMasterAnswers() {
        final TopLook now = look(12, 1_200, 140, 2);
        final List<String> lines =
                new TopView(null, now, TITLE, "no master answers for 4.0 s: offline", TopView.Sort.BUSY).lines(120, 0);
        assertEquals("health: critical", lines.get(1));
        assertEquals("  no master answers for 4.0 s: offline; below is what was known before", lines.get(2));
        assertTrue(lines.get(3).startsWith("masters: "));
        final JsonNode json = TopJson.of(null, now, "no master answers");
        assertEquals("critical", json.get("health").asString());
        assertEquals("no master answers", json.get("reasons").get(0).asString());
        assertTrue(json.get("rates").get("tasksPerSecond").isNull());
    }

    @Test
    void shouldGiveRatesBesideTheStatus() {
        final JsonNode json = TopJson.of(look(10, 1_000, 100, 2), look(12, 1_200, 140, 2), "");
        assertEquals("degraded", json.get("health").asString());
        final JsonNode rates = json.get("rates");
        assertEquals(2.0, rates.get("seconds").asDouble());
        assertEquals(100.0, rates.get("tasksPerSecond").asDouble());
        assertEquals(200.0, rates.get("latencyMillis").asDouble(), 1e-9);
        assertEquals(0.8, rates.get("workers").get(0).get("busy").asDouble(), 1e-9);
        assertEquals(2.0, rates.get("cameras").get(1).get("droppedPerSecond").asDouble());
    }
}
