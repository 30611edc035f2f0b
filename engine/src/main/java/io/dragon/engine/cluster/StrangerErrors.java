package io.dragon.engine.cluster;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.node.StrangerCount;
import java.util.function.Supplier;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.CountedErrorHandler;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * Errors of a master's parts. What a stranger's messages bring about is told once a minute, with a count: Aeron's own log of distinct errors
 * would keep one for each number that a stranger thinks of, and when it is full print every further one. Any thread.
 */
final class StrangerErrors extends CountedErrorHandler {
    private static final String FOREIGN = "expected schemaId=";

    private final ErrorHandler others;
    private final Supplier<AtomicCounter> counter;
    private final ErrorHandler told;
    private final NanoClock clock;
    private final StrangerCount strangers = new StrangerCount();

    /**
     * @param others  takes every other error.
     * @param counter of Aeron, of these errors.
     * @param told    takes the sentence about strangers.
     * @param clock   of the minute.
     */
    StrangerErrors(
            final ErrorHandler others,
            final Supplier<AtomicCounter> counter,
            final ErrorHandler told,
            final NanoClock clock) {
        super(others, new AtomicCounter(new UnsafeBuffer(new byte[128]), 0)); // not used: Aeron makes its counter later
        this.others = others;
        this.counter = counter;
        this.told = told;
        this.clock = clock;
    }

    @Override
    public void onError(final Throwable error) {
        if (isClosed()) {
            super.onError(error);
        } else if (error.getMessage() == null || !error.getMessage().contains(FOREIGN)) {
            final AtomicCounter present = counter.get();
            if (present != null && !present.isClosed()) { // its memory goes with the media driver
                present.increment();
            }
            others.onError(error);
        } else {
            tell();
        }
    }

    private void tell() {
        final long count;
        synchronized (strangers) {
            count = strangers.add(clock.nanoTime());
        }
        if (count > 0) {
            told.onError(new DragonException(count + (count == 1 ? " message was" : " messages were")
                    + " of nobody of this system, in a format that is not ours, and ignored"));
        }
    }
}
