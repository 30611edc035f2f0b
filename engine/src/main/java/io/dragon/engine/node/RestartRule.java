package io.dragon.engine.node;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.Timeouts;
import java.util.concurrent.TimeUnit;

/**
 * When a worker that has ended is started again: after 0, 1, 2, 4, 8 s and then every 30 s (the schedule of every reconnect),
 * until it was started again so often without living for {@code shortLifeNs}; then after the pause.
 *
 * @param restarts    how many restarts in a row may be short-lived before it is given up.
 * @param shortLifeNs what has lived for so long begins the schedule anew, nanoseconds.
 * @param pauseNs     one that was given up gets another chance after so long, nanoseconds.
 */
public record RestartRule(int restarts, long shortLifeNs, long pauseNs) {
    /** The rule that holds where nothing else is configured: 8 restarts, 60 s, 10 minutes. */
    public static final RestartRule DEFAULT =
            new RestartRule(8, TimeUnit.SECONDS.toNanos(60), TimeUnit.MINUTES.toNanos(10));

    /**
     * Checks the values.
     *
     * @param restarts    how many restarts in a row may be short-lived before it is given up.
     * @param shortLifeNs what has lived for so long begins the schedule anew, nanoseconds.
     * @param pauseNs     one that was given up gets another chance after so long, nanoseconds.
     */
    public RestartRule {
        if (restarts < 0 || shortLifeNs < 0 || pauseNs <= 0) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "a worker is restarted 0 times or more (" + restarts + "), lives shortly for 0 or more ("
                            + shortLifeNs + " ns), and the pause is longer than 0 (" + pauseNs + " ns)");
        }
    }

    boolean isOver(final int shortLives) {
        return shortLives >= restarts;
    }

    long waitNs(final int shortLives, final Timeouts timeouts) {
        return isOver(shortLives) ? pauseNs : timeouts.reconnectDelayNs(shortLives);
    }
}
