package io.dragon.tools.chaos;

import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.Incident;
import io.dragon.engine.config.DragonException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/** What the masters say of the hosts, asked all the time on a thread of its own: when they first show that something happened. */
final class HostView implements AutoCloseable {
    private static final long ASK_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final DragonClient client;
    private final Thread thread;
    private volatile boolean closed;
    private volatile Watch watch;

    HostView(final DragonClient client) {
        this.client = client;
        thread = new Thread(this::askOnAndOn, "chaos-view");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * From now on a sign is looked for; the first one is kept.
     *
     * @param look what a status shows of it, in words; null when nothing.
     */
    void begin(final Function<ClusterStatus, String> look) {
        watch = new Watch(look);
    }

    /** What all hosts together have brought, served, relayed, asked for again and ignored. */
    static ClusterStatus.Traffic traffic(final ClusterStatus status) {
        long fetched = 0;
        long served = 0;
        long relayed = 0;
        long repeated = 0;
        long intruders = 0;
        for (final ClusterStatus.Node node : status.nodes()) {
            fetched += node.traffic().framesFetched();
            served += node.traffic().framesServed();
            relayed += node.traffic().framesRelayed();
            repeated += node.traffic().chunksRepeated();
            intruders += node.traffic().intruders();
        }
        return new ClusterStatus.Traffic(fetched, 0, 0, served, relayed, repeated, intruders);
    }

    /** {@link System#nanoTime} of the first sign; 0 when there was none. */
    long signNs() {
        final Watch current = watch;
        return current == null ? 0 : current.signNs;
    }

    /** What the first sign was; empty when there was none. */
    String sign() {
        final Watch current = watch;
        return current == null || current.signNs == 0 ? "" : current.sign;
    }

    /** The masters' records since one; empty when no master answers. */
    List<Incident> incidents(final long after) {
        try {
            return client.incidents(after);
        } catch (final DragonException noAnswer) {
            return List.of();
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
    }

    private void askOnAndOn() {
        while (!closed) {
            final Watch current = watch;
            if (current != null && current.signNs == 0) {
                try {
                    current.take(client.status());
                } catch (final DragonException noAnswer) { // asked again
                    LockSupport.parkNanos(ASK_NS);
                }
            }
            LockSupport.parkNanos(ASK_NS);
        }
    }

    /** One thing to look for. */
    private static final class Watch {
        private final Function<ClusterStatus, String> look;
        private volatile String sign;
        private volatile long signNs;

        Watch(final Function<ClusterStatus, String> look) {
            this.look = look;
        }

        void take(final ClusterStatus status) {
            sign = look.apply(status);
            signNs = sign == null ? 0 : System.nanoTime();
        }
    }
}
