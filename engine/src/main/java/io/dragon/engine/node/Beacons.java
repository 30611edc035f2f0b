package io.dragon.engine.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.agrona.CloseHelper;
import org.agrona.concurrent.Agent;

/**
 * Tells other hosts where the masters are: once a second to everybody on each of this host's networks, and to those that ask. An
 * answer is as long as its question, goes to nobody else, and there are only so many a second. One thread.
 */
public final class Beacons implements Agent {
    static final int ANSWERS_PER_SECOND = 200;
    static final int ANSWERS_PER_SECOND_TO_ONE = 5;

    private static final long INTERVAL_NS = 1_000_000_000;
    private static final long LOOK_NS = 10_000_000;
    private static final long RETRY_NS = 30_000_000_000L;
    private static final int MAX_A_LOOK = 256;

    private final DiscoveryContext ctx;
    private final String endpoints;
    private final DiscoveryPacket packet;
    private final RateLimit answersAllowed;
    private MasterEndpoints configured;
    private MasterEndpoints masters;
    private HostNames names;
    private List<InetAddress> peers = List.of();
    private List<HostAddress> interfaces = List.of();
    private DatagramSocketLine line;
    private boolean isBegun;
    private boolean isTold;
    private long sentNs;
    private long lookedNs;
    private long openedNs;
    private volatile long beacons;
    private volatile long answers;
    private volatile long intruders;

    /**
     * Beacons that begin in the first duty cycle.
     *
     * @param ctx       how.
     * @param endpoints of the masters, {@code 0=host:port,1=host:port}; the host 0.0.0.0 stands for this one, by the address that
     *                  it has where it is asked.
     */
    public Beacons(final DiscoveryContext ctx, final String endpoints) {
        this.ctx = ctx;
        this.endpoints = endpoints;
        packet = new DiscoveryPacket(
                ctx.secret(),
                ctx.config().cluster(),
                ThreadLocalRandom.current().nextLong(),
                ctx.epochClock());
        final long nowNs = ctx.nanoClock().nanoTime();
        answersAllowed = new RateLimit(ANSWERS_PER_SECOND, ANSWERS_PER_SECOND_TO_ONE, nowNs);
        sentNs = nowNs - INTERVAL_NS;
        lookedNs = nowNs - LOOK_NS;
        openedNs = nowNs - RETRY_NS;
    }

    @Override
    public int doWork() {
        final long nowNs = ctx.nanoClock().nanoTime();
        if (!isBegun) {
            begin(nowNs);
        }
        if (names != null && names.poll(nowNs)) {
            know();
        }
        if (masters == null || nowNs - lookedNs < LOOK_NS) {
            return 0;
        }
        lookedNs = nowNs;
        if (line == null && !open(nowNs)) {
            return 0;
        }
        int workCount = 0;
        if (nowNs - sentNs >= INTERVAL_NS) {
            sentNs = nowNs;
            interfaces = ctx.interfaces().get();
            workCount += send();
        }
        return workCount + receive(nowNs);
    }

    private void begin(final long nowNs) {
        isBegun = true;
        configured = MasterEndpoints.parse(endpoints);
        if (configured == null || !DiscoveryPacket.fits(endpoints)) {
            ctx.log().accept("other hosts are not told of the masters " + endpoints + ": that is no list of them");
            return;
        }
        final List<String> hosts = new ArrayList<>(configured.hosts());
        hosts.addAll(ctx.config().peers());
        names = new HostNames(hosts, nowNs);
        if (names.isLookedUp()) {
            know();
        }
    }

    /** First, and when names have become known. */
    private void know() {
        final MasterEndpoints known = configured.resolved(names);
        if (!known.isForOthers()) {
            masters = null;
            names = null;
            ctx.log()
                    .accept("other hosts are not told of the masters " + endpoints
                            + ": they listen on loopback only; 'masters.members' can name an address, or 0.0.0.0");
            return;
        }
        if (masters == null) {
            ctx.tellUnknown(names);
        }
        masters = known;
        peers = names.addressesOf(ctx.config().peers());
    }

    private boolean open(final long nowNs) {
        if (nowNs - openedNs < RETRY_NS) {
            return false;
        }
        openedNs = nowNs;
        try {
            line = DatagramSocketLine.open(ctx.config().port(), true);
            return true;
        } catch (final IOException ex) {
            ctx.log()
                    .accept("other hosts cannot be told of the masters, because port "
                            + ctx.config().port() + " cannot be had: " + ex.getMessage());
            return false;
        }
    }

    private int send() {
        int sent = 0;
        for (final HostAddress each : interfaces) {
            final InetAddress broadcast = each.broadcast();
            if (broadcast != null
                    && line.send(
                            packet.beacon(masters.text(each.address())),
                            broadcast,
                            ctx.config().port())) {
                sent++;
            }
        }
        for (final InetAddress peer : peers) {
            final InetAddress own = OwnAddress.towards(peer, interfaces);
            if (own != null
                    && line.send(
                            packet.beacon(masters.text(own)), peer, ctx.config().port())) {
                sent++;
            }
        }
        if (sent > 0 && !isTold) {
            isTold = true;
            ctx.log()
                    .accept("telling other hosts of the masters " + endpoints + " on port "
                            + ctx.config().port() + (ctx.secret() == null ? "" : ", signed"));
        }
        beacons += sent;
        return sent;
    }

    private int receive(final long nowNs) {
        int workCount = 0;
        for (int length = line.receive(); length >= 0; length = ++workCount < MAX_A_LOOK ? line.receive() : -1) {
            final DiscoveryPacket.Verdict verdict = packet.judge(line.bytes(), length);
            if (verdict.isIntruder()) {
                intruders++;
            } else if (verdict == DiscoveryPacket.Verdict.SEEK) {
                answer(line.source(), nowNs);
            }
        }
        return workCount;
    }

    private void answer(final InetSocketAddress source, final long nowNs) {
        if (!answersAllowed.isAllowed(source.getAddress(), nowNs)) {
            return;
        }
        final InetAddress own = OwnAddress.towards(source.getAddress(), interfaces);
        if (own != null && line.send(packet.beacon(masters.text(own)), source)) {
            answers++;
        }
    }

    @Override
    public String roleName() {
        return "beacons";
    }

    @Override
    public void onClose() {
        CloseHelper.quietClose(line);
    }

    /**
     * Beacons sent by themselves so far. Any thread.
     *
     * @return a count of datagrams.
     */
    public long beacons() {
        return beacons;
    }

    /**
     * Questions answered so far. Any thread.
     *
     * @return a count.
     */
    public long answers() {
        return answers;
    }

    /**
     * Datagrams that nobody of this system can have sent, so far. Any thread.
     *
     * @return a count.
     */
    public long intruders() {
        return intruders;
    }
}
