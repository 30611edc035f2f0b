package io.dragon.tools.chaos;

import io.dragon.engine.config.DragonException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A chaos run: starts a cluster of real processes, lets the faults befall it one after another, and keeps the account. One thread. */
public final class Chaos {
    private static final long IN_TIME_NS = TimeUnit.SECONDS.toNanos(5);

    private final ChaosSettings settings;
    private final SystemAccess access;
    private final List<FaultLine> lines = new ArrayList<>();
    private final Map<String, String> skipped = new LinkedHashMap<>();

    private Chaos(final ChaosSettings settings, final SystemAccess access) {
        this.settings = settings;
        this.access = access;
    }

    /**
     * Runs.
     *
     * @param settings what to do.
     * @param access   the commands around it.
     * @return what came out.
     * @throws DragonException in one sentence, when it could not run.
     */
    public static ChaosReport run(final ChaosSettings settings, final SystemAccess access) {
        return new Chaos(settings, access).run();
    }

    /**
     * The names of all faults.
     *
     * @return as {@code --only} takes them.
     */
    public static List<String> labels() {
        return Stream.concat(Fault.longForm().stream(), Stream.of(Fault.calm(0)))
                .map(Fault::label)
                .distinct()
                .toList();
    }

    /**
     * Whether some of the faults need namespaces of their own.
     *
     * @param settings what to do.
     * @return true when {@link Enclosure} should be tried.
     */
    public static boolean wantsEnclosure(final ChaosSettings settings) {
        return wanted(settings).stream().anyMatch(each -> Ground.isNeededFor(each.kind()));
    }

    private static List<Fault> wanted(final ChaosSettings settings) {
        final List<Fault> faults = new ArrayList<>(settings.shortForm() ? Fault.shortForm() : Fault.longForm());
        if (!settings.only().isEmpty()) {
            faults.add(Fault.calm(settings.calmSeconds()));
            faults.removeIf(fault ->
                    settings.only().stream().noneMatch(each -> fault.label().startsWith(each)));
        }
        return faults;
    }

    private ChaosReport run() {
        final List<Fault> plan = plan();
        if (plan.isEmpty()) {
            throw new DragonException("None of the faults asked for can be made here: " + skipped);
        }
        final long beganNs = System.nanoTime();
        access.say("Starting " + settings.masters() + " masters, a media driver, a gpu-server with "
                + settings.workers() + " workers, " + settings.publishers() + " camera processes ...");
        try (ChaosCluster cluster = new ChaosCluster(settings, kinds(plan), access)) {
            boolean good = false;
            try {
                cluster.start();
                access.say(String.format(
                        Locale.ROOT, "Everything runs after %.1f s.", (System.nanoTime() - beganNs) / 1e9));
                final ChaosReport report = run(plan, cluster);
                good = report.isGood();
                return report;
            } finally {
                if (settings.keepsLogs() || !good && !access.isStopRequested()) {
                    cluster.keepState();
                    access.say("The logs of its processes are in " + cluster.state() + '.');
                }
            }
        }
    }

    private ChaosReport run(final List<Fault> plan, final ChaosCluster cluster) {
        final Availability availability = new Availability(System.nanoTime(), IN_TIME_NS);
        try (Load load = new Load(cluster, settings, FrameLoad.FRAME_LENGTH, availability);
                SystemView view = new SystemView(cluster)) {
            access.say(FaultLine.header());
            if (settings.soakSeconds() > 0) {
                soak(plan, cluster, load, view, availability);
            } else {
                for (final Fault fault : plan) {
                    befall(fault, cluster, load, view, true);
                }
            }
            return new ChaosReport(settings, lines, skipped, load.failures(), load.counts(), availability);
        }
    }

    /** Faults drawn at random, without a pause in the flow of work; what is lost shows at the end. */
    private void soak(
            final List<Fault> plan,
            final ChaosCluster cluster,
            final Load load,
            final SystemView view,
            final Availability availability) {
        final Random random = new Random(settings.seed());
        final long startNs = System.nanoTime();
        long toldMinutes = 0;
        while (System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(settings.soakSeconds())) {
            final Fault fault = plan.get(random.nextInt(plan.size()));
            befall(fault, cluster, load, view, false);
            final long nowNs = System.nanoTime();
            if (TimeUnit.NANOSECONDS.toMinutes(nowNs - startNs) > toldMinutes) {
                toldMinutes = TimeUnit.NANOSECONDS.toMinutes(nowNs - startNs);
                access.say(availability.text(nowNs));
            }
        }
        load.settle();
    }

    private void befall(
            final Fault fault,
            final ChaosCluster cluster,
            final Load load,
            final SystemView view,
            final boolean settles) {
        cluster.awaitWhole();
        final FaultLine line = fault.kind() == Fault.Kind.CALM
                ? new CalmRun(fault, cluster, load, view, access).run()
                : new FaultRun(fault, cluster, load, view, access, settles).run();
        lines.add(line);
        access.say(line.text());
    }

    private List<Fault> plan() {
        final List<Fault> plan = new ArrayList<>();
        for (final Fault fault : wanted(settings)) {
            final String reason = whyNot(fault);
            if (reason != null) {
                skipped.put(fault.label(), reason);
            } else {
                for (int i = 0; i < settings.repeat(); i++) {
                    plan.add(fault);
                }
            }
        }
        return plan;
    }

    /** Why a fault cannot be made here, in words; null when it can. */
    private String whyNot(final Fault fault) {
        if (fault.target() == Target.FOLLOWER && settings.masters() < 3) {
            return "a single master has no follower";
        }
        if (fault.target() == Target.PUBLISHER && settings.publishers() == 0) {
            return "the cluster runs without cameras";
        }
        if (fault.kind() == Fault.Kind.LOSS && settings.masters() < 3) {
            return "a single master has no network around it";
        }
        return Ground.whyNot(fault.kind());
    }

    private static Set<Fault.Kind> kinds(final List<Fault> plan) {
        return plan.stream().map(Fault::kind).collect(Collectors.toSet());
    }
}
