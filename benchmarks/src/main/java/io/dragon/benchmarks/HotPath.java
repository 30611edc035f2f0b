package io.dragon.benchmarks;

import java.util.Map;
import java.util.TreeMap;

/**
 * A micro-benchmark of one hot path.
 *
 * @param name       what it is, for people
 * @param method     of the group's class
 * @param parameters of the method
 */
record HotPath(String name, String method, Map<String, String> parameters) {
    static HotPath of(final String name, final String method) {
        return new HotPath(name, method, Map.of());
    }

    static HotPath of(final String name, final String method, final String parameter, final String value) {
        return new HotPath(name, method, Map.of(parameter, value));
    }

    /** Whether it runs on the Vector API, which a virtual machine has only when it is started so. */
    boolean needsVectors() {
        return parameters.containsValue(BlockHashBenchmark.BLAKE3_VECTOR);
    }

    /** The parameters in a fixed order, for people. */
    String describe() {
        return method + new TreeMap<>(parameters);
    }
}
