package io.dragon.benchmarks;

import io.dragon.benchmarks.harness.Suite;
import java.util.List;

/** The suites of {@code dragon bench}, in the order in which {@code all} runs them. */
final class Suites {
    static final List<Suite> ALL = List.of(new RingSuite());

    private Suites() {}
}
