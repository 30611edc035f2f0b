package io.dragon.benchmarks.harness;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What goes with a benchmark that is ended before its time (Ctrl-C, a signal, the end of the process that started it): its processes, the
 * last begun first, and then its folders, into which nobody writes any more.
 */
public final class Ending {
    private static final long CLOSE_MS = 5_000;
    private static final Deque<Begun> PROCESSES = new ArrayDeque<>();
    private static final Deque<Begun> FOLDERS = new ArrayDeque<>();
    private static boolean hasBegun;

    static {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(Ending::end, "ending"));
        } catch (final IllegalStateException e) {
            hasBegun = true;
        }
    }

    /**
     * Begins something.
     *
     * @param <T> what comes of it
     */
    @FunctionalInterface
    public interface Begin<T> {
        /**
         * Begins it.
         *
         * @return what it is
         * @throws IOException when it cannot begin
         */
        T begin() throws IOException;
    }

    private record Begun(Object what, Runnable end) {}

    private Ending() {}

    /**
     * Starts a process.
     *
     * @param <T>   what stands for it
     * @param start starts it
     * @param end   ends it and waits for its end; also on another thread, and when it has ended already
     * @return what was started
     * @throws IOException           when it cannot be started
     * @throws IllegalStateException when this process is ending
     */
    public static <T> T process(final Begin<T> start, final Consumer<T> end) throws IOException {
        return begin(PROCESSES, start, end);
    }

    static <T> T folder(final Begin<T> make, final Consumer<T> remove) throws IOException {
        return begin(FOLDERS, make, remove);
    }

    /** Under the lock, so that nothing begins that the hook does not see. */
    private static synchronized <T> T begin(final Deque<Begun> all, final Begin<T> begin, final Consumer<T> end)
            throws IOException {
        if (hasBegun) {
            throw new IllegalStateException("the benchmark is being ended");
        }
        final T what = begin.begin();
        all.push(new Begun(what, () -> end.accept(what)));
        return what;
    }

    /**
     * It has ended, or is gone.
     *
     * @param what came of its begin
     */
    public static synchronized void forget(final Object what) {
        PROCESSES.removeIf(begun -> begun.what == what);
        FOLDERS.removeIf(begun -> begun.what == what);
    }

    /**
     * Whether this process is being ended: then what fails, fails because of that.
     *
     * @return true once it has begun
     */
    public static synchronized boolean hasBegun() {
        return hasBegun;
    }

    private static void end() {
        synchronized (Ending.class) {
            hasBegun = true;
        }
        endAll(PROCESSES);
        endOthers();
        endAll(FOLDERS);
    }

    private static void endAll(final Deque<Begun> all) {
        for (Begun begun = next(all); begun != null; begun = next(all)) {
            begun.end.run();
        }
    }

    private static synchronized Begun next(final Deque<Begun> all) {
        return all.poll();
    }

    /** Those that others start: JMH its virtual machines, a shell its program. */
    private static void endOthers() {
        final List<ProcessHandle> others = ProcessHandle.current().descendants().toList();
        others.forEach(ProcessHandle::destroy);
        CompletableFuture.allOf(others.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, CLOSE_MS, TimeUnit.MILLISECONDS)
                .join();
    }
}
