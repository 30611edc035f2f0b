package io.dragon.engine.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * State of the cluster with the reasons for it.
 *
 * @param state   the worst of what was found.
 * @param reasons one sentence for each thing found; empty when it is healthy.
 */
public record Health(State state, List<String> reasons) {
    /** States, from good to bad. */
    public enum State {
        /** Everything works. */
        HEALTHY,
        /** Work is done, but something is lost, slow or failing. */
        DEGRADED,
        /** More work comes in than is done. */
        OVERLOADED,
        /** Work is not done. */
        CRITICAL;

        /**
         * The state as reports spell it.
         *
         * @return lower case.
         */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Where the states begin.
     *
     * @param degradedSuccessRate   share of tasks that complete, below which it is degraded.
     * @param criticalSuccessRate   share of tasks that complete, below which it is critical.
     * @param degradedLatencyMillis mean time from submit to result, above which it is degraded.
     * @param overloadedQueuePerWorker tasks that could run at once, for each live worker, above which it is overloaded.
     * @param degradedRefusedShare  share of frames refused, above which it is degraded.
     * @param degradedRoundTripMillis round trip between two nodes, above which it is degraded.
     */
    public record Thresholds(
            double degradedSuccessRate,
            double criticalSuccessRate,
            double degradedLatencyMillis,
            double overloadedQueuePerWorker,
            double degradedRefusedShare,
            double degradedRoundTripMillis) {
        /** 95 % and 50 % success, 1 s, 100 ready tasks a worker, 5 % of frames refused, 5 ms between nodes. */
        public static final Thresholds DEFAULT = new Thresholds(0.95, 0.5, 1000, 100, 0.05, 5);
    }

    /**
     * Judges a cluster.
     *
     * @param statistics its totals.
     * @param thresholds where the states begin.
     * @return its health.
     */
    public static Health of(final Statistics statistics, final Thresholds thresholds) {
        return of(statistics, thresholds, List.of(), List.of(), List.of(), List.of(), List.of());
    }

    /**
     * Judges a cluster with everything that is known of its parts.
     *
     * @param statistics its totals.
     * @param thresholds where the states begin.
     * @param masters    its masters.
     * @param workers    its workers.
     * @param nodes      its nodes.
     * @param supervised its supervised worker processes.
     * @param changes    what became worse since the last look, one sentence each.
     * @return its health.
     */
    static Health of(
            final Statistics statistics,
            final Thresholds thresholds,
            final List<ClusterStatus.Master> masters,
            final List<ClusterStatus.Worker> workers,
            final List<ClusterStatus.Node> nodes,
            final List<ClusterStatus.Supervised> supervised,
            final List<String> changes) {
        final Judge judge = new Judge();
        Reasons.masters(masters).forEach(reason -> judge.found(State.DEGRADED, reason));
        Reasons.nodes(nodes).forEach(reason -> judge.found(State.DEGRADED, reason));
        NodeReasons.sharedMemory(nodes).forEach(reason -> judge.found(State.DEGRADED, reason));
        presence(statistics, supervised, judge);
        judge(statistics, thresholds, judge);
        Reasons.workers(workers, supervised).forEach(reason -> judge.found(State.DEGRADED, reason));
        changes.forEach(reason -> judge.found(State.DEGRADED, reason));
        return judge.health();
    }

    /** Without workers nothing is done; that is critical unless they are just coming, or nothing has come for them yet. */
    private static void presence(
            final Statistics statistics, final List<ClusterStatus.Supervised> supervised, final Judge judge) {
        if (statistics.workersAlive() > 0) {
            return;
        }
        final String starting = Reasons.starting(supervised);
        if (!starting.isEmpty()) {
            judge.found(State.DEGRADED, starting);
        } else if (statistics.totalWorkers() == 0 && statistics.queueDepth() + statistics.tasksAssigned() == 0) {
            judge.found(
                    State.DEGRADED,
                    "no worker has come yet: 'dragon gpu-server' starts those of a host, 'dragon worker' one");
        } else {
            judge.found(State.CRITICAL, "no worker is alive");
        }
    }

    private static void judge(final Statistics statistics, final Thresholds thresholds, final Judge judge) {
        if (statistics.workersAlive() < statistics.totalWorkers()) {
            judge.found(
                    State.DEGRADED,
                    statistics.totalWorkers() - statistics.workersAlive() + " of " + statistics.totalWorkers()
                            + " workers are not alive");
        }
        statistics
                .unserved()
                .forEach((type, tasks) -> judge.found(
                        State.DEGRADED,
                        (tasks == 1 ? "1 task waits" : tasks + " tasks wait") + " for type '" + type
                                + "', which no worker runs"));
        final double success = statistics.successRate();
        if (success < thresholds.degradedSuccessRate()) {
            judge.found(
                    success < thresholds.criticalSuccessRate() ? State.CRITICAL : State.DEGRADED,
                    String.format(
                                    Locale.ROOT,
                                    "only %.1f %% of the tasks of the last 10 minutes completed",
                                    success * 100)
                            + Advice.onFailures(statistics.ends()));
        }
        if (statistics.avgLatencyMillis() > thresholds.degradedLatencyMillis()) {
            judge.found(
                    State.DEGRADED,
                    String.format(
                            Locale.ROOT, "a task takes %.0f ms from submit to result", statistics.avgLatencyMillis()));
        }
        final double ready = (double) statistics.tasksReady() / Math.max(1, statistics.workersAlive());
        if (ready > thresholds.overloadedQueuePerWorker()) {
            judge.found(
                    State.OVERLOADED,
                    String.format(Locale.ROOT, "%.0f tasks wait for each live worker", ready) + Advice.ON_OVERLOAD);
        }
        final long frames = statistics.framesAccepted() + statistics.framesRefused();
        if (frames > 0 && statistics.framesRefused() > thresholds.degradedRefusedShare() * frames) {
            judge.found(State.DEGRADED, statistics.framesRefused() + " of " + frames + " frames were refused");
        }
    }

    static Health unreachable(final String why) {
        return new Health(State.CRITICAL, List.of("no master answers: " + why));
    }

    private static final class Judge {
        private final List<String> reasons = new ArrayList<>();
        private State state = State.HEALTHY;

        void found(final State worse, final String reason) {
            reasons.add(reason);
            state = worse.compareTo(state) > 0 ? worse : state;
        }

        Health health() {
            return new Health(state, List.copyOf(reasons));
        }
    }
}
