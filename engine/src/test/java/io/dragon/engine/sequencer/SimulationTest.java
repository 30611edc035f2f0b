package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SimulationTest {
    private static final int SEEDS = Integer.getInteger("dragon.simulation.seeds", 500);
    private static final long FIRST = Long.getLong("dragon.simulation.first", 1);

    /** A run that takes longer fails; 0: however long it takes. */
    private static final int MOST_SECONDS = Integer.getInteger("dragon.simulation.seconds", 0);

    /** With fewer, something rare may not occur. */
    private static final int ENOUGH = 500;

    @Test
    void shouldLoseNothingAndDeliverNothingTwiceWhateverGoesWrong() {
        final long[] covered = new long[Covered.values().length];
        final long[] incidents = new long[Simulation.MOST_KINDS];
        final AtomicLong entries = new AtomicLong();
        final AtomicLong firstFailed = new AtomicLong(Long.MAX_VALUE);
        final long begunNs = System.nanoTime();
        final long cpuBegunMs = cpuMs();
        LongStream.range(FIRST, FIRST + SEEDS).parallel().forEach(seed -> {
            if (seed < firstFailed.get()) {
                final Trial trial = Trial.of(seed);
                if (trial.failure != null) {
                    firstFailed.accumulateAndGet(seed, Math::min);
                } else {
                    entries.addAndGet(trial.entries);
                    synchronized (covered) {
                        for (int i = 0; i < covered.length; i++) {
                            covered[i] += trial.covered[i];
                        }
                        for (int i = 0; i < incidents.length; i++) {
                            incidents[i] += trial.incidents[i];
                        }
                    }
                }
            }
        });
        if (firstFailed.get() < Long.MAX_VALUE) {
            fail(Trial.explain(firstFailed.get()));
        }
        final long tookMs = (System.nanoTime() - begunNs) / 1_000_000;
        final StringBuilder line = new StringBuilder(SEEDS + " seeds from " + FIRST + " in " + tookMs + " ms, "
                + (cpuMs() - cpuBegunMs) + " ms of processor time, " + entries + " log entries: ");
        final List<String> missing = new ArrayList<>();
        for (final Covered what : Covered.values()) {
            line.append(covered[what.ordinal()]).append(' ').append(what.words).append(", ");
            if (covered[what.ordinal()] == 0) {
                missing.add(what.words);
            }
        }
        for (int kind = 0; kind < incidents.length; kind++) {
            final String words = Changes.words(kind);
            if (words != null) {
                line.append(incidents[kind]).append(' ').append(words).append(", ");
                if (incidents[kind] == 0) {
                    missing.add(words);
                }
            }
        }
        System.out.println(line.substring(0, line.length() - 2));
        assertTrue(
                MOST_SECONDS == 0 || tookMs <= 1_000L * MOST_SECONDS,
                "took " + tookMs + " ms, more than " + MOST_SECONDS + " s");
        assertTrue(SEEDS < ENOUGH || missing.isEmpty(), "the simulation never saw: " + missing);
    }

    /** Of the whole process: compilation and garbage collection included. */
    private static long cpuMs() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean bean
                ? bean.getProcessCpuTime() / 1_000_000
                : 0;
    }
}
