package io.dragon.benchmarks.harness;

/** One of the suites of {@code dragon bench}. */
public interface Suite {
    /**
     * What one types to run it.
     *
     * @return a word
     */
    String name();

    /**
     * What it measures, for people.
     *
     * @return half a sentence
     */
    String about();

    /**
     * Measures.
     *
     * @param run how, and where the figures go
     * @throws Exception when it cannot measure; its message is for people
     */
    void run(SuiteRun run) throws Exception;
}
