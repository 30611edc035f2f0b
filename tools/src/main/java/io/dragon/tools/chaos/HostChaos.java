package io.dragon.tools.chaos;

import io.dragon.engine.config.DragonException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A chaos run over several hosts: starts a cluster across them, lets things happen between them, and keeps the account. One thread. */
public final class HostChaos {
    private static final long IN_TIME_NS = TimeUnit.SECONDS.toNanos(5);

    private final ChaosSettings settings;
    private final SystemAccess access;
    private final List<FaultLine> lines = new ArrayList<>();
    private final Map<String, String> skipped = new LinkedHashMap<>();

    private HostChaos(final ChaosSettings settings, final SystemAccess access) {
        this.settings = settings;
        this.access = access;
    }

    /**
     * Runs, in a host that {@link Enclosure#runOnHosts} has made.
     *
     * @param settings what to do.
     * @param access   the commands around it.
     * @return what came out.
     * @throws DragonException in one sentence, when it could not run.
     */
    public static ChaosReport run(final ChaosSettings settings, final SystemAccess access) {
        return new HostChaos(settings, access).run();
    }

    /**
     * The names of all that happens between hosts.
     *
     * @param networks that each of them has.
     * @return as {@code --only} takes them.
     */
    public static List<String> labels(final int networks) {
        return HostFault.all(true, networks).stream()
                .map(HostFault::label)
                .distinct()
                .toList();
    }

    /**
     * How many times its mark an answer may take here, unless somebody says otherwise.
     *
     * @return 1; 2 on a machine with fewer than four cores, on which the processes of all hosts wait for each other.
     */
    public static int usualSlack() {
        return HostProof.usualSlack();
    }

    private List<HostFault> plan(final int networks) {
        final List<HostFault> faults = new ArrayList<>(HostFault.all(settings.shortForm(), networks));
        faults.removeIf(fault -> !settings.only().isEmpty()
                && settings.only().stream().noneMatch(each -> fault.label().startsWith(each)));
        return faults;
    }

    private ChaosReport run() {
        final long beganNs = System.nanoTime();
        access.say("Starting " + settings.hosts() + " hosts: cameras on a, " + settings.workers()
                + " workers on each other one, the masters on " + (char) ('a' + settings.hosts() - 1)
                + "; no host but that one is told where they are ...");
        final HostNetwork network = new HostNetwork();
        final List<HostFault> plan = plan(network.count());
        try (HostCluster cluster = new HostCluster(settings, "", network, access)) {
            boolean good = false;
            try {
                final boolean isLate = plan.stream().anyMatch(each -> each.kind() == HostFault.Kind.FOUND);
                cluster.start(isLate ? "b" : "");
                access.say(String.format(
                        Locale.ROOT, "Everything runs after %.1f s.", (System.nanoTime() - beganNs) / 1e9));
                final ChaosReport report = run(plan, cluster, network);
                good = report.isGood() && report.isInTime();
                return report;
            } finally {
                if (settings.keepsLogs() || !good && !access.isStopRequested()) {
                    cluster.keepState();
                    access.say("The logs of its processes are in " + cluster.state() + '.');
                }
            }
        }
    }

    private ChaosReport run(final List<HostFault> plan, final HostCluster cluster, final HostNetwork network) {
        final Availability availability = new Availability(System.nanoTime(), IN_TIME_NS);
        try (Load load = new Load(cluster, settings, HostCluster.FRAME_LENGTH, availability);
                HostView view = new HostView(cluster.client())) {
            final HostProof proof = new HostProof(settings.slack());
            access.say(proof.words());
            access.say(FaultLine.header());
            for (final HostFault fault : plan) {
                for (int i = 0; i < settings.repeat(); i++) {
                    cluster.awaitWhole();
                    final FaultLine line = new HostRun(fault, proof, cluster, network, load, view, access).run();
                    lines.add(line);
                    access.say(line.text());
                }
            }
            return new ChaosReport(settings, lines, skipped, load.failures(), load.countsOfPromised(), availability);
        }
    }
}
