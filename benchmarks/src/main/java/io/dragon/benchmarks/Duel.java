package io.dragon.benchmarks;

import io.dragon.engine.sequencer.balance.Strategy;
import java.lang.module.ModuleFinder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A benchmark and its baseline.
 *
 * @param name     what one types to run it
 * @param host     the class that has both methods
 * @param ours     name of our method
 * @param baseline name of the method it is compared with
 * @param cases    parameters of our method, one map a case
 */
record Duel(String name, Class<?> host, String ours, String baseline, List<Map<String, String>> cases) {
    /** Until the virtual machine has compiled vector operations, the hash takes scalar code instead. */
    private static final int VECTOR_WARMUP_SECONDS = 8;

    private static final int WARMUP_SECONDS = 2;

    static final List<Duel> ALL = List.of(
            new Duel(
                    "frame-pool",
                    FramePoolBenchmark.class,
                    "slotCycle",
                    "ringBufferCycle",
                    List.of(Map.of("slotLength", "64"), Map.of("slotLength", "1048576"))),
            new Duel("sequencer", SequencerBenchmark.class, "commandMix", "queueHop", sequencerCases()),
            new Duel("blake3", Blake3Benchmark.class, "bothValues", "crc32cMemoryMark", blake3Cases()),
            new Duel("mask", MaskBenchmark.class, "greyMask", "copyOfBothFrames", List.of(Map.of())));

    private static List<Map<String, String>> sequencerCases() {
        final List<Map<String, String>> cases = new ArrayList<>();
        for (final String strategy : Strategy.NAMES) {
            cases.add(Map.of("strategy", strategy, "workers", "100", "waiting", "1000"));
        }
        for (final String workers : List.of("10", "1000")) {
            cases.add(Map.of("strategy", Strategy.WEIGHTED, "workers", workers, "waiting", "1000"));
        }
        cases.add(Map.of("strategy", Strategy.WEIGHTED, "workers", "100", "waiting", "100000"));
        return cases;
    }

    private static List<Map<String, String>> blake3Cases() {
        final Map<String, String> scalar = Map.of("kind", "scalar");
        return hasVectors() ? List.of(scalar, Map.of("kind", "vector")) : List.of(scalar);
    }

    /** Whether a virtual machine started from here can have the Vector API. */
    private static boolean hasVectors() {
        return ModuleFinder.ofSystem().find("jdk.incubator.vector").isPresent();
    }

    static Duel of(final String name) {
        for (final Duel duel : ALL) {
            if (duel.name.equals(name.toLowerCase(Locale.ROOT))) {
                return duel;
            }
        }
        return null;
    }

    /** Seconds for which our method runs before it is measured, at least. */
    static int warmupSeconds(final Map<String, String> parameters) {
        return needsVectors(parameters) ? VECTOR_WARMUP_SECONDS : WARMUP_SECONDS;
    }

    /** Whether a case runs on the Vector API, which a virtual machine has only when it is started so. */
    static boolean needsVectors(final Map<String, String> parameters) {
        return "vector".equals(parameters.get("kind"));
    }

    /** The parameters in a fixed order, for people. */
    static String describe(final Map<String, String> parameters) {
        final StringBuilder words = new StringBuilder();
        new TreeMap<>(parameters).forEach((key, value) -> words.append(words.isEmpty() ? "" : " ")
                .append(key)
                .append('=')
                .append(value));
        return words.toString();
    }
}
