package io.dragon.tools.demo;

import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClusterStatus;
import java.util.concurrent.TimeUnit;

/** kill -9 of the busiest worker, and when the sequencer knew of it. Called from the demo's thread. */
final class WorkerKill implements Kill {
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

    @Override
    public void poll() {
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

    @Override
    public String kind() {
        return "worker";
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long killedNs() {
        return killedNs;
    }

    @Override
    public double detectedMillis() {
        return detectedNs == 0 ? -1 : (detectedNs - killedNs) / 1e6;
    }

    /** Until the last task of the dead worker had started elsewhere. */
    @Override
    public double recoveredMillis(final Ledger ledger) {
        final long restartedNs = ledger.lastRestartAfter(killedNs);
        return restartedNs == 0 ? detectedMillis() : (restartedNs - killedNs) / 1e6;
    }

    @Override
    public String recovery() {
        return "its work ran elsewhere";
    }
}
