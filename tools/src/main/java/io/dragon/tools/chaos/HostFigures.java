package io.dragon.tools.chaos;

import io.dragon.tools.process.ChildProcess;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How fast frames go from one host to another: the masters and the cameras are on host a, the worker on host b. Each time beside what the link
 * takes by itself for the same bytes; then how much a link of 1 Gbit/s carries, with and without compression. One thread.
 */
public final class HostFigures {
    /** As {@code --only} takes it. */
    public static final String LABEL = "figures";

    private static final List<String> TRANSPORTS = List.of("udp", "tcp", "tcp-copy");
    private static final int DESCRIPTOR = 512;
    private static final int MASK = 3840 * 2160 / 8;
    private static final int FRAME = 3840 * 2160 * 3 * Float.BYTES;
    private static final int LINK_PORT = 7_000;
    private static final int SLOW_LINK_PORT = 7_001;
    private static final String SLOW = "1gbit";

    /** What a link of that rate carries, counted with the headers of Ethernet, in bytes a second. */
    private static final double SLOW_BYTES = 125e6;

    private static final int ETHERNET_IP_UDP = 14 + 20 + 8;
    private static final int AERON_AND_PIECE = 32 + 24;
    private static final int DEFAULT_MTU = 1_408;
    private static final int SEGMENT = 1_448;
    private static final int PACKET_OF_A_SEGMENT = 1_514;
    private static final double WANTED_MEGABYTES = 110;
    private static final double WANTED_GAIN = 1.4;
    private static final double MOST_COST = 0.03;
    private static final double MOST_MILLIS = 5;

    private final ChaosSettings settings;
    private final SystemAccess access;
    private final HostNetwork network = new HostNetwork();
    private final Map<Integer, long[]> link = new LinkedHashMap<>();
    private final List<Object> rows = new ArrayList<>();
    private boolean isGood = true;

    private HostFigures(final ChaosSettings settings, final SystemAccess access) {
        this.settings = settings;
        this.access = access;
    }

    /**
     * Measures, in a host that {@link Enclosure#runOnHosts} has made.
     *
     * @param settings with two hosts and no cameras.
     * @param access   the commands around it.
     * @return the report, as {@code --json} writes it; {@code good} in it says whether everything is as fast as it is to be.
     */
    public static Map<String, Object> run(final ChaosSettings settings, final SystemAccess access) {
        return new HostFigures(settings, access).run();
    }

    private Map<String, Object> run() {
        access.say(String.format(
                Locale.ROOT,
                "%-10s %-12s %10s %10s %10s %12s",
                "transport",
                "what",
                "p50",
                "p99",
                "max",
                "link's p50"));
        for (final String transport : TRANSPORTS) {
            try (HostCluster cluster = cluster("transfer:\n  transport: " + transport + "\n")) {
                measureLink(cluster);
                times(transport, "descriptor", DESCRIPTOR, assignments(cluster));
                times(transport, "mask", MASK, frames(cluster, "mask", MASK, settings.shortForm() ? 30 : 200));
                times(transport, "frame", FRAME, frames(cluster, "frame", FRAME, settings.shortForm() ? 5 : 30));
            }
        }
        network.rate(SLOW);
        access.say("over a link of " + SLOW + ", frames of " + FRAME + " bytes:");
        access.say(String.format(
                Locale.ROOT,
                "%-10s %-28s %8.1f MB/s by udp, %.1f by tcp",
                "",
                "what the headers leave of it",
                SLOW_BYTES * (DEFAULT_MTU - AERON_AND_PIECE) / (DEFAULT_MTU + ETHERNET_IP_UDP) / 1e6,
                SLOW_BYTES * SEGMENT / PACKET_OF_A_SEGMENT / 1e6));
        for (final String transport : TRANSPORTS) {
            slow(transport);
        }
        network.rate("off");
        final Map<String, Object> json = new LinkedHashMap<>();
        json.put("suite", LABEL);
        json.put("rows", rows);
        json.put("good", isGood);
        return json;
    }

    private HostCluster cluster(final String keys) {
        final HostCluster cluster = new HostCluster(settings, keys, network, access);
        try {
            cluster.start("");
            return cluster;
        } catch (final RuntimeException ex) {
            cluster.keepState();
            cluster.close();
            throw ex;
        }
    }

    private void measureLink(final HostCluster cluster) {
        if (!link.isEmpty()) {
            return;
        }
        final char far = cluster.last();
        try (ChildProcess answers = cluster.program(far, "link", List.of("chaos-link", "--port=" + LINK_PORT))) {
            answers.checkAlive();
            final String host = HostNetwork.address(far);
            link.put(DESCRIPTOR, LinkTime.measure(host, LINK_PORT, DESCRIPTOR, 2_000));
            link.put(MASK, LinkTime.measure(host, LINK_PORT, MASK, 100));
            link.put(FRAME, LinkTime.measure(host, LINK_PORT, FRAME, settings.shortForm() ? 3 : 10));
        }
    }

    private long[] assignments(final HostCluster cluster) {
        try (FrameTimes times = new FrameTimes(cluster.client(), "", new byte[0])) {
            return times.assignments(settings.shortForm() ? 200 : 2_000);
        }
    }

    private static long[] frames(final HostCluster cluster, final String name, final int length, final int times) {
        try (FrameTimes frames = new FrameTimes(cluster.client(), name, Content.of(1, length))) {
            return frames.frames(times);
        }
    }

    private void slow(final String transport) {
        final double plain;
        final double squeezed;
        final double cost;
        final int times = settings.shortForm() ? 4 : 10;
        final byte[] camera = new byte[FRAME];
        CameraLike.fill(camera, 1);
        try (HostCluster cluster = cluster("transfer:\n  transport: " + transport + "\n  compression: off\n")) {
            sockets(cluster, transport);
            plain = rate(cluster, transport, "compression off, noise", Content.of(1, FRAME), times);
        }
        try (HostCluster cluster = cluster("transfer:\n  transport: " + transport + "\n  compression: auto\n")) {
            cost = 1 - rate(cluster, transport, "compression auto, noise", Content.of(1, FRAME), times) / plain;
            squeezed = rate(cluster, transport, "compression auto, camera", camera, times);
        }
        check(plain / 1e6, WANTED_MEGABYTES, plain / 1e6 >= WANTED_MEGABYTES, transport + ": MB/s without compression");
        check(squeezed / plain, WANTED_GAIN, squeezed / plain >= WANTED_GAIN, transport + ": gain of compression");
        check(100 * cost, 100 * MOST_COST, cost <= MOST_COST, transport + ": % that noise costs with compression");
    }

    /** Plain sockets over the same link, right before. */
    private void sockets(final HostCluster cluster, final String transport) {
        final char far = cluster.last();
        try (ChildProcess answers =
                cluster.program(far, "slow-link", List.of("chaos-link", "--port=" + SLOW_LINK_PORT))) {
            answers.checkAlive();
            final long[] took = LinkTime.measure(HostNetwork.address(far), SLOW_LINK_PORT, FRAME, 1);
            row(transport, "plain sockets", FRAME / (took[0] / 1e9));
        }
    }

    private double rate(
            final HostCluster cluster,
            final String transport,
            final String what,
            final byte[] content,
            final int times) {
        final double rate;
        try (FrameTimes frames = new FrameTimes(cluster.client(), what.replaceAll("[^a-z]+", "-"), content)) {
            rate = frames.rate(times);
        }
        row(transport, what, rate);
        return rate;
    }

    private void row(final String transport, final String what, final double rate) {
        access.say(String.format(Locale.ROOT, "%-10s %-28s %8.1f MB/s", transport, what, rate / 1e6));
        final Map<String, Object> row = new LinkedHashMap<>();
        row.put("case", transport + ' ' + what);
        row.put("unit", "MB/s");
        row.put("better", "higher");
        row.put("p50", rate / 1e6);
        rows.add(row);
    }

    private void times(final String transport, final String what, final int length, final long[] sorted) {
        final double p50 = at(sorted, 0.5);
        final double p99 = at(sorted, 0.99);
        final double own = at(link.get(length), 0.5);
        access.say(String.format(
                Locale.ROOT,
                "%-10s %-12s %7.3f ms %7.3f ms %7.3f ms %9.3f ms",
                transport,
                what,
                p50,
                p99,
                at(sorted, 1),
                own));
        final Map<String, Object> row = new LinkedHashMap<>();
        row.put("case", transport + ' ' + what);
        row.put("unit", "ms");
        row.put("better", "lower");
        row.put("p50", p50);
        row.put("p99", p99);
        row.put("max", at(sorted, 1));
        row.put("baseline", "half of a round trip of the same bytes over a plain TCP socket");
        row.put("baselineP50", own);
        row.put("ratio", p50 / own);
        rows.add(row);
        if (length != FRAME) {
            check(p99, MOST_MILLIS, p99 <= MOST_MILLIS, transport + ": p99 of a " + what + ", ms");
        }
    }

    private void check(final double value, final double limit, final boolean holds, final String what) {
        isGood &= holds;
        if (!holds) {
            access.say(String.format(Locale.ROOT, "not reached: %s: %.2f, wanted %.2f", what, value, limit));
        }
    }

    /** Milliseconds at a share of the times. */
    private static double at(final long[] sorted, final double share) {
        return sorted[(int) Math.min(sorted.length - 1L, (long) (share * sorted.length))] / 1e6;
    }
}
