package io.dragon.tools.chaos;

import io.dragon.engine.client.Incident;
import io.dragon.engine.client.Statistics;
import io.dragon.engine.config.DragonException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.collections.LongArrayList;

/** Load without a fault: whether the masters elect anybody for no reason, and how evenly they work. One thread, one use. */
final class CalmRun {
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long WARM_NS = TimeUnit.SECONDS.toNanos(2);

    private final Fault fault;
    private final ChaosCluster cluster;
    private final Load load;
    private final SystemView view;
    private final SystemAccess access;
    private final LongArrayList sequenced = new LongArrayList();
    private int restarts;
    private long deliveredNs;
    private long stalledNs;

    CalmRun(
            final Fault fault,
            final ChaosCluster cluster,
            final Load load,
            final SystemView view,
            final SystemAccess access) {
        this.fault = fault;
        this.cluster = cluster;
        this.load = load;
        this.view = view;
        this.access = access;
    }

    FaultLine run() {
        final Counts before = load.counts();
        load.resume();
        flow(WARM_NS);
        final Statistics statistics = cluster.client().statistics();
        final List<Incident> known = cluster.client().incidents(0);
        final long lastIncident =
                known.isEmpty() ? 0 : known.get(known.size() - 1).number();
        final int termChanges = view.termChanges();
        sequenced.clear();
        restarts = 0;
        stalledNs = 0;
        final long startNs = System.nanoTime();
        deliveredNs = startNs;
        flow(TimeUnit.SECONDS.toNanos(fault.seconds()));
        final long endNs = System.nanoTime();
        final double gapMillis = longestGapNs(sequenced, startNs, endNs) / 1e6;
        stalledNs = Math.max(stalledNs, endNs - deliveredNs);
        final int elections = view.termChanges() - termChanges;
        load.settle();
        final List<String> incidents = new ArrayList<>();
        cluster.client().incidents(lastIncident).forEach(each -> incidents.add(each.what() + " (" + each.how() + ')'));
        final Statistics after = cluster.client().statistics();
        return new FaultLine(
                fault,
                "-",
                -1,
                String.format(
                        Locale.ROOT,
                        "elections: %d, longest gap in %d sequenced commands %.0f ms, processes that ended: %d, incidents: %d",
                        elections,
                        sequenced.size(),
                        gapMillis,
                        restarts,
                        incidents.size()),
                0,
                0,
                0,
                gapMillis,
                elections,
                stalledNs / 1e6,
                after.tasksReassigned() - statistics.tasksReassigned(),
                after.tasksRetried() - statistics.tasksRetried(),
                incidents,
                load.counts().since(before),
                "");
    }

    /** The longest time within two moments in which none of the others lies. */
    static long longestGapNs(final LongArrayList momentsNs, final long startNs, final long endNs) {
        final long[] sinceStartNs = momentsNs
                .longStream()
                .map(each -> each - startNs)
                .filter(each -> each >= 0 && each <= endNs - startNs)
                .sorted()
                .toArray();
        long beforeNs = 0;
        long longestNs = 0;
        for (final long eachNs : sinceStartNs) {
            longestNs = Math.max(longestNs, eachNs - beforeNs);
            beforeNs = eachNs;
        }
        return Math.max(longestNs, endNs - startNs - beforeNs);
    }

    private void flow(final long ns) {
        final long endNs = System.nanoTime() + ns;
        while (System.nanoTime() - endNs < 0) {
            if (access.isStopRequested()) {
                throw new DragonException("The run was stopped.");
            }
            load.drain();
            load.ended().forEach(this::note);
            load.forget();
            restarts += cluster.mend() == null ? 0 : 1;
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private void note(final Ended ended) {
        sequenced.addLong(ended.passport().sequencedNs());
        if (ended.kind() == Ended.Kind.TASK) {
            stalledNs = Math.max(stalledNs, ended.passport().deliveredNs() - deliveredNs);
            deliveredNs = ended.passport().deliveredNs();
        }
    }
}
