package io.dragon.tools.chaos;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.Incident;
import io.dragon.engine.client.Passport;
import io.dragon.engine.client.Statistics;
import io.dragon.engine.config.DragonException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** One fault, from a whole system under load to a whole and quiet one. One thread, one use. */
final class FaultRun {
    private static final long WARM_NS = TimeUnit.MILLISECONDS.toNanos(1_000);
    private static final long AFTER_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long BACK_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long SPARED_NS = TimeUnit.SECONDS.toNanos(15);

    /** A master needs its disk only when the log has filled the room that it had: it stays full until the system has shown it. */
    private static final long UNSEEN_NS = TimeUnit.SECONDS.toNanos(30);

    /** Who wakes believes for a moment that it leads, or ends: a place counts when it is kept for so long. */
    private static final long IN_PLACE_NS = TimeUnit.MILLISECONDS.toNanos(1_500);

    private static final long FILL_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int LOSS_PERCENT = 5;
    private static final String INCIDENT = "incident: ";
    /** Of a driver that is away, and of everybody who is not heard while it is. */
    private static final Set<IncidentKind> OF_A_DRIVER = EnumSet.of(
            IncidentKind.DRIVER_LOST, IncidentKind.DRIVER_RETURNED, IncidentKind.NODE_LOST, IncidentKind.PARTY_SILENT);

    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(75);

    private final Fault fault;
    private final ChaosCluster cluster;
    private final Load load;
    private final SystemView view;
    private final Flow flow;
    private final boolean settles;
    private final List<String> remarks = new ArrayList<>();

    /** Of the incidents on record before: one that is repeated is of this fault, too. */
    private final Map<Long, Long> repetitions = new HashMap<>();

    private Victim victim;
    private long struckNs;
    private long struckMs;
    private long struckStep;
    private long struckTasks;
    private int struckTermChanges;
    private long releasedNs;
    private long releasedTasks;
    private long nextFillNs;
    private long recoveredNs;
    private long restoredNs;
    private long inPlaceNs;

    FaultRun(
            final Fault fault,
            final ChaosCluster cluster,
            final Load load,
            final SystemView view,
            final SystemAccess access,
            final boolean settles) {
        this.settles = settles;
        this.fault = fault;
        this.cluster = cluster;
        this.load = load;
        this.view = view;
        flow = new Flow(access, cluster, load, view::look, this::onStep);
    }

    FaultLine run() {
        final Counts before = load.counts();
        load.resume();
        flow.goOn(WARM_NS);
        flow.await(DEADLINE_NS);
        final Statistics statistics = cluster.client().statistics();
        cluster.client().incidents(0).forEach(each -> repetitions.put(each.number(), each.repeated()));
        victim = pick();
        view.begin(victim, fault.target());
        struckTermChanges = view.termChanges();
        load.forget();
        strike();
        while (!isOver()) {
            flow.step();
        }
        flow.goOn(AFTER_NS);
        if (settles) {
            load.settle();
        }
        return line(before, statistics);
    }

    private void onStep() {
        final long nowNs = System.nanoTime();
        if (struckNs != 0) {
            fillAgain(nowNs);
            if (releasedNs == 0 && isReleaseDue(nowNs)) {
                release();
            }
            recoveredNs = recoveredNs == 0 ? recovered() : recoveredNs;
            restoredNs = restoredNs == 0 && releasedNs != 0 ? restored(nowNs) : restoredNs;
        }
    }

    private boolean isOver() {
        return releasedNs != 0 && recoveredNs != 0 && restoredNs != 0
                || System.nanoTime() - struckNs - DEADLINE_NS >= 0 && releasedNs != 0;
    }

    private Victim pick() {
        return switch (fault.target()) {
            case LEADER -> master(true);
            case FOLLOWER -> master(false);
            case WORKER -> busiestWorker();
            case PUBLISHER -> {
                final Part part = cluster.publishers().get(0);
                final List<String> names = new ArrayList<>();
                for (int i = 0; i < ChaosSettings.CAMERAS_PER_PUBLISHER; i++) {
                    names.add("chaos-" + i);
                }
                yield Victim.publisher(part, 0, names);
            }
            case MEDIA_DRIVER -> Victim.other(cluster.driver(), "media-driver");
            case MEMORY -> Victim.other(cluster.driver(), "memory");
            case NETWORK -> Victim.other(cluster.driver(), "network");
            case GPU_SERVER -> Victim.other(cluster.gpuServer(), ChaosCluster.NODE);
        };
    }

    private Victim master(final boolean leader) {
        for (final SystemAccess.Master master : cluster.masters()) {
            if (master.isLeader() == leader) {
                return Victim.master(cluster.master(master.id()), master.id());
            }
        }
        throw new DragonException("No master " + (leader ? "leads." : "follows."));
    }

    private Victim busiestWorker() {
        ClusterStatus.Worker busiest = null;
        final long deadlineNs = System.nanoTime() + WARM_NS;
        while (busiest == null || busiest.assigned() == 0 && System.nanoTime() - deadlineNs < 0) {
            for (final ClusterStatus.Worker worker : cluster.client().status().workers()) {
                if (ChaosCluster.isRunning(worker) && (busiest == null || worker.assigned() > busiest.assigned())) {
                    busiest = worker;
                }
            }
        }
        return Victim.worker(new SupervisedWorker(busiest.name(), busiest.processId()), busiest.name(), busiest.id());
    }

    private void strike() {
        struckTasks = load.acceptedTasks();
        struckNs = System.nanoTime();
        struckMs = System.currentTimeMillis();
        struckStep = load.stepAt(struckMs);
        view.struck(struckNs);
        switch (fault.kind()) {
            case STOP -> victim.part().pause();
            case KILL, RESTART -> victim.part().kill();
            case MEMORY_FULL -> cluster.ground().memory().fill();
            case DISK_FULL -> cluster.ground().disk(victim.member()).fill();
            case LOSS -> cluster.ground().network().lose(LOSS_PERCENT);
            case CALM -> throw new IllegalStateException("no fault");
        }
        nextFillNs = struckNs;
    }

    /** What the cluster gives free is taken, too. */
    private void fillAgain(final long nowNs) {
        if (nowNs - nextFillNs >= 0 && releasedNs == 0) {
            nextFillNs = nowNs + FILL_NS;
            if (fault.kind() == Fault.Kind.MEMORY_FULL) {
                cluster.ground().memory().fill();
            } else if (fault.kind() == Fault.Kind.DISK_FULL) {
                cluster.ground().disk(victim.member()).fill();
            }
        }
    }

    private boolean isReleaseDue(final long nowNs) {
        final long sinceNs = nowNs - struckNs;
        if (fault.kind() == Fault.Kind.DISK_FULL && view.signNs() == 0 && sinceNs < UNSEEN_NS) {
            return false;
        }
        if (fault.kind() != Fault.Kind.KILL) {
            return sinceNs >= TimeUnit.SECONDS.toNanos(fault.seconds());
        }
        final boolean canBeSpared = fault.target() != Target.MEDIA_DRIVER && fault.target() != Target.GPU_SERVER;
        return canBeSpared ? recoveredNs != 0 && sinceNs >= BACK_NS || sinceNs >= SPARED_NS : sinceNs >= BACK_NS;
    }

    private void release() {
        switch (fault.kind()) {
            case STOP -> victim.part().goOn();
            case MEMORY_FULL -> cluster.ground().memory().empty();
            case DISK_FULL -> cluster.ground().disk(victim.member()).empty();
            case CALM -> throw new IllegalStateException("no fault");
            case LOSS -> remarks.add(cluster.ground().network().heal() + " packets lost");
            case KILL, RESTART -> {
                victim.part().start();
                if (fault.target() == Target.PUBLISHER) {
                    load.runAgain(cluster.publishers().get(victim.firstCamera() / ChaosSettings.CAMERAS_PER_PUBLISHER));
                }
            }
        }
        releasedTasks = load.acceptedTasks();
        releasedNs = System.nanoTime();
    }

    /** When work flowed again that needed what was struck; 0 while it does not. */
    private long recovered() {
        return switch (fault.target()) {
            case WORKER -> load.hasEnded(fault.kind() == Fault.Kind.STOP ? releasedTasks : struckTasks)
                            && (releasedNs != 0 || fault.kind() != Fault.Kind.STOP)
                    ? lastOfItsTasks()
                    : 0;
            case PUBLISHER -> first(each -> each.kind() == Ended.Kind.STEP && each.step() > struckStep + 1);
            default -> first(this::isOfAfter);
        };
    }

    /** A task that was moved runs again when its handler begins elsewhere; one that stayed with the victim, when it ends. */
    private long lastOfItsTasks() {
        long lastNs = struckNs;
        for (final Ended each : load.ended()) {
            final Passport passport = each.passport();
            if (isMoved(each)) {
                lastNs = Math.max(lastNs, passport.startedNs());
            } else if (each.workerId() == victim.workerId()
                    && (releasedNs == 0 || passport.assignedNs() - releasedNs < 0)) {
                lastNs = Math.max(lastNs, passport.deliveredNs());
            }
        }
        return lastNs;
    }

    private boolean isMoved(final Ended each) {
        return each.attempts() > 1 && each.passport().startedNs() - struckNs > 0;
    }

    /** When the part that was struck did its work again itself; 0 while it does not. */
    private long restored(final long nowNs) {
        if (fault.target() == Target.WORKER) {
            return first(each ->
                    each.workerId() == victim.workerId() && each.passport().startedNs() - releasedNs > 0);
        }
        if (fault.target() == Target.PUBLISHER) {
            return first(each -> each.kind() == Ended.Kind.FRAME
                    && victim.hasCamera(each.camera())
                    && each.passport().publishedNs() - releasedNs > 0);
        }
        if (victim.member() >= 0) {
            if (!isMasterInPlace()) {
                inPlaceNs = 0;
            } else if (inPlaceNs == 0) {
                inPlaceNs = nowNs;
            }
            return inPlaceNs != 0 && nowNs - inPlaceNs >= IN_PLACE_NS ? inPlaceNs : 0;
        }
        final boolean works =
                recoveredNs != 0 && load.acceptedTasks() > releasedTasks && load.hasEnded(releasedTasks + 1);
        return works && cluster.isWhole() ? System.nanoTime() : 0;
    }

    private boolean isMasterInPlace() {
        int leaders = 0;
        boolean isInPlace = cluster.master(victim.member()).isRunning();
        for (final SystemAccess.Master master : cluster.masters()) {
            leaders += master.isLeader() ? 1 : 0;
            isInPlace &= master.id() != victim.member() || master.isInPlace();
        }
        return isInPlace && leaders == 1;
    }

    private long first(final java.util.function.Predicate<Ended> condition) {
        return aftermath().first(condition);
    }

    private Aftermath aftermath() {
        return new Aftermath(load.ended(), struckNs);
    }

    private FaultLine line(final Counts before, final Statistics statistics) {
        flow.remark(remarks);
        if (fault.target() == Target.WORKER && recoveredNs != 0) {
            recoveredNs = lastOfItsTasks(); // some may have come to it after the fault, before it was missed
        }
        final Statistics after = statistics(statistics);
        double detectedMillis = millisTo(view.signNs());
        String detectedBy = view.sign();
        final List<String> words = new ArrayList<>();
        for (final Incident incident : incidents()) {
            words.add(incident.what() + " (" + incident.how() + ')');
            final long seenMillis = isNew(incident) ? incident.timeMillis() : incident.lastMillis();
            final double sinceMillis = Math.max(0, seenMillis - struckMs);
            if (detectedMillis < 0 || sinceMillis < detectedMillis) {
                detectedMillis = sinceMillis;
                detectedBy = INCIDENT + words.get(words.size() - 1);
            }
        }
        final int elections = view.termChanges() - struckTermChanges;
        if (fault.target() == Target.LEADER) {
            remarkWay(elections);
        }
        if (detectedMillis >= 0 && words.isEmpty()) {
            remarks.add("no incident record");
        } else if (detectedMillis >= 0 && !detectedBy.startsWith(INCIDENT)) {
            remarks.add(INCIDENT + words.get(0) + (words.size() == 1 ? "" : " and " + (words.size() - 1) + " more"));
        }
        return new FaultLine(
                fault,
                Ground.isNeededFor(fault.kind()) && victim.member() < 0
                        ? fault.target().label()
                        : victim.part().name(),
                detectedMillis,
                detectedBy,
                millisTo(recoveredNs),
                millisTo(restoredNs),
                millisTo(aftermath().sequencedNs()),
                -1,
                elections,
                aftermath().stalledNs() / 1e6,
                after.tasksReassigned() - statistics.tasksReassigned(),
                after.tasksRetried() - statistics.tasksRetried(),
                words,
                load.counts().since(before),
                String.join(", ", remarks));
    }

    /** Where the first task that was submitted after the fault spent its time. */
    private void remarkWay(final int elections) {
        load.ended().stream()
                .filter(this::isOfAfter)
                .map(Ended::passport)
                .min((a, b) -> Long.compare(a.deliveredNs() - struckNs, b.deliveredNs() - struckNs))
                .ifPresent(first -> remarks.add(String.format(
                        Locale.ROOT,
                        "elections: %d; first task: submitted %.0f, sequenced %.0f, assigned %.0f, begun %.0f, delivered %.0f ms",
                        elections,
                        millisTo(first.submittedNs()),
                        millisTo(first.sequencedNs()),
                        millisTo(first.assignedNs()),
                        millisTo(first.startedNs()),
                        millisTo(first.deliveredNs()))));
    }

    private boolean isOfAfter(final Ended each) {
        return aftermath().isOfAfter(each);
    }

    /** The masters' records of what was struck. */
    private List<Incident> incidents() {
        try {
            return cluster.client().incidents(0).stream()
                    .filter(each -> isNew(each) || each.repeated() > repetitions.get(each.number()))
                    .filter(this::isOfVictim)
                    .toList();
        } catch (final DragonException noAnswer) {
            return List.of();
        }
    }

    private boolean isNew(final Incident incident) {
        return !repetitions.containsKey(incident.number());
    }

    private boolean isOfVictim(final Incident incident) {
        if (victim.partyNames().contains(incident.subject())) {
            return true;
        }
        return switch (fault.target()) {
            case LEADER -> incident.kind() == IncidentKind.LEADER_CHANGED
                    || incident.kind() == IncidentKind.MASTERS_AWAY;
            case MEDIA_DRIVER -> OF_A_DRIVER.contains(incident.kind());
            case GPU_SERVER -> incident.subject().startsWith(ChaosCluster.NODE + '-');
            default -> false;
        };
    }

    private Statistics statistics(final Statistics before) {
        try {
            return cluster.client().statistics();
        } catch (final DragonException noAnswer) {
            remarks.add("no master answers");
            return before;
        }
    }

    private double millisTo(final long ns) {
        return aftermath().millisTo(ns);
    }
}
