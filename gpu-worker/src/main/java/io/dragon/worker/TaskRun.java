package io.dragon.worker;

import io.dragon.codecs.control.Reason;
import io.dragon.worker.device.GpuException;

/** A task between its assignment and its report, and how it ends. Used again for every task. Compute thread only. */
final class TaskRun {
    final RunningTask task;
    TaskHandler handler;
    long receivedNs;
    long transferredNs;
    long startedNs;
    Reason reason = Reason.NONE;
    String errorText = "";
    boolean isInterrupted;

    TaskRun(final RunningTask task) {
        this.task = task;
    }

    void begin(final long newReceivedNs, final long newTransferredNs) {
        receivedNs = newReceivedNs;
        transferredNs = newTransferredNs;
        startedNs = 0;
        reason = Reason.NONE;
        errorText = "";
        isInterrupted = false;
    }

    boolean hasFailed() {
        return reason != Reason.NONE;
    }

    /** The first failure is the one that is told; true when it is an error that its handler did not foresee. */
    boolean fail(final Throwable ex) {
        isInterrupted |= ex instanceof InterruptedException;
        if (hasFailed()) {
            return false;
        }
        errorText = words(ex);
        if (ex instanceof TaskFailedException failure) {
            reason = failure.reason();
            return false;
        }
        final boolean isOutOfMemory =
                ex instanceof OutOfMemoryError || ex instanceof GpuException gpu && gpu.isOutOfMemory();
        reason = isOutOfMemory ? Reason.OUT_OF_MEMORY : Reason.HANDLER_FAILED;
        return true;
    }

    private static String words(final Throwable ex) {
        try {
            final String message = ex.getMessage();
            return message == null || message.isBlank() ? ex.getClass().getSimpleName() : message;
        } catch (final Throwable another) {
            return ex.getClass().getSimpleName();
        }
    }
}
