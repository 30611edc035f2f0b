package io.dragon.tools;

import io.dragon.worker.device.DriverCall;
import java.io.IOException;

/**
 * A process started by another Dragon process ends with it, however that one ends: {@code DRAGON_PARENT_PID} names whom to
 * follow. With {@code DRAGON_PARENT_PIPE} its standard input is a pipe from there, whose end tells at once; asking for a process
 * that is no child is slow. Stops like a signal would, and does not wait for ever.
 */
final class ParentWatch {
    /** Says that the standard input is a pipe of the one to follow, and nothing else. */
    static final String PARENT_PIPE = "DRAGON_PARENT_PIPE";

    private static final String PARENT_PID = "DRAGON_PARENT_PID";
    private static final long GRACE_MS = 5_000;

    /** Of one whose parent will be back and needs its name: a worker gives its work to others instead of finishing it. */
    private static final long GRACE_ON_PIPE_MS = 1_000;

    private ParentWatch() {}

    /** True where this process was started by another one, which ends it. */
    static boolean hasParent() {
        final String pid = System.getenv(PARENT_PID);
        return pid != null && !pid.isBlank();
    }

    static void start() {
        final String pid = System.getenv(PARENT_PID);
        if (!hasParent()) {
            return;
        }
        final boolean isOnPipe = "1".equals(System.getenv(PARENT_PIPE));
        final long graceMs = isOnPipe ? GRACE_ON_PIPE_MS : GRACE_MS;
        final ProcessHandle parent =
                pid.matches("\\d{1,18}") ? ProcessHandle.of(Long.parseLong(pid)).orElse(null) : null;
        if (parent == null) {
            leave(graceMs);
        } else if (isOnPipe) {
            daemon(() -> awaitEndOfInput(graceMs), "parent-watch");
        } else {
            parent.onExit().thenRun(() -> leave(graceMs));
        }
    }

    private static void awaitEndOfInput(final long graceMs) {
        try {
            while (System.in.read() >= 0) {
                // nothing is ever said
            }
        } catch (final IOException ex) {
            leave(graceMs);
            return;
        }
        leave(graceMs);
    }

    private static void leave(final long graceMs) {
        daemon(
                () -> {
                    try {
                        Thread.sleep(graceMs);
                    } catch (final InterruptedException ex) {
                        Thread.currentThread().interrupt();
                    }
                    if (DriverCall.isStuck()) {
                        DriverCall.endProcess(ExitCode.FAILED);
                    }
                    Runtime.getRuntime().halt(ExitCode.FAILED);
                },
                "parent-is-gone");
        if (!StopSignal.requestInstalled()) {
            System.exit(ExitCode.FAILED);
        }
    }

    private static void daemon(final Runnable task, final String name) {
        final Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }
}
