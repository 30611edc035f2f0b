package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.dragon.engine.sequencer.balance.Strategy;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class LoadTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Of 100 workers with two places each, so that every choice is one among many. */
    private static final int HALF_IDLE = -100;

    private static SequencerConfig config(final String strategy) {
        return new SequencerConfig()
                .set(Setting.TASK_CAPACITY, 262_144)
                .set(Setting.MAX_OPEN_TASKS_PER_CLIENT, 262_144)
                .defaultStrategy(strategy);
    }

    @Test
    void shouldNotAllocateInSteadyState() {
        for (final String strategy : Strategy.NAMES) {
            shouldNotAllocate(strategy, 1_000);
            shouldNotAllocate(strategy, HALF_IDLE);
        }
    }

    private static void shouldNotAllocate(final String strategy, final int waiting) {
        final Load load = new Load(config(strategy), 100, waiting);
        load.run(400_000);
        final long id = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 3; round++) {
            final long before = THREADS.getThreadAllocatedBytes(id);
            load.run(100_000);
            least = Math.min(least, THREADS.getThreadAllocatedBytes(id) - before);
        }
        // The measurement itself may cost a few bytes; a single object per command would be megabytes.
        assertTrue(least < 1_000, strategy + " allocated " + least + " bytes in 100,000 commands");
        Invariants.check(load.core());
    }

    @Test
    void shouldAssignEveryTaskOnceUnderLoad() {
        final Load load = new Load(config("least-loaded"), 100, 1_000);
        load.run(200_000);
        assertEquals(90_000, load.results);
        assertEquals(0, load.core().counters[Counters.IGNORED]);
        assertEquals(0, load.core().counters[Counters.MALFORMED]);
        assertEquals(0, load.core().counters[Counters.REFUSALS]);
    }

    /** Prints figures, per second of processor time; what they must be is a matter for the benchmarks, not for a shared machine. */
    @Test
    void shouldTellItsSpeed() {
        for (final int[] shape : new int[][] {{100, 1_000}, {10, 1_000}, {1_000, 1_000}, {100, 100_000}, {100, -100}}) {
            for (final String strategy : Strategy.NAMES) {
                final Load load = new Load(config(strategy), shape[0], shape[1]);
                load.run(50_000);
                long best = Long.MAX_VALUE;
                for (int round = 0; round < 2; round++) {
                    final long start = THREADS.getCurrentThreadCpuTime();
                    load.run(50_000);
                    best = Math.min(best, THREADS.getCurrentThreadCpuTime() - start);
                }
                System.out.printf(
                        "sequencer %s, %d workers, %d waiting: %.2f million commands a second of processor time%n",
                        strategy, shape[0], shape[1], 50_000 * 1e3 / best);
            }
        }
    }
}
