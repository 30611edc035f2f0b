package io.dragon.engine.cluster;

import static io.dragon.engine.config.Timeouts.Key.LOCK_PROBE;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.Timeouts;
import java.nio.file.Path;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;

/** Tells once that the media driver which a process cannot live without is gone. */
final class DriverGuard implements Agent {
    private final DriverWatch driver;
    private final Path directory;
    private final NanoClock nanoClock;
    private final ErrorHandler errorHandler;
    private final Runnable onLost;
    private final long probeNs;
    private long probedNs;
    private boolean isWatching;
    private boolean isLost;

    DriverGuard(
            final Path directory,
            final Timeouts timeouts,
            final NanoClock nanoClock,
            final ErrorHandler errorHandler,
            final Runnable onLost) {
        this.directory = directory;
        this.nanoClock = nanoClock;
        this.errorHandler = errorHandler;
        this.onLost = onLost;
        driver = new DriverWatch(directory, timeouts);
        probeNs = timeouts.ns(LOCK_PROBE);
        probedNs = nanoClock.nanoTime() - probeNs;
        // now, while the process has just found it alive: one that is started again later is another
        isWatching = driver.isThere();
    }

    @Override
    public int doWork() {
        final long nowNs = nanoClock.nanoTime();
        if (isLost || nowNs - probedNs < probeNs) {
            return 0;
        }
        probedNs = nowNs;
        if (!isWatching) {
            isWatching = driver.isThere();
            return 0;
        }
        final DriverWatch.Loss loss = driver.loss();
        if (loss == null) {
            return 0;
        }
        isLost = true;
        errorHandler.onError(new DragonException(loss.text() + " (" + directory + ")"));
        onLost.run();
        return 1;
    }

    @Override
    public String roleName() {
        return "driver-guard";
    }
}
