package io.dragon.worker.device;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * What is to end, and waits for the one thread that may do what comes before its end. Added by any thread; once nobody comes any more,
 * each ends as it is added. A GPU that is lost must not keep a pool mapped.
 *
 * @param <T> what ends.
 */
final class Endings<T> {
    private final Queue<T> waiting = new ConcurrentLinkedQueue<>();
    private final Consumer<T> end;
    private volatile boolean isAbandoned;

    /**
     * @param end ends one; on any thread.
     */
    Endings(final Consumer<T> end) {
        this.end = end;
    }

    /** Any thread. */
    void add(final T ending) {
        waiting.add(ending);
        if (isAbandoned) { // looked at after it was added, as it is set before the last look
            endAll();
        }
    }

    /** The next one, for the caller to end; null when there is none. */
    T poll() {
        return waiting.poll();
    }

    /** Nobody comes any more. Any thread. */
    void abandon() {
        isAbandoned = true;
        endAll();
    }

    boolean isAbandoned() {
        return isAbandoned;
    }

    private void endAll() {
        for (T ending = waiting.poll(); ending != null; ending = waiting.poll()) {
            end.accept(ending);
        }
    }
}
