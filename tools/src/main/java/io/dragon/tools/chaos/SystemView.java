package io.dragon.tools.chaos;

import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.config.DragonException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What the system says of itself, looked at all the time: when it first shows that something is wrong with the victim of a fault. Status is
 * asked for on a thread of its own, because without a leader the answer takes its time.
 */
final class SystemView implements AutoCloseable {
    private static final long ASK_NS = TimeUnit.MILLISECONDS.toNanos(15);
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(25);

    private final ChaosCluster cluster;
    private final DragonClient client;
    private final Thread thread;
    private volatile boolean closed;
    private volatile ClusterStatus latest;
    private volatile Watch watch;
    private int termChanges;
    private long nextLookNs;

    SystemView(final ChaosCluster cluster) {
        this.cluster = cluster;
        this.client = cluster.client();
        latest = client.status();
        thread = new Thread(this::askOnAndOn, "chaos-view");
        thread.setDaemon(true);
        thread.start();
    }

    /** The last answer. */
    ClusterStatus latest() {
        return latest;
    }

    /** How often, so far, the term of leadership was another one than before. */
    int termChanges() {
        try {
            take(client.status());
        } catch (final DragonException noAnswer) { // then what is known counts
            return changes();
        }
        return changes();
    }

    private synchronized int changes() {
        return termChanges;
    }

    private synchronized void take(final ClusterStatus status) {
        if (status.leadership().term() > latest.leadership().term()) {
            termChanges++;
        }
        latest = status;
    }

    /** From now on signs that concern a victim are noted. */
    void begin(final Victim victim, final Target target) {
        watch = new Watch(victim, target, latest);
    }

    /** The fault struck at a moment; signs before it were of something else. */
    void struck(final long nowNs) {
        watch.struckNs = nowNs;
    }

    /** Looks at what needs no answer: the session of the client, and the counters of the masters. */
    void look() {
        final Watch current = watch;
        if (current == null || current.struckNs == 0 || current.sign != null || System.nanoTime() - nextLookNs < 0) {
            return;
        }
        nextLookNs = System.nanoTime() + LOOK_NS;
        if (current.isOfTheWay() && !client.isConnected()) {
            current.note("the client's session");
        }
        if (current.victim.member() >= 0) {
            current.look(cluster.masters());
        }
    }

    /** {@link System#nanoTime} of the first sign; 0 when there was none. */
    long signNs() {
        final Watch current = watch;
        return current == null ? 0 : current.signNs;
    }

    /** What the first sign was; empty when there was none. */
    String sign() {
        final Watch current = watch;
        return current == null || current.sign == null ? "" : current.sign;
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
            try {
                final ClusterStatus status = client.status();
                final Watch current = watch;
                take(status);
                if (current != null && current.struckNs != 0) {
                    current.look(status);
                }
            } catch (final DragonException noAnswer) { // asked again
                LockSupport.parkNanos(ASK_NS);
            }
            LockSupport.parkNanos(ASK_NS);
        }
    }

    /** One fault. Its first sign is kept. */
    private static final class Watch {
        private final Victim victim;
        private final Target target;
        private final Map<String, Integer> incarnations = new HashMap<>();
        private volatile long struckNs;
        private volatile long signNs;
        private volatile String sign;

        Watch(final Victim victim, final Target target, final ClusterStatus before) {
            this.victim = victim;
            this.target = target;
            before.workers().forEach(each -> incarnations.put(each.name(), each.incarnation()));
            before.cameras().forEach(each -> incarnations.put(each.name(), each.incarnation()));
            before.nodes().forEach(each -> incarnations.put(each.name(), each.incarnation()));
            before.masters().forEach(each -> incarnations.put(each.name(), each.incarnation()));
        }

        /** Whether the client itself goes by way of the victim. */
        boolean isOfTheWay() {
            return target == Target.LEADER || target == Target.MEDIA_DRIVER;
        }

        synchronized void note(final String what) {
            if (sign == null) {
                signNs = System.nanoTime();
                sign = what;
            }
        }

        void look(final ClusterStatus status) {
            status.workers().forEach(each -> look(each.name(), each.state(), each.incarnation()));
            status.cameras().forEach(each -> look(each.name(), each.state(), each.incarnation()));
            status.nodes().forEach(each -> look(each.name(), each.state(), each.incarnation()));
            status.masters().forEach(each -> look(each.name(), each.state(), each.incarnation()));
        }

        void look(final List<SystemAccess.Master> masters) {
            for (final SystemAccess.Master master : masters) {
                final boolean isVictim = master.id() == victim.member();
                if (isVictim && master.role().equals("unknown")) {
                    note("status: master " + master.id() + " is not there");
                } else if (!isVictim
                        && !master.election().equals("closed")
                        && !master.role().equals("unknown")) {
                    note("status: election at master " + master.id());
                }
            }
        }

        private void look(final String name, final WorkerState state, final int incarnation) {
            if (victim.partyNames().contains(name)) {
                if (state != WorkerState.ALIVE) {
                    note("status: " + name + ' ' + state.name().toLowerCase(java.util.Locale.ROOT));
                } else if (incarnation != incarnations.getOrDefault(name, incarnation)) {
                    note("status: " + name + " registered anew");
                }
            }
        }
    }
}
