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

    private static final int ETHERNET_MTU = 1_500;
    private static final int JUMBO_MTU = 9_000;
    private static final int JUMBO_PACKET = 8_960;
    private static final Way UDP = new Way("udp", ETHERNET_MTU, "transport: udp");
    private static final Way JUMBO = new Way("udp-jumbo", JUMBO_MTU, "transport: udp\n  mtu: " + JUMBO_PACKET);
    private static final Way TCP = new Way("tcp", ETHERNET_MTU, "transport: tcp");
    private static final Way TCP_COPY = new Way("tcp-copy", ETHERNET_MTU, "transport: tcp-copy");
    private static final List<Way> SHORT = List.of(UDP, JUMBO, TCP);
    private static final List<Way> ALL = List.of(UDP, JUMBO, TCP, TCP_COPY);
    private static final int DESCRIPTOR = 512;
    private static final int MASK = 3840 * 2160 / 8;
    private static final int FRAME = 3840 * 2160 * 3 * Float.BYTES;
    private static final int LINK_PORT = 7_000;
    private static final int SLOW_LINK_PORT = 7_001;
    private static final String SLOW = "1gbit";

    /** What a link of that rate carries, counted with the headers of Ethernet, in bytes a second. */
    private static final double SLOW_BYTES = 125e6;

    /** The least that {@code transfer.window} takes. */
    private static final int SMALLEST_WINDOW = 1 << 16;

    /** The most. */
    private static final int LARGEST_WINDOW = 512 << 20;

    /** What confirms a window passes four threads, drivers and agents of both ends, each of which may rest a millisecond. */
    private static final double RESTS_MILLIS = 4;

    private static final int KIBIBYTE = 1 << 10;

    private static final int ETHERNET_IP_UDP = 14 + 20 + 8;
    private static final int AERON_AND_PIECE = 32 + 24;
    private static final int DEFAULT_MTU = 1_408;
    private static final int SEGMENT = 1_448;
    private static final int PACKET_OF_A_SEGMENT = 1_514;
    private static final double WANTED_MEGABYTES = 110;
    private static final double WANTED_GAIN = 1.4;
    private static final double MOST_COST = 0.03;
    private static final double MOST_MILLIS = 5;

    /** Until the compilers of five processes have mostly done their work: on two cores the threads of the system wait for them. */
    private static final int WARM_UP = 2_000;

    /** As many as there is time for. */
    private static final int LONG_WARM_UP = Integer.MAX_VALUE;

    private final ChaosSettings settings;
    private final SystemAccess access;
    private final HostNetwork network = new HostNetwork();
    private final Map<Integer, long[]> link = new LinkedHashMap<>();
    private final List<Object> rows = new ArrayList<>();
    private boolean isGood = true;

    /**
     * A way for frames to travel.
     *
     * @param label for people.
     * @param mtu   of the links.
     * @param keys  lines of the section {@code transfer}.
     */
    private record Way(String label, int mtu, String keys) {
        int packet() {
            return mtu == JUMBO_MTU ? JUMBO_PACKET : DEFAULT_MTU;
        }

        boolean isUdp() {
            return keys.startsWith("transport: udp");
        }

        String configuration() {
            return "transfer:\n  " + keys + '\n';
        }
    }

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
                "%-10s %-12s %10s %10s %10s %12s %10s",
                "transport",
                "what",
                "p50",
                "p99",
                "max",
                "link's p50",
                "p99"));
        final List<Way> ways = settings.shortForm() ? SHORT : ALL;
        for (final Way way : ways) {
            network.mtu(way.mtu());
            try (HostCluster cluster = cluster(way.configuration())) {
                measureLink(cluster, way);
                times(way, "descriptor", DESCRIPTOR, assignments(cluster));
                times(
                        way,
                        "mask",
                        MASK,
                        frames(cluster, "mask", MASK, settings.shortForm() ? 600 : 2_000, LONG_WARM_UP));
                times(way, "frame", FRAME, frames(cluster, "frame", FRAME, settings.shortForm() ? 5 : 30, 2));
            }
        }
        network.mtu(ETHERNET_MTU);
        network.rate(SLOW);
        access.say("over a link of " + SLOW + ", frames of " + FRAME + " bytes:");
        access.say(String.format(
                Locale.ROOT,
                "%-10s %-28s %8.1f MB/s by udp, %.1f by tcp",
                "",
                "what the headers leave of it",
                SLOW_BYTES * (DEFAULT_MTU - AERON_AND_PIECE) / (DEFAULT_MTU + ETHERNET_IP_UDP) / 1e6,
                SLOW_BYTES * SEGMENT / PACKET_OF_A_SEGMENT / 1e6));
        final Map<String, Object> slowLink = new LinkedHashMap<>();
        final int window = measureSlowLink(slowLink);
        for (final Way way : ways) {
            if (way.mtu() == ETHERNET_MTU) {
                slow(way, way.configuration() + "  window: " + window / KIBIBYTE + "KiB\n");
            }
        }
        network.rate("off");
        final Map<String, Object> json = new LinkedHashMap<>();
        json.put("suite", LABEL);
        json.put("rows", rows);
        json.put("slowLink", slowLink);
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

    /** What plain sockets take that do as the transport does: a stream, or packets of the same length. */
    private void measureLink(final HostCluster cluster, final Way way) {
        final char far = cluster.last();
        try (ChildProcess answers = cluster.program(far, "link", List.of("chaos-link", "--port=" + LINK_PORT))) {
            answers.checkAlive();
            final String host = HostNetwork.address(far);
            link.put(DESCRIPTOR, LinkTime.measure(host, LINK_PORT, DESCRIPTOR, 2_000));
            if (way.isUdp()) {
                final int payload = way.packet() - AERON_AND_PIECE;
                link.put(MASK, PacketTime.measure(host, LINK_PORT, MASK, way.packet(), payload, 300));
                link.put(FRAME, PacketTime.measure(host, LINK_PORT, FRAME, way.packet(), payload, 3));
            } else {
                link.put(MASK, LinkTime.measure(host, LINK_PORT, MASK, 300));
                link.put(FRAME, LinkTime.measure(host, LINK_PORT, FRAME, settings.shortForm() ? 3 : 10));
            }
        }
    }

    private long[] assignments(final HostCluster cluster) {
        try (FrameTimes times = new FrameTimes(cluster.client(), "", new byte[0])) {
            return times.assignments(settings.shortForm() ? 1_000 : 2_000, WARM_UP);
        }
    }

    private static long[] frames(
            final HostCluster cluster, final String name, final int length, final int times, final int warmUp) {
        try (FrameTimes frames = new FrameTimes(cluster.client(), name, Content.of(1, length))) {
            return frames.frames(times, warmUp);
        }
    }

    /** The window for the slow link, from round trips of plain sockets over it while nothing else does; tells what it is made of. */
    private int measureSlowLink(final Map<String, Object> told) {
        final long[] oneWay;
        try (HostCluster notStarted = new HostCluster(settings, "", network, access);
                ChildProcess answers = notStarted.program(
                        notStarted.last(), "slow-link", List.of("chaos-link", "--port=" + SLOW_LINK_PORT))) {
            answers.checkAlive();
            oneWay = LinkTime.measure(HostNetwork.address(notStarted.last()), SLOW_LINK_PORT, DESCRIPTOR, 1_000);
        }
        // With the middle, every second round trip would find the window full.
        final double roundTripMillis = 2 * at(oneWay, 0.99) + RESTS_MILLIS;
        final int window = window(SLOW_BYTES, roundTripMillis / 1e3);
        told.put("rate", SLOW);
        told.put("roundTripMillisP50", 2 * at(oneWay, 0.5));
        told.put("roundTripMillisP99", roundTripMillis - RESTS_MILLIS);
        told.put("restsMillis", RESTS_MILLIS);
        told.put("bandwidthDelayBytes", (long) (SLOW_BYTES * roundTripMillis / 1e3));
        told.put("transferWindowBytes", window);
        access.say(String.format(
                Locale.ROOT,
                "%-10s %-28s %8d KiB: %s times a round trip of %.3f ms (p99, with rests of threads), at least %d KiB",
                "",
                "transfer.window",
                window / KIBIBYTE,
                SLOW,
                roundTripMillis,
                SMALLEST_WINDOW / KIBIBYTE));
        return window;
    }

    /** What a link carries in a round trip, in whole kibibytes, and no less than the key takes. */
    static int window(final double bytesPerSecond, final double roundTripSeconds) {
        final double bytes = Math.ceil(bytesPerSecond * roundTripSeconds / KIBIBYTE) * KIBIBYTE;
        return (int) Math.max(SMALLEST_WINDOW, Math.min(LARGEST_WINDOW, bytes));
    }

    private void slow(final Way way, final String keys) {
        final String transport = way.label();
        final int times = settings.shortForm() ? 4 : 10;
        final byte[] noise = Content.of(1, FRAME);
        final byte[] camera = new byte[FRAME];
        CameraLike.fill(camera, 1);
        double plain = 0;
        if (!settings.shortForm()) { // a few frames do not tell what trying to compress costs
            try (HostCluster cluster = cluster(keys + "  compression: off\n")) {
                sockets(cluster, transport);
                plain = rate(cluster, transport, "compression off, noise", noise, times);
            }
        }
        try (HostCluster cluster = cluster(keys + "  compression: auto\n")) {
            if (settings.shortForm()) {
                sockets(cluster, transport);
            }
            final double tried = rate(cluster, transport, "compression auto, noise", noise, times);
            final double squeezed = rate(cluster, transport, "compression auto, camera", camera, times);
            final double base = settings.shortForm() ? tried : plain;
            check(base / 1e6, WANTED_MEGABYTES, base / 1e6 >= WANTED_MEGABYTES, transport + ": MB/s of noise");
            check(squeezed / base, WANTED_GAIN, squeezed / base >= WANTED_GAIN, transport + ": gain of compression");
            if (!settings.shortForm()) {
                final double cost = 1 - tried / base;
                check(
                        100 * cost,
                        100 * MOST_COST,
                        cost <= MOST_COST,
                        transport + ": % that noise costs with compression");
            }
        }
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

    private void times(final Way way, final String what, final int length, final long[] sorted) {
        final String transport = way.label();
        final double p50 = at(sorted, 0.5);
        final double p99 = at(sorted, 0.99);
        final double own = at(link.get(length), 0.5);
        final double ownP99 = at(link.get(length), 0.99);
        access.say(String.format(
                Locale.ROOT,
                "%-10s %-12s %7.3f ms %7.3f ms %7.3f ms %9.3f ms %7.3f ms",
                transport,
                what,
                p50,
                p99,
                at(sorted, 1),
                own,
                ownP99));
        final Map<String, Object> row = new LinkedHashMap<>();
        row.put("case", transport + ' ' + what);
        row.put("unit", "ms");
        row.put("better", "lower");
        row.put("p50", p50);
        row.put("p99", p99);
        row.put("max", at(sorted, 1));
        row.put(
                "baseline",
                way.isUdp() && length != DESCRIPTOR
                        ? "the same bytes in plain datagrams of the same length, until the last one is answered"
                        : "half of a round trip of the same bytes over a plain TCP socket");
        row.put("baselineP50", own);
        row.put("baselineP99", ownP99);
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
