package io.dragon.engine.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;

/**
 * Looks for the masters: asks everybody on this host's networks, and the hosts that are to be asked directly, soon again at first and
 * then once a second, until one answers; and hears what others say by themselves. One thread.
 */
public final class MasterSearch implements AutoCloseable {
    /** Twice as long each time: four questions in the first second, less than a source is answered in one. */
    private static final long SHORTEST_INTERVAL_NS = 100_000_000;

    private static final long LONGEST_INTERVAL_NS = 1_000_000_000;
    private static final long LOOK_NS = 2_000_000;
    private static final int MAX_A_LOOK = 256;
    private static final int MAX_TOLD = 16;

    private final DiscoveryContext ctx;
    private final DiscoveryPacket packet;
    private final InetAddress loopback = InetAddress.getLoopbackAddress();
    private HostNames peers;
    private boolean isUnknownTold;

    private DatagramSocketLine asking;

    /**
     * By broadcast address, bound to it: on a port that is shared, what comes for one host goes to one of those that share it, and
     * a question must not come to us.
     */
    private final Map<InetAddress, DatagramSocketLine> hearing = new HashMap<>();

    private long askNs;
    private long intervalNs = SHORTEST_INTERVAL_NS;
    private String found;
    private InetAddress foundAt;

    /** What was found last and did not answer. */
    private String inVain;

    /** Whether only the hosts of masters themselves are believed. */
    private boolean isFirstHandOnly;

    private String trouble;
    private final Set<String> told = new HashSet<>();
    private volatile long intruders;

    /**
     * A search that begins when it is polled.
     *
     * @param ctx how.
     */
    public MasterSearch(final DiscoveryContext ctx) {
        this.ctx = ctx;
        packet = new DiscoveryPacket(
                ctx.secret(),
                ctx.config().cluster(),
                ThreadLocalRandom.current().nextLong(),
                ctx.epochClock());
        askNs = ctx.nanoClock().nanoTime();
    }

    /**
     * A step of the search.
     *
     * @return where the masters are, {@code 0=host:port,1=host:port}, once it is known; null before.
     */
    public String poll() {
        final long nowNs = ctx.nanoClock().nanoTime();
        if (peers == null) {
            peers = new HostNames(ctx.config().peers(), nowNs);
            ctx.log().accept(state());
        }
        peers.poll(nowNs);
        if (!isUnknownTold && peers.isLookedUp()) {
            isUnknownTold = true;
            ctx.tellUnknown(peers);
        }
        if (nowNs - askNs >= 0) {
            askNs = nowNs + intervalNs;
            intervalNs = Math.min(2 * intervalNs, LONGEST_INTERVAL_NS);
            if (asking != null || open()) {
                ask();
            }
        }
        if (asking != null) {
            hear(asking);
        }
        hearing.values().forEach(this::hear);
        return found;
    }

    /** Forgets what was found, because those masters do not answer, and takes whatever else it hears of. */
    public void again() {
        if (found != null) {
            inVain = found;
        }
        found = null;
        foundAt = null;
    }

    /**
     * Takes anything but one answer: where the masters were, and are not heard any more.
     *
     * @param endpoints     where they were, {@code 0=host:port,1=host:port}.
     * @param firstHandOnly whether to believe only the masters' own hosts, which shows that there is a way to them.
     * @return this.
     */
    public MasterSearch otherThan(final String endpoints, final boolean firstHandOnly) {
        inVain = endpoints;
        isFirstHandOnly = firstHandOnly;
        return this;
    }

    /**
     * Searches until the masters are found.
     *
     * @param timeoutNs how long at most, nanoseconds.
     * @param stop      true when it is not wanted any more.
     * @return where they are, {@code 0=host:port,1=host:port}; null when nobody told.
     */
    public String find(final long timeoutNs, final BooleanSupplier stop) {
        final long beganNs = ctx.nanoClock().nanoTime();
        while (poll() == null && !stop.getAsBoolean() && ctx.nanoClock().nanoTime() - beganNs < timeoutNs) {
            LockSupport.parkNanos(LOOK_NS);
        }
        return found;
    }

    /**
     * What it does, in words.
     *
     * @return as in "looking for masters by broadcast on port 9999", with what stands in the way where that is known.
     */
    public String state() {
        if (found != null) {
            return "found the masters " + found + " by a beacon of " + foundAt.getHostAddress();
        }
        return "looking for masters by broadcast on port " + ctx.config().port()
                + (ctx.config().peers().isEmpty()
                        ? ""
                        : " and at " + String.join(", ", ctx.config().peers()))
                + (trouble == null ? "" : " (" + trouble + ")");
    }

    /**
     * Datagrams that nobody of this system can have sent, so far. Any thread.
     *
     * @return a count.
     */
    public long intruders() {
        return intruders;
    }

    private boolean open() {
        try {
            asking = DatagramSocketLine.open(0, false);
            trouble = null;
        } catch (final IOException ex) {
            trouble = "this host cannot ask: " + ex.getMessage();
        }
        return asking != null;
    }

    private void ask() {
        final int port = ctx.config().port();
        final Set<InetAddress> present = new HashSet<>();
        for (final HostAddress each : ctx.interfaces().get()) {
            final InetAddress broadcast = each.broadcast();
            if (broadcast != null) {
                present.add(broadcast);
                listen(broadcast);
                asking.send(packet.seek(), broadcast, port);
            }
        }
        hearing.entrySet().removeIf(line -> isGone(line, present));
        for (final InetAddress peer : peers.addressesOf(ctx.config().peers())) {
            asking.send(packet.seek(), peer, port);
        }
        asking.send(packet.seek(), loopback, port); // a system of this host without a network
    }

    private static boolean isGone(
            final Map.Entry<InetAddress, DatagramSocketLine> line, final Set<InetAddress> present) {
        if (present.contains(line.getKey())) {
            return false;
        }
        CloseHelper.quietClose(line.getValue());
        return true;
    }

    private void listen(final InetAddress broadcast) {
        if (!hearing.containsKey(broadcast)) {
            try {
                hearing.put(
                        broadcast,
                        DatagramSocketLine.open(
                                new InetSocketAddress(broadcast, ctx.config().port()), true));
            } catch (final IOException ex) {
                return; // somebody has the port alone: answers come to our own
            }
        }
    }

    private void hear(final DatagramSocketLine line) {
        int heard = 0;
        for (int length = line.receive(); length >= 0; length = ++heard < MAX_A_LOOK ? line.receive() : -1) {
            final DiscoveryPacket.Verdict verdict = packet.judge(line.bytes(), length);
            if (verdict.isIntruder()) {
                intruders++;
            }
            final InetAddress source = line.source().getAddress();
            switch (verdict) {
                case BEACON -> take(source);
                case NOT_SIGNED -> inTheWay("what " + source.getHostAddress()
                        + (ctx.secret() == null
                                ? " says is signed, and 'security.secret_file' is not set here"
                                : " says is not signed with our secret"));
                case WRONG_TIME -> inTheWay("the clock of " + source.getHostAddress() + " differs from ours by "
                        + Math.abs(packet.clockDifferenceMs()) / 10_000 + "0 s");
                case OTHER_SYSTEM -> inTheWay(source.getHostAddress() + " is of a system that is not called "
                        + ctx.config().cluster());
                default -> {
                    continue;
                }
            }
        }
    }

    /** Told once each. */
    private void inTheWay(final String text) {
        trouble = text;
        if (told.size() < MAX_TOLD && told.add(text)) {
            ctx.log().accept(state());
        }
    }

    private void take(final InetAddress source) {
        if (found == null
                && !packet.masters().equals(inVain)
                && (!isFirstHandOnly || packet.masters().contains('=' + source.getHostAddress() + ':'))) {
            found = packet.masters();
            foundAt = source;
            ctx.log().accept(state());
        }
    }

    @Override
    public void close() {
        CloseHelper.quietClose(asking);
        CloseHelper.quietCloseAll(hearing.values());
    }
}
