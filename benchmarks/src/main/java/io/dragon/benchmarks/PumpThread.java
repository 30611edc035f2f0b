package io.dragon.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** The receiving end of a pump for the time of a run, and what it allocates. */
final class PumpThread extends Thread {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Runnable work;
    private volatile Throwable failure;
    private volatile long allocated;
    private volatile long processorNs;

    private PumpThread(final Runnable work) {
        super("pump-receiver");
        this.work = work;
        setDaemon(true);
    }

    static PumpThread begin(final Runnable work) {
        final PumpThread thread = new PumpThread(work);
        thread.start();
        return thread;
    }

    @Override
    public void run() {
        final long before = allocatedHere();
        try {
            work.run();
        } catch (final RuntimeException | Error e) {
            failure = e;
        }
        allocated = allocatedHere() - before;
        processorNs = THREADS.getCurrentThreadCpuTime();
    }

    /** Bytes that the calling thread has allocated so far. */
    static long allocatedHere() {
        return allocated(Thread.currentThread().getId());
    }

    /** Bytes that a thread has allocated so far. */
    static long allocated(final long threadId) {
        return THREADS.getThreadAllocatedBytes(threadId);
    }

    /** Processor time that a thread has taken so far, in nanoseconds. */
    static long processorNs(final long threadId) {
        return THREADS.getThreadCpuTime(threadId);
    }

    /** Processor time that the calling thread has taken so far, in nanoseconds. */
    static long processorNsHere() {
        return THREADS.getCurrentThreadCpuTime();
    }

    /** Processor time of the receiving thread, which has ended. */
    long processorNs() {
        return processorNs;
    }

    /** Waits for the end; gives the bytes allocated. */
    long end() {
        try {
            join();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw new IllegalStateException("the receiving end failed", failure);
        }
        return allocated;
    }
}
