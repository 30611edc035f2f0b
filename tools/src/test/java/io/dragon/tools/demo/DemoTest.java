package io.dragon.tools.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.frame.FrameFormat;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole system in this JVM, for two seconds; the processes are the CI's demo. */
final class DemoTest {
    private static final Narrator SILENT = new Narrator() {
        @Override
        public void line(final String text) {}

        @Override
        public void progress(final long steps) {}
    };

    @TempDir
    Path folder;

    @Test
    void shouldCountInWords() {
        assertEquals(
                "once a task has one input, and this one has 4, 3 times NO_JOB",
                DemoReport.words(
                        new java.util.TreeMap<>(Map.of("NO_JOB", 3L, "a task has one input, and this one has 4", 1L))
                                .descendingMap()));
    }

    @Test
    void shouldEndASentenceBeforeTheNext() {
        assertEquals("It ended.", ProcessHost.sentence("It ended"));
        assertEquals("It ended.", ProcessHost.sentence("It ended."));
    }

    @Test
    void shouldReconstructTheSceneAndLoseNothing() throws IOException {
        final Path picture = folder.resolve("demo.png");
        final DemoSettings settings =
                new DemoSettings(8, 320, 180, FrameFormat.RGB8, 5, 3, 2, List.of(), 48, false, "", picture);

        final DemoReport report = Demo.run(settings, SILENT, () -> false);

        assertTrue(report.isGood(), report.text());
        final Map<String, Object> json = report.json();
        final Map<?, ?> frames = (Map<?, ?>) json.get("frames");
        assertEquals(8L * settings.steps(), frames.get("published"), report.text());
        assertEquals(frames.get("published"), frames.get("completed"), report.text());
        assertEquals(8, ((List<?>) json.get("cameras")).size());
        assertEquals(2, ((List<?>) json.get("workers")).size());
        assertTrue(((Map<?, ?>) ((Map<?, ?>) json.get("latencyMicros")).get("endToEnd")).containsKey("p999"));
        assertTheContractsNames(json);
        try (var in = Files.newInputStream(picture)) {
            assertTrue(ImageIO.read(in).getWidth() > 100);
        }
    }

    /** A camera that is late is late for all that follows: its time runs from the moment at which the picture was meant to be taken. */
    @Test
    void shouldChargeAStallToEveryFrameThatItDelays() throws IOException {
        final DemoSettings settings = new DemoSettings(
                4, 160, 120, FrameFormat.GREY8, 5, 2, 1, List.of(), 32, false, "", folder.resolve("demo.png"));
        final long lateNs = TimeUnit.MILLISECONDS.toNanos(600);
        final Path file = folder.resolve("demo.hlog");
        try (EmbeddedHost host = new EmbeddedHost(settings);
                PrintStream log = new PrintStream(file.toFile(), StandardCharsets.UTF_8)) {
            Demo.run(settings, SILENT, () -> false, late(host, lateNs)).writeHistograms(log);
        }

        final Map<String, Histogram> latencies = new HashMap<>();
        try (HistogramLogReader log = new HistogramLogReader(file.toFile())) {
            while (log.hasNext()) {
                final Histogram next = (Histogram) log.nextIntervalHistogram();
                latencies.put(next.getTag(), next);
            }
        }
        final Histogram publish = latencies.get("publish");
        // those of the first step, and of the next one, which was meant 200 ms later
        assertTrue(
                publish.getCountBetweenValues(lateNs / 2, publish.getMaxValue()) >= 2 * 4,
                () -> "publish: " + publish.getTotalCount() + " frames, " + publish.getMaxValue() + " ns at most");
        assertTrue(latencies.get("end-to-end").getMaxValue() > lateNs);
    }

    /** A host whose cameras begin when their first steps are over. */
    private static DemoHost late(final DemoHost host, final long lateNs) {
        return (DemoHost) Proxy.newProxyInstance(
                DemoHost.class.getClassLoader(), new Class<?>[] {DemoHost.class}, (proxy, method, args) -> {
                    if (method.getName().equals("run")) {
                        host.run(System.nanoTime() - lateNs);
                        return null;
                    }
                    return method.invoke(host, args);
                });
    }

    private static void assertTheContractsNames(final Map<String, Object> json) {
        assertHas(
                json,
                "frames",
                "tasks",
                "latencyMicros",
                "framesPerSecond",
                "voxel",
                "faults",
                "nodes",
                "cameras",
                "workers");
        assertHas(json.get("frames"), "published", "completed", "dropped", "lost", "duplicated");
        assertHas(json.get("tasks"), "submitted", "completed", "failed", "retried");
        assertHas(json.get("latencyMicros"), "dispatch", "handOff", "endToEnd");
        for (final Object stage : ((Map<?, ?>) json.get("latencyMicros")).values()) {
            if (((Map<?, ?>) stage).containsKey("p50")) {
                assertHas(stage, "p50", "p99", "p999", "max");
            }
        }
        assertHas(json.get("voxel"), "steps", "medianErrorVoxels", "maxErrorVoxels", "missed");
        ((List<?>) json.get("cameras")).forEach(camera -> assertHas(camera, "id", "node", "worker"));
        ((List<?>) json.get("workers")).forEach(worker -> assertHas(worker, "id", "device", "tasks"));
    }

    private static void assertHas(final Object object, final String... names) {
        for (final String name : names) {
            assertTrue(((Map<?, ?>) object).containsKey(name), name + " in " + object);
        }
    }

    @Test
    void shouldStopEarlyAndSayThatTheRunIsNotGood() {
        final DemoSettings settings = new DemoSettings(
                4, 160, 120, FrameFormat.GREY8, 5, 600, 1, List.of(), 32, false, "", folder.resolve("demo.png"));
        final long[] polls = {0};

        final DemoReport report = Demo.run(settings, SILENT, () -> ++polls[0] > 200);

        assertTrue(report.text().contains("NOT GOOD stopped before the end"), report.text());
    }

    @Test
    void shouldTellCountsToAnotherProcessInOneLine() {
        final CameraGroup.Counts counts = new CameraGroup.Counts(120, 3, Map.of("LATE_FRAME", 2L), List.of(-5L, 7L));

        assertEquals(counts, CameraGroup.Counts.parse(counts.line()));
    }
}
