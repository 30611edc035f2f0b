package io.dragon.benchmarks.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.SleepingIdleStrategy;
import org.junit.jupiter.api.Test;

final class OpenLoopTest {
    private static final int RATE = 1_000;
    private static final long STALL_NS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Answers at once, but for one message that holds everything up, and one that is refused at first. */
    private static final class Stalling implements OpenLoop.Way {
        private final OpenLoop loop;
        private boolean refused;
        private long sent;

        Stalling(final OpenLoop loop) {
            this.loop = loop;
        }

        @Override
        public boolean trySend(final long number) {
            if (number == 10 && !refused) {
                refused = true;
                return false;
            }
            assertEquals(sent++, number);
            if (number == 50) {
                final long endNs = System.nanoTime() + STALL_NS;
                while (System.nanoTime() - endNs < 0) {
                    LockSupport.parkNanos(endNs - System.nanoTime());
                }
            }
            loop.onAnswer(number);
            return true;
        }

        @Override
        public int poll() {
            return 0;
        }
    }

    @Test
    void aStallIsChargedToEveryMessageThatItDelays() {
        final OpenLoop loop = new OpenLoop();
        final Histogram histogram = loop.run(RATE, 0.3, new Stalling(loop), new SleepingIdleStrategy(50_000));

        assertEquals(300, histogram.getTotalCount());
        assertTrue(histogram.getMaxValue() >= STALL_NS * 99 / 100);
        // A hundred were meant to be sent meanwhile: a clock started at the sending would have seen one of them late.
        final long late = 300 - histogram.getCountBetweenValues(0, STALL_NS / 4);
        assertTrue(late >= 60, late + " are told to be late");
    }
}
