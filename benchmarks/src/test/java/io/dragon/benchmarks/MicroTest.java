package io.dragon.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.benchmarks.harness.Better;
import io.dragon.benchmarks.harness.Row;
import io.dragon.benchmarks.harness.Spread;
import io.dragon.benchmarks.harness.SuiteRun;
import io.dragon.benchmarks.harness.Threshold.Outcome;
import io.dragon.benchmarks.harness.Threshold.Verdict;
import io.dragon.benchmarks.harness.Thresholds;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;

class MicroTest {
    /** Nothing is measured here, so another run on the machine is none of our business. */
    @BeforeAll
    static void ignoreOtherRuns() {
        System.setProperty("jmh.ignoreLock", "true");
    }

    private static HotPaths group(final Class<?> host) {
        return HotPaths.ALL.stream()
                .filter(group -> group.host() == host)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldTellTimeAndAllocationOfEachPathBesideTheBaseline() throws Exception {
        final SuiteRun run = new SuiteRun(new SuiteRun.Settings(0.02, 2, 0, null), text -> {});
        new MicroSuite(new JmhRun(0)).measure(run, group(FramePoolBenchmark.class));

        assertEquals(
                1 + 2 * group(FramePoolBenchmark.class).paths().size(),
                run.rows().size());
        for (final Row row : run.rows()) {
            if (row.name().endsWith(", allocated")) {
                assertEquals("B/op", row.unit());
                assertTrue(row.p50() >= 0, row.toString());
            } else if (row.name().startsWith(MicroSuite.PROFILER)) {
                assertTrue(row.p50() >= 0, row.toString());
            } else {
                assertEquals("Agrona OneToOneRingBuffer", row.baseline());
                assertEquals(RingSuite.SOURCE, row.source());
                assertTrue(row.p50() > 0 && row.baselineP50() > 0, row.toString());
                assertTrue(row.ratio().least() <= row.ratio().most(), row.toString());
            }
        }
    }

    @Test
    void shouldKnowEveryBenchmarkAndNothingElse() {
        for (final HotPaths group : HotPaths.ALL) {
            final var marked = Arrays.stream(group.host().getMethods())
                    .filter(method -> method.isAnnotationPresent(Benchmark.class))
                    .map(Method::getName)
                    .sorted()
                    .toList();
            final var known = Stream.concat(Stream.of(group.baseline()), group.paths().stream())
                    .map(HotPath::method)
                    .distinct()
                    .sorted(Comparator.naturalOrder())
                    .toList();
            assertEquals(marked, known);
        }
    }

    /** An object in each operation is 16 bytes at least; hash4j makes one of 32 for each block. */
    @Test
    void shouldMissItsThresholdWhenAnyPathAllocates() {
        for (final HotPaths group : HotPaths.ALL) {
            for (final HotPath path : group.paths()) {
                assertEquals(Outcome.HELD, judged(path, 0.01), path.name());
                assertEquals(Outcome.MISSED, judged(path, path.name().contains("XXH3") ? 48 : 16), path.name());
            }
        }
    }

    /** Its bytes are taken off those of the paths: more than the profiler's own would hide what they allocate. */
    @Test
    void shouldMissTheThresholdWhenABaselineAllocates() {
        for (final HotPaths group : HotPaths.ALL) {
            final String name = MicroSuite.PROFILER + group.baseline().name();
            assertEquals(Outcome.HELD, judged(name, 8_000), name);
            assertEquals(Outcome.MISSED, judged(name, 16 * 5_000), name);
        }
    }

    private static Outcome judged(final HotPath path, final double bytes) {
        return judged(path.name() + ", allocated", bytes);
    }

    private static Outcome judged(final String name, final double bytes) {
        final Row row = Row.ofRounds("micro", name, "B/op", Better.LOWER, new double[] {bytes}, null, null);
        return Thresholds.load().judge(Set.of("micro"), List.of(row), 2).stream()
                .filter(verdict -> verdict.row() != null)
                .map(Verdict::outcome)
                .findFirst()
                .orElse(null);
    }

    @Test
    void shouldTakeTheMedian() {
        assertEquals(new Spread(3, 1, 9), Spread.of(9, 1, 3));
        assertEquals(new Spread(2.5, 1, 9), Spread.of(9, 1, 3, 2));
        assertEquals("0.4000 [0.3000 .. 1,234]", Spread.of(0.3, 0.4, 1234).toString());
    }
}
