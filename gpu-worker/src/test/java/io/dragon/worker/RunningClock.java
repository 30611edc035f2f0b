package io.dragon.worker;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The time in which this process ran since the clock was started: what passes while the machine has it stopped or keeps it waiting does not
 * count. For targets that are this program's own to meet.
 */
final class RunningClock implements AutoCloseable {
    private static final long PAUSE_NS = 1_000_000;

    /** A pause that took longer was not this process's. */
    private static final long LONGEST_NS = 20 * PAUSE_NS;

    private final Thread thread = new Thread(this::run, "running-clock");
    private volatile long ranNs;
    private volatile boolean closed;

    private RunningClock() {
        thread.setDaemon(true);
    }

    static RunningClock start() {
        final RunningClock clock = new RunningClock();
        clock.thread.start();
        return clock;
    }

    Duration elapsed() {
        return Duration.ofNanos(ranNs);
    }

    /** Waits for something that has to come within a time since the start. */
    void await(final BooleanSupplier condition, final Duration most, final Supplier<String> otherwise) {
        Tests.await(() -> condition.getAsBoolean() || elapsed().compareTo(most) > 0, Duration.ofSeconds(60), otherwise);
        if (!condition.getAsBoolean()) {
            throw new AssertionError("not within " + most.toMillis() + " ms of running: " + otherwise.get());
        }
    }

    private void run() {
        long lastNs = System.nanoTime();
        long sumNs = 0;
        while (!closed) {
            LockSupport.parkNanos(PAUSE_NS);
            final long nowNs = System.nanoTime();
            sumNs += Math.min(nowNs - lastNs, LONGEST_NS);
            lastNs = nowNs;
            ranNs = sumNs;
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
