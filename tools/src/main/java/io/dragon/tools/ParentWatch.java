package io.dragon.tools;

/**
 * A process started by another Dragon process ends with it, however that one ends: {@code DRAGON_PARENT_PID} names whom to
 * follow. Stops like a signal would, and does not wait for ever.
 */
final class ParentWatch {
    private static final String PARENT_PID = "DRAGON_PARENT_PID";
    private static final long GRACE_MS = 5_000;

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
        final ProcessHandle parent =
                pid.matches("\\d{1,18}") ? ProcessHandle.of(Long.parseLong(pid)).orElse(null) : null;
        if (parent == null) {
            leave();
        } else {
            parent.onExit().thenRun(ParentWatch::leave);
        }
    }

    private static void leave() {
        final Thread last = new Thread(
                () -> {
                    try {
                        Thread.sleep(GRACE_MS);
                    } catch (final InterruptedException ex) {
                        Thread.currentThread().interrupt();
                    }
                    Runtime.getRuntime().halt(ExitCode.FAILED);
                },
                "parent-is-gone");
        last.setDaemon(true);
        last.start();
        if (!StopSignal.requestInstalled()) {
            System.exit(ExitCode.FAILED);
        }
    }
}
