package io.dragon.tools;

import io.dragon.engine.client.DragonClient;
import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Looks at a cluster again and again on a thread of its own, so that whoever waits for keys need not wait for a master that is lost. */
final class TopPoller implements AutoCloseable {
    private static final long CLOSE_MS = 2_000;

    private final DragonClient client;
    private final DragonConfig config;
    private final long intervalNs;
    private final Thread thread;
    private volatile boolean isEnding;
    private volatile Seen seen;

    /**
     * The last two looks.
     *
     * @param before the one before; null for none.
     * @param now    the last.
     * @param failed why there is no newer one; empty where there is.
     * @param nanos  when that was.
     */
    record Seen(TopLook before, TopLook now, String failed, long nanos) {}

    private TopPoller(final DragonClient client, final DragonConfig config, final long intervalNs) {
        this.client = client;
        this.config = config;
        this.intervalNs = intervalNs;
        final TopLook first = TopLook.at(client, config);
        seen = new Seen(null, first, "", first.nanos());
        thread = new Thread(this::run, "top-poller");
        thread.setDaemon(true);
    }

    /**
     * Looks for the first time, and goes on.
     *
     * @throws DragonException in words, when no master answers.
     */
    static TopPoller start(final DragonClient client, final DragonConfig config, final long intervalNs) {
        final TopPoller poller = new TopPoller(client, config, intervalNs);
        poller.thread.start();
        return poller;
    }

    /** The last two looks; any thread. */
    Seen seen() {
        return seen;
    }

    /** Why what was seen is not how it is; empty where it is. Any thread. */
    String trouble(final Seen shown) {
        final boolean isConnected = client.isConnected();
        if (isConnected && shown.failed().isEmpty()) {
            return "";
        }
        final long silentMs =
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - shown.now().nanos());
        return "no master answers for " + StatusReport.span(silentMs) + ": "
                + (isConnected ? shown.failed() : client.state());
    }

    private void run() {
        long nextNs = seen.nanos() + intervalNs;
        while (!isEnding) {
            final long leftNs = nextNs - System.nanoTime();
            if (leftNs > 0) {
                LockSupport.parkNanos(leftNs);
                continue;
            }
            nextNs = System.nanoTime() + intervalNs;
            try {
                final TopLook look = TopLook.at(client, config);
                seen = new Seen(seen.now(), look, "", look.nanos());
            } catch (final RuntimeException ex) {
                seen = new Seen(seen.before(), seen.now(), String.valueOf(ex.getMessage()), System.nanoTime());
            }
        }
    }

    @Override
    public void close() {
        isEnding = true;
        thread.interrupt();
        try {
            thread.join(CLOSE_MS);
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
    }
}
