package io.dragon.tools.demo;

import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClusterStatus;
import java.util.concurrent.TimeUnit;

/** kill -9 of the busiest worker, and when the sequencer knew of it. Called from the demo's thread. */
final class WorkerKill {
    private static final long QUERY_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private final DemoHost host;
    private final Narrator narrator;
    private int workerId;
    private String name;
    private long killedNs;
    private long detectedNs;
    private long nextQueryNs;

    WorkerKill(final DemoHost host, final Narrator narrator) {
        this.host = host;
        this.narrator = narrator;
    }

    /** Kills at the first call, and then looks until the sequencer knows. */
    void poll() {
        if (killedNs == 0) {
            kill();
        } else if (detectedNs == 0 && System.nanoTime() - nextQueryNs >= 0) {
            for (final ClusterStatus.Worker worker : host.client().status().workers()) {
                if (worker.id() == workerId && worker.state() == WorkerState.DEAD) {
                    detectedNs = System.nanoTime();
                }
            }
            nextQueryNs = System.nanoTime() + QUERY_NS;
        }
    }

    private void kill() {
        ClusterStatus.Worker victim = null;
        for (final ClusterStatus.Worker worker : host.client().status().workers()) {
            if (worker.state() == WorkerState.ALIVE && (victim == null || worker.assigned() > victim.assigned())) {
                victim = worker;
            }
        }
        if (victim == null) {
            return;
        }
        workerId = victim.id();
        name = victim.name();
        killedNs = host.killWorker(victim.processId());
        narrator.line("kill -9 of " + name + " (process " + victim.processId() + "), which had " + victim.assigned()
                + " tasks");
    }

    String name() {
        return name;
    }

    /** {@link System#nanoTime} of the kill; 0 when it never came to it. */
    long killedNs() {
        return killedNs;
    }

    /** Milliseconds until the sequencer knew; -1 when it never did. */
    double detectedMillis() {
        return detectedNs == 0 ? -1 : (detectedNs - killedNs) / 1e6;
    }

    /** Milliseconds until the last task of the dead worker had started elsewhere; -1 when it was never noticed. */
    double recoveredMillis(final Ledger ledger) {
        final long restartedNs = ledger.lastRestartAfter(killedNs);
        return restartedNs == 0 ? detectedMillis() : (restartedNs - killedNs) / 1e6;
    }
}
