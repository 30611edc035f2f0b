package io.dragon.benchmarks.harness;

import java.util.Locale;

/** Which way is good. */
public enum Better {
    /** Of times, and of what something costs. */
    LOWER,
    /** Of rates. */
    HIGHER;

    /**
     * As the report says it.
     *
     * @return a word
     */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
