package io.dragon.tools;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM as a wish that the running command grants: its loop ends, its resources are closed in order, and
 * its own exit code is returned. A second signal ends the process at once. Where signals cannot be caught the JVM's own
 * behaviour stays.
 */
final class StopSignal {
    private static final String[] NAMES = {"INT", "TERM", "HUP"};

    /** A shell and what it runs in often both pass a Ctrl-C on: one wish, not two. */
    private static final long SAME_SIGNAL_NS = 500_000_000L;

    private final CountDownLatch requested = new CountDownLatch(1);
    private volatile Runnable onStop;
    private volatile long requestedNs;

    private static volatile StopSignal installed;

    private StopSignal() {}

    /** Asks the running command to stop; false when it does not listen. */
    static boolean requestInstalled() {
        final StopSignal stop = installed;
        if (stop != null) {
            stop.request();
        }
        return stop != null;
    }

    /** Catches the signals from now on. */
    static StopSignal install() {
        final StopSignal stop = new StopSignal();
        try {
            Signals.handle(
                    name -> {
                        if (!ParentWatch.hasParent() || isTermination(name)) {
                            stop.signalled();
                        }
                    },
                    NAMES);
        } catch (final ReflectiveOperationException ex) {
            Runtime.getRuntime().addShutdownHook(new Thread(stop::signalled, "stop-signal"));
        }
        installed = stop;
        return stop;
    }

    /** A terminal sends Ctrl-C to a process and to all that it has started; those wait for what the first one tells them. */
    private static boolean isTermination(final String signal) {
        return "SIGTERM".equals(signal);
    }

    /** True once somebody asked the process to stop. */
    boolean isRequested() {
        return requested.getCount() == 0;
    }

    /** Asks for the stop from inside, as when a node has failed. */
    void request() {
        if (!isRequested()) {
            requestedNs = System.nanoTime();
        }
        requested.countDown();
        final Runnable action = onStop;
        if (action != null) {
            action.run();
        }
    }

    /** What to do at once when the signal comes, on the signal's own thread: wake a loop, no more. */
    void onStop(final Runnable action) {
        onStop = action;
        if (isRequested()) {
            action.run();
        }
    }

    /** Waits for the signal. */
    void await() throws InterruptedException {
        requested.await();
    }

    /** Waits for the signal, at most so long; true when it came. */
    boolean await(final long time, final TimeUnit unit) throws InterruptedException {
        return requested.await(time, unit);
    }

    private void signalled() {
        if (!isRequested()) {
            request();
        } else if (System.nanoTime() - requestedNs > SAME_SIGNAL_NS) {
            Screen.giveBack();
            Runtime.getRuntime().halt(ExitCode.FAILED);
        }
    }
}
