package io.dragon.tools;

import io.aeron.exceptions.AeronException;
import io.aeron.exceptions.DriverTimeoutException;
import io.aeron.exceptions.TimeoutException;
import io.dragon.engine.config.DragonException;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.AgentTerminationException;
import org.slf4j.Logger;

/**
 * Errors of running parts into the log: each kind once, and then each time its count has doubled; without a stack trace where
 * the message says it all. What a lost media driver brings about is one line. The whole text of what is told in short goes to
 * the level debug. Any thread.
 */
final class LoggedErrors implements ErrorHandler {
    private static final int MAX_KINDS = 1_000;

    /** Whatever ends within this time after the media driver was lost, ends because of it. */
    private static final long LOSS_NS = 5_000_000_000L;

    /** What Aeron puts before its messages; the log has levels of its own. */
    private static final Pattern CATEGORY = Pattern.compile("^(FATAL|ERROR|WARN) - ");

    private final Logger log;
    private final String goesOn;
    private final boolean isWhole;
    private final Map<String, Long> counts = new HashMap<>();
    private boolean wasLost;
    private long lostNs;

    /**
     * @param log     where they go.
     * @param goesOn  what happens when the media driver is lost, after "lost the media driver".
     * @param isWhole whether what is told in short comes with its whole text, too.
     */
    LoggedErrors(final Logger log, final String goesOn, final boolean isWhole) {
        this.log = log;
        this.goesOn = goesOn;
        this.isWhole = isWhole;
    }

    @Override
    public void onError(final Throwable error) {
        if (isLoss(error)) {
            details(error);
            if (begins()) {
                log.warn("lost the media driver{}", goesOn);
            }
        } else if (error instanceof AgentTerminationException || error instanceof AeronException && isLost()) {
            details(error);
            if (!isLost()) {
                counted(sentence(error), false, error);
            }
        } else if (error instanceof TimeoutException && sentence(error).contains("cluster connect timeout")) {
            details(error);
            counted("no master answered in time; trying again", false, error);
        } else if (error instanceof AeronException && sentence(error).startsWith("existing consensus module")) {
            details(error);
            counted("what a killed master left is still locked; trying again", false, error);
        } else {
            counted(sentence(error), !(error instanceof DragonException || error instanceof AeronException), error);
        }
    }

    private static boolean isLoss(final Throwable error) {
        return error instanceof DriverTimeoutException
                || error instanceof AgentTerminationException && error.getMessage() == null
                || error instanceof AeronException
                        && error.getMessage() != null
                        && error.getMessage().contains("MediaDriver")
                        && error.getMessage().contains("has been shutdown");
    }

    private synchronized boolean begins() {
        final boolean isFirst = !isLost();
        wasLost = true;
        lostNs = System.nanoTime();
        return isFirst;
    }

    private synchronized boolean isLost() {
        return wasLost && System.nanoTime() - lostNs < LOSS_NS;
    }

    private void details(final Throwable error) {
        if (isWhole) {
            log.info("{}", sentence(error), error);
        } else {
            log.debug("{}", sentence(error), error);
        }
    }

    private static String sentence(final Throwable error) {
        final String text = error.getMessage();
        if (text == null) {
            return error.getClass().getSimpleName();
        }
        return error instanceof AeronException ? CATEGORY.matcher(text).replaceFirst("") : text;
    }

    private void counted(final String text, final boolean withTrace, final Throwable error) {
        final String kind = error.getClass().getName() + ": " + text;
        final long count;
        synchronized (counts) {
            if (counts.size() == MAX_KINDS && !counts.containsKey(kind)) {
                counts.clear();
            }
            count = counts.merge(kind, 1L, Long::sum);
        }
        if (Long.bitCount(count) == 1) {
            final String times = count == 1 ? "" : " (" + count + " times)";
            if (withTrace) {
                log.error("{}{}", text, times, error);
            } else {
                log.warn("{}{}", text, times);
            }
        }
    }
}
