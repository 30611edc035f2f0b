package io.dragon.tools.chaos;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.Incident;
import io.dragon.engine.client.Statistics;
import io.dragon.engine.config.DragonException;
import io.dragon.tools.process.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** One thing that happens between hosts, from a whole system under load to a whole and quiet one. One thread, one use. */
final class HostRun {
    private static final long WARM_NS = TimeUnit.MILLISECONDS.toNanos(1_500);

    /** How fast a host is found is told beside hosts that have run for a while: when all start together, they have some thirty threads that want a core. */
    private static final long WARM_BEFORE_START_NS = TimeUnit.SECONDS.toNanos(25);

    private static final long AFTER_NS = TimeUnit.MILLISECONDS.toNanos(500);

    /** A little more than the time between two reports of a node. */
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(1_200);

    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(60);
    private static final List<String> DELAY = List.of(
            "--delay", "20ms", "--jitter", "5ms", "--reorder", "3", "--duplicate", "1", "--loss", "0", "--seed", "1");

    /** The host that things happen to. */
    private static final char VICTIM = 'b';

    private final HostFault fault;
    private final HostProof proof;
    private final HostCluster cluster;
    private final HostNetwork network;
    private final Load load;
    private final HostView view;
    private final Flow flow;
    private final List<String> remarks = new ArrayList<>();
    private final Set<Integer> itsWorkers = new HashSet<>();
    private ChildProcess helper;
    private RoutesAsked routes;
    private long waysRelayed = -1;
    private ClusterStatus.Traffic before;
    private ClusterStatus.Traffic looked;
    private long lookedNs;
    private long struckNs;
    private long takenNs;
    private long struckMs;
    private long struckTasks;
    private long lastIncident;
    private long dropped;
    private long releasedNs;
    private long releasedTasks;
    private long recoveredNs;
    private long restoredNs;

    HostRun(
            final HostFault fault,
            final HostProof proof,
            final HostCluster cluster,
            final HostNetwork network,
            final Load load,
            final HostView view,
            final SystemAccess access) {
        this.fault = fault;
        this.proof = proof;
        this.cluster = cluster;
        this.network = network;
        this.load = load;
        this.view = view;
        flow = new Flow(access, cluster, load, () -> {}, this::onStep);
    }

    FaultLine run() {
        if (fault.kind() == HostFault.Kind.FOUND && cluster.stopHost(VICTIM)) {
            awaitAbsence();
        }
        final Counts counts = load.counts();
        load.resume();
        flow.goOn(fault.kind() == HostFault.Kind.FOUND ? WARM_BEFORE_START_NS : WARM_NS);
        flow.await(DEADLINE_NS);
        final Statistics statistics = cluster.client().statistics();
        final List<Incident> known = cluster.client().incidents(0);
        lastIncident = known.isEmpty() ? 0 : known.get(known.size() - 1).number();
        dropped = network.dropped();
        itsWorkers.addAll(workersOf(cluster.client().status()));
        load.forget();
        struckTasks = load.acceptedTasks();
        try {
            strike();
            while (!isOver()) {
                flow.step();
            }
        } finally {
            if (helper != null) {
                helper.close();
            }
            if (routes != null) {
                routes.close();
            }
        }
        flow.goOn(AFTER_NS);
        load.settle();
        return line(counts, statistics);
    }

    private void onStep() {
        if (struckNs != 0) {
            recoveredNs = recoveredNs == 0 ? recovered() : recoveredNs;
            if (fault.kind() == HostFault.Kind.CUT && recoveredNs != 0 && releasedNs == 0 && routes == null) {
                routes = new RoutesAsked(cluster);
            }
            if (releasedNs == 0 && isReleaseDue(System.nanoTime())) {
                release();
            }
            restoredNs = restoredNs == 0 && releasedNs != 0 ? restored() : restoredNs;
        }
    }

    /** The host was found before: it is to start anew. */
    private void awaitAbsence() {
        final long deadlineNs = System.nanoTime() + DEADLINE_NS;
        while (isThere(cluster.client().status())
                || !workersOf(cluster.client().status()).isEmpty()) {
            if (System.nanoTime() - deadlineNs >= 0) {
                throw new DragonException("The host " + node() + " was stopped, and the masters do not say so.");
            }
            flow.step();
        }
    }

    private boolean isOver() {
        return releasedNs != 0 && recoveredNs != 0 && restoredNs != 0
                || System.nanoTime() - struckNs - DEADLINE_NS >= 0 && releasedNs != 0;
    }

    private void strike() {
        if (fault.kind() == HostFault.Kind.DELAY) {
            helper = network.wire(HostCluster.CAMERAS, cluster.state(), DELAY);
        } else if (fault.kind() == HostFault.Kind.INTRUDER) {
            helper = intruder();
        }
        before = HostView.traffic(cluster.client().status());
        view.begin(this::sign);
        struckMs = System.currentTimeMillis();
        struckNs = System.nanoTime();
        switch (fault.kind()) {
            case FLIPPED -> flip(true);
            case FOUND -> cluster.startHost(VICTIM);
            case LOSS -> network.lose(fault.number());
            case CUT -> network.cut(HostCluster.CAMERAS, VICTIM);
            case NETWORK -> network.unplug(VICTIM, fault.number());
            case GONE -> {
                cluster.killHost(VICTIM);
                network.unplug(VICTIM);
            }
            default -> {
                // it goes on already
            }
        }
        takenNs = System.nanoTime();
    }

    /** On a host beside those of the cluster. */
    private ChildProcess intruder() {
        final List<String> targets = new ArrayList<>();
        for (char host = HostCluster.CAMERAS; host <= cluster.last(); host++) {
            targets.add(HostNetwork.address(host));
        }
        final ChildProcess process = cluster.program(
                (char) (cluster.last() + 1),
                "intruder",
                List.of(
                        "chaos-intruder",
                        "--target=" + String.join(",", targets),
                        "--broadcast=" + HostNetwork.BROADCAST));
        process.awaitLine("begun", TimeUnit.NANOSECONDS.toSeconds(DEADLINE_NS), TimeUnit.SECONDS);
        return process;
    }

    private void flip(final boolean on) {
        try {
            if (on) {
                Files.createFile(cluster.flips());
            } else {
                Files.delete(cluster.flips());
            }
        } catch (final IOException ex) {
            throw new DragonException("Cannot write " + cluster.flips() + ": " + ex.getMessage() + '.');
        }
    }

    private HostProof.Evidence evidence() {
        final ClusterStatus.Traffic now = HostView.traffic(cluster.client().status());
        final HostProof.Evidence evidence = new HostProof.Evidence(
                dropped,
                now.chunksRepeated() - before.chunksRepeated(),
                now.intruders() - before.intruders(),
                now.framesRelayed() - before.framesRelayed(),
                waysRelayed);
        remark(now.framesFetched() - before.framesFetched(), "frames fetched");
        remark(evidence.framesRelayed(), "relayed");
        remark(evidence.waysRelayed(), "ways by a third host in 'dragon routes --optimize'");
        remark(evidence.chunksRepeated(), "chunks asked for again");
        remark(evidence.intruders(), "packets of strangers ignored");
        return evidence;
    }

    private void remark(final long count, final String what) {
        if (count > 0) {
            remarks.add(count + " " + what);
        }
    }

    private boolean isReleaseDue(final long nowNs) {
        final long sinceNs = nowNs - struckNs;
        return switch (fault.kind()) {
            case FOUND -> true;
            case CUT, NETWORK, GONE -> recoveredNs != 0
                            && sinceNs >= TimeUnit.SECONDS.toNanos(fault.seconds())
                            && (routes == null || routes.isOver())
                    || sinceNs >= DEADLINE_NS / 2;
            default -> sinceNs >= TimeUnit.SECONDS.toNanos(fault.seconds());
        };
    }

    private void release() {
        dropped = network.dropped() - dropped; // before that: the count goes with the rule
        waysRelayed = routes == null ? -1 : routes.waysRelayed();
        switch (fault.kind()) {
            case FLIPPED -> flip(false);
            case LOSS -> network.lose(0);
            case CUT -> network.join(HostCluster.CAMERAS, VICTIM);
            case NETWORK -> network.plugIn(VICTIM);
            case GONE -> {
                network.plugIn(VICTIM);
                cluster.startHost(VICTIM);
            }
            default -> {
                if (helper != null) {
                    helper.close();
                    helper = null;
                }
            }
        }
        releasedTasks = load.acceptedTasks();
        releasedNs = System.nanoTime();
    }

    /** What the masters show of it, in words; null while they show nothing. */
    private String sign(final ClusterStatus status) {
        return switch (fault.kind()) {
            case FOUND -> isThere(status) ? "status: " + node() + " has found the masters" : null;
            case GONE -> isThere(status) ? null : "status: " + node() + " is not alive";
            case FLIPPED -> HostView.traffic(status).chunksRepeated() > before.chunksRepeated()
                    ? "status: chunks asked for again"
                    : null;
            case INTRUDER -> HostView.traffic(status).intruders() > before.intruders()
                    ? "status: packets of strangers"
                    : null;
            case LOSS, DELAY, CUT, NETWORK -> null;
        };
    }

    private boolean isThere(final ClusterStatus status) {
        return status.nodes().stream()
                .anyMatch(each -> each.name().equals(node()) && each.state() == WorkerState.ALIVE);
    }

    /** Party ids of the workers on the host that it happens to. */
    private Set<Integer> workersOf(final ClusterStatus status) {
        final Set<Integer> ids = new HashSet<>();
        for (final ClusterStatus.Worker worker : status.workers()) {
            if (worker.name().startsWith(node()) && worker.state() == WorkerState.ALIVE) {
                ids.add(worker.id());
            }
        }
        return ids;
    }

    private static String node() {
        return HostCluster.node(VICTIM);
    }

    /** When work flowed again that needed what was struck; 0 while it does not. */
    private long recovered() {
        return switch (fault.kind()) {
            case FOUND -> firstOfItsWorkers(struckNs);
            case CUT, NETWORK -> aftermath()
                    .first(each -> each.kind() == Ended.Kind.FRAME
                            && itsWorkers.contains(each.workerId())
                            && each.passport().publishedNs() - takenNs > 0);
            case GONE -> load.hasEnded(struckTasks) ? lastOfItsTasks() : 0;
            default -> aftermath().first(aftermath()::isOfAfter);
        };
    }

    private long firstOfItsWorkers(final long sinceNs) {
        if (itsWorkers.isEmpty()) {
            itsWorkers.addAll(workersOf(cluster.client().status()));
        }
        return aftermath()
                .first(each ->
                        itsWorkers.contains(each.workerId()) && each.passport().startedNs() - sinceNs > 0);
    }

    /** When the last of the tasks began elsewhere that were on the host. */
    private long lastOfItsTasks() {
        long lastNs = struckNs;
        for (final Ended each : load.ended()) {
            if (each.attempts() > 1 && each.passport().startedNs() - struckNs > 0) {
                lastNs = Math.max(lastNs, each.passport().startedNs());
            }
        }
        return lastNs;
    }

    /** When what was struck did its own work again; 0 while it does not. */
    private long restored() {
        return switch (fault.kind()) {
            case FOUND -> recoveredNs;
            case CUT -> isDirect() ? System.nanoTime() : 0;
            case GONE -> firstOfItsWorkers(releasedNs);
            default -> load.acceptedTasks() > releasedTasks && load.hasEnded(releasedTasks + 1) && cluster.isWhole()
                    ? System.nanoTime()
                    : 0;
        };
    }

    /** Whether frames have come since the last look, and none by way of another host. */
    private boolean isDirect() {
        final long nowNs = System.nanoTime();
        if (nowNs - lookedNs < LOOK_NS) {
            return false;
        }
        lookedNs = nowNs;
        final ClusterStatus.Traffic now = HostView.traffic(cluster.client().status());
        final boolean isDirect = looked != null
                && now.framesFetched() > looked.framesFetched()
                && now.framesRelayed() == looked.framesRelayed();
        looked = now;
        return isDirect && firstOfItsWorkers(releasedNs) != 0;
    }

    private Aftermath aftermath() {
        return new Aftermath(load.ended(), struckNs);
    }

    private FaultLine line(final Counts counts, final Statistics statistics) {
        flow.remark(remarks);
        remark(dropped, "packets lost");
        final HostProof.Evidence evidence = evidence();
        final Statistics after = cluster.client().statistics();
        final long buried = fault.kind() == HostFault.Kind.GONE ? load.bury() : 0;
        remark(buried, "results were in its memory, and failed with that reason");
        double detectedMillis = aftermath().millisTo(view.signNs());
        String detectedBy = view.sign();
        final List<String> words = new ArrayList<>();
        for (final Incident incident : view.incidents(lastIncident)) {
            if (isOfIt(incident)) {
                words.add(incident.what() + " (" + incident.how() + ')');
                final double sinceMillis = Math.max(0, incident.timeMillis() - struckMs);
                if (detectedMillis < 0 || sinceMillis < detectedMillis) {
                    detectedMillis = sinceMillis;
                    detectedBy = "incident: " + words.get(words.size() - 1);
                }
            }
        }
        if (fault.kind() == HostFault.Kind.GONE && recoveredNs != 0) {
            recoveredNs = lastOfItsTasks(); // some were given to it after it had died, before it was missed
        }
        final double recoveredMillis = aftermath().millisTo(recoveredNs);
        return new FaultLine(
                fault,
                victim(),
                detectedMillis,
                detectedBy,
                recoveredMillis,
                aftermath().millisTo(restoredNs),
                aftermath().millisTo(aftermath().sequencedNs()),
                -1,
                0,
                aftermath().stalledNs() / 1e6,
                after.tasksReassigned() - statistics.tasksReassigned(),
                after.tasksRetried() - statistics.tasksRetried(),
                words,
                load.counts().since(counts).without(buried),
                String.join(", ", remarks),
                proof.missed(fault, detectedMillis, recoveredMillis),
                proof.unproven(fault, evidence));
    }

    private String victim() {
        return switch (fault.kind()) {
            case FOUND, CUT, NETWORK, GONE, FLIPPED -> node();
            case DELAY -> HostCluster.node(HostCluster.CAMERAS);
            case LOSS, INTRUDER -> "all hosts";
        };
    }

    private boolean isOfIt(final Incident incident) {
        final IncidentKind kind = incident.kind();
        return switch (fault.kind()) {
            case GONE -> kind == IncidentKind.NODE_LOST
                    || kind == IncidentKind.PARTY_DIED
                    || kind == IncidentKind.PARTY_SILENT;
            case CUT, NETWORK, LOSS, DELAY -> kind == IncidentKind.LINK_CHANGED || kind == IncidentKind.ROUTE_CHANGED;
            case FLIPPED -> kind == IncidentKind.FRAME_CORRUPT;
            case INTRUDER -> kind == IncidentKind.INTRUDER;
            case FOUND -> false;
        };
    }
}
