package io.dragon.benchmarks.handoff;

import io.dragon.benchmarks.harness.Sample;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** What is handed over: a message, a mask, a 4K picture with alpha, an 8K picture. */
final class Sizes {
    static final int[] BYTES = {64, 1_000_000, 33_000_000, 100_000_000};
    static final List<String> NAMES = List.of("64 B", "1 MB", "33 MB", "100 MB");
    static final int LARGEST = BYTES[BYTES.length - 1];

    /** Round trips a second, of all sizes together: far below what any side can do, so that nobody waits for the one before. */
    static final double RATE = 5_000;

    /**
     * Added to a case: from the moment of sending, not from the intended one. On a busy machine only this tells the cost of the hand-over, and
     * nothing of what it does to those who wait.
     */
    static final String FROM_SENDING = ", from sending";

    private static final double MICROSECONDS = 1e-3;

    private Sizes() {}

    /** What one side has measured of one case. */
    static final class Times {
        private final Histogram response = Sample.histogramOfNs();
        private final Histogram service = Sample.histogramOfNs();

        void add(final long intendedNs, final long sentNs, final long endNs) {
            Sample.record(response, endNs - intendedNs);
            Sample.record(service, endNs - sentNs);
        }

        void put(final String name, final Map<String, Sample> samples) {
            samples.put(name, Sample.of(response, MICROSECONDS));
            samples.put(name + FROM_SENDING, Sample.of(service, MICROSECONDS));
        }
    }

    static Times[] times() {
        final Times[] times = new Times[BYTES.length];
        for (int i = 0; i < times.length; i++) {
            times[i] = new Times();
        }
        return times;
    }

    static Map<String, Sample> samples(final Times[] times) {
        final Map<String, Sample> samples = new LinkedHashMap<>();
        for (int i = 0; i < times.length; i++) {
            times[i].put(NAMES.get(i), samples);
        }
        return samples;
    }
}
