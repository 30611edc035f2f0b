package io.dragon.benchmarks.system;

import io.dragon.benchmarks.harness.Sample;
import io.dragon.benchmarks.harness.Schedule;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.IdleStrategy;

/**
 * Messages at a fixed rate, whatever becomes of those before them. Answers may come on another thread, one only.
 */
final class OpenLoop {
    private static final long LOST_NS = 20_000_000_000L;
    private static final long LEAD_NS = 1_000_000;

    /** One of the two ends. */
    interface Way {
        /** Sends a message; false when it is not taken now. */
        boolean trySend(long number);

        /** Takes answers, where this thread does that. */
        int poll();
    }

    private final Histogram histogram = Sample.histogramOfNs();
    private Schedule schedule;
    private volatile long answered;

    /** An answer has come; on the thread that takes answers. */
    void onAnswer(final long number) {
        Sample.record(histogram, System.nanoTime() - schedule.intendedNs(number));
        answered = answered + 1; // one thread writes it
    }

    /** When a message was meant to be sent. */
    long intendedNs(final long number) {
        return schedule.intendedNs(number);
    }

    /** Sends for so long and waits for every answer. */
    Histogram run(final double rate, final double seconds, final Way way, final IdleStrategy idle) {
        schedule = new Schedule(System.nanoTime() + LEAD_NS, rate);
        final long count = schedule.countIn(seconds);
        long sent = 0;
        while (sent < count) {
            int work = way.poll();
            final long due = Math.min(count, schedule.dueBy(System.nanoTime()));
            while (sent < due && way.trySend(sent)) {
                sent++;
                work++;
            }
            idle.idle(work);
        }
        final long deadlineNs = System.nanoTime() + LOST_NS;
        while (answered < count) {
            idle.idle(way.poll());
            if (System.nanoTime() - deadlineNs >= 0) {
                throw new IllegalStateException((count - answered) + " of " + count + " messages were not answered");
            }
        }
        return histogram;
    }
}
