package io.dragon.engine.sequencer;

/** Mean and mean deviation of execution times in nanoseconds: exponential averages with alpha 1/5, in integers. */
final class Execution {
    private static final long LONGEST_NS = 1_000_000_000_000_000L;

    long samples;
    long meanNs;
    long deviationNs;

    /** Of the inputs; only where it is told. */
    long meanBytes;

    void add(final long ns, final long bytes) {
        meanBytes = samples == 0 ? bytes : meanBytes + (bytes - meanBytes) / 5;
        add(ns);
    }

    void add(final long ns) {
        final long sample = Math.max(0, Math.min(LONGEST_NS, ns));
        if (samples++ == 0) {
            meanNs = sample;
            deviationNs = sample / 2;
        } else {
            final long difference = sample - meanNs;
            meanNs += difference / 5;
            deviationNs += (Math.abs(difference) - deviationNs) / 5;
        }
    }
}
