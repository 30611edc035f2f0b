package io.dragon.tools;

import java.util.concurrent.locks.LockSupport;

/** Ends a process that has failed and does not come to its end, so that whoever supervises it can start it again. */
final class EndAtLast {
    private EndAtLast() {}

    /** Ends this process with the exit code of a failure, unless it has ended by itself within so many nanoseconds. */
    static void within(final long timeoutNs) {
        final long deadlineNs = System.nanoTime() + timeoutNs;
        final Thread thread = new Thread(
                () -> {
                    while (System.nanoTime() - deadlineNs < 0) {
                        LockSupport.parkNanos(deadlineNs - System.nanoTime());
                    }
                    Runtime.getRuntime().halt(ExitCode.FAILED);
                },
                "end-at-last");
        thread.setDaemon(true);
        thread.start();
    }
}
