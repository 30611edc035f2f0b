package io.dragon.tools;

import io.aeron.exceptions.AeronException;
import io.dragon.engine.config.DragonException;
import java.util.HashMap;
import java.util.Map;
import org.agrona.ErrorHandler;
import org.slf4j.Logger;

/**
 * Errors of running parts into the log: each kind once, and then each time its count has doubled; without a stack trace where
 * the message says it all. Any thread.
 */
final class LoggedErrors implements ErrorHandler {
    private static final int MAX_KINDS = 1_000;

    private final Logger log;
    private final Map<String, Long> counts = new HashMap<>();

    LoggedErrors(final Logger log) {
        this.log = log;
    }

    @Override
    public void onError(final Throwable error) {
        final String kind = error.getClass().getName() + ": " + error.getMessage();
        final long count;
        synchronized (counts) {
            if (counts.size() == MAX_KINDS && !counts.containsKey(kind)) {
                counts.clear();
            }
            count = counts.merge(kind, 1L, Long::sum);
        }
        if (Long.bitCount(count) == 1) {
            final String times = count == 1 ? "" : " (" + count + " times)";
            if (error instanceof DragonException || error instanceof AeronException) {
                log.warn("{}{}", error.getMessage(), times);
            } else {
                log.error("{}{}", error.getMessage(), times, error);
            }
        }
    }
}
