package io.dragon.engine.transfer;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Something that another thread makes for the one that waits for it, or why there is none. When nobody waits any more, whoever comes last
 * removes it: a pool that neither of the two removed would stay for as long as the process.
 *
 * @param <T> what is made
 */
final class Making<T> {
    private final Class<T> type;
    private final Consumer<? super T> remove;
    private final AtomicReference<Object> made = new AtomicReference<>();
    private volatile boolean isClosed;

    Making(final Class<T> type, final Consumer<? super T> remove) {
        this.type = type;
        this.remove = remove;
    }

    /** It is there, or why it is not. The thread that makes it. */
    void made(final Object result) {
        made.set(result);
        // after the result: close does it the other way round, so at least one of the two sees what the other did
        if (isClosed) {
            removeUnused();
        }
    }

    /** What was made, or why it was not, once; null until then. The thread that waits for it. */
    Object take() {
        return made.getAndSet(null);
    }

    boolean isClosed() {
        return isClosed;
    }

    /** Nobody will take it. The thread that waited for it. */
    void close() {
        isClosed = true;
        removeUnused();
    }

    /** Both may come here at once: one of them gets it. */
    private void removeUnused() {
        final Object unused = made.getAndSet(null);
        if (type.isInstance(unused)) {
            remove.accept(type.cast(unused));
        }
    }
}
