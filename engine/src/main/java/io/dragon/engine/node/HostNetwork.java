package io.dragon.engine.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.agrona.CloseHelper;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;

/**
 * Probes the ways to the other nodes, and answers their probes, on a thread of its own that waits in the operating system: what
 * else its host does must not count as latency. It needs no idle strategy.
 */
public final class HostNetwork implements Agent {
    private static final int MAX_A_LOOK = 1_024;

    /** Shorter than what counts as a pause of ours. */
    private static final long LONGEST_WAIT_MS = 100;

    private record Known(int ownNodeId, List<ProbePeer> peers) {}

    private final NanoClock clock;
    private final DatagramSocketLine line;
    private final Selector selector;
    private final LinkProbes probes;
    private final int port;
    private Known present;
    private volatile Known known = new Known(0, List.of());
    private volatile List<LinkView> links = List.of();
    private volatile long changes;
    private volatile long intruders;

    /**
     * Opens the port of the probes.
     *
     * @param wantedPort where probes of others come; 0 for any free one. One that another process has is not waited for.
     * @param secret     what datagrams are signed with; null: they are not.
     * @param clock      of every interval.
     * @param log        takes a line when the port cannot be had.
     * @throws IOException when there is no port at all.
     */
    public HostNetwork(final int wantedPort, final byte[] secret, final NanoClock clock, final Consumer<String> log)
            throws IOException {
        this.clock = clock;
        line = open(wantedPort, log);
        port = line.port();
        selector = selectorOf(line);
        probes = new LinkProbes(secret, ThreadLocalRandom.current().nextLong(), line::send, clock.nanoTime());
    }

    private static Selector selectorOf(final DatagramSocketLine line) throws IOException {
        Selector selector = null;
        try {
            selector = Selector.open();
            line.channel().register(selector, SelectionKey.OP_READ);
            return selector;
        } catch (final IOException | RuntimeException ex) {
            CloseHelper.quietCloseAll(selector, line);
            throw ex;
        }
    }

    private static DatagramSocketLine open(final int wantedPort, final Consumer<String> log) throws IOException {
        try {
            return DatagramSocketLine.open(wantedPort, false);
        } catch (final IOException ex) {
            if (wantedPort == 0) {
                throw ex;
            }
            final DatagramSocketLine any = DatagramSocketLine.open(0, false);
            log.accept("link probes use port " + any.port() + ", because " + wantedPort + " cannot be had: "
                    + ex.getMessage());
            return any;
        }
    }

    /**
     * Who we are and whom to probe, from here on. Any thread.
     *
     * @param ownNodeId party id of this host's node.
     * @param peers     the other nodes.
     */
    public void know(final int ownNodeId, final List<ProbePeer> peers) {
        known = new Known(ownNodeId, List.copyOf(peers));
        selector.wakeup();
    }

    /**
     * What was found last. Any thread.
     *
     * @return the way to each node that is probed.
     */
    public List<LinkView> links() {
        return links;
    }

    /**
     * Grows with every change worth a report. Any thread; read before {@link #links()}.
     *
     * @return a count.
     */
    public long changes() {
        return changes;
    }

    /**
     * Where it answers. Any thread.
     *
     * @return a UDP port.
     */
    public int port() {
        return port;
    }

    /**
     * Datagrams so far that nobody of this system can have sent. Any thread.
     *
     * @return a count.
     */
    public long intruders() {
        return intruders;
    }

    @Override
    public int doWork() throws IOException {
        final long waitMs = TimeUnit.NANOSECONDS.toMillis(probes.dueNs() - clock.nanoTime()) + 1;
        selector.select(Math.max(1, Math.min(LONGEST_WAIT_MS, waitMs)));
        selector.selectedKeys().clear();
        final long nowNs = clock.nanoTime();
        probes.onWake(nowNs);
        final Known told = known;
        if (told != present) {
            present = told;
            probes.peers(told.ownNodeId(), told.peers());
        }
        final int received = receive();
        final int sent = probes.doWork(clock.nanoTime());
        intruders = probes.intruders();
        if (sent > 0 || probes.changes() != changes) { // not for each datagram: whoever sends many would make it costly
            links = probes.views();
            changes = probes.changes();
        }
        return received + sent;
    }

    private int receive() {
        int count = 0;
        while (count < MAX_A_LOOK) {
            final int length = line.receive();
            if (length < 0) {
                break;
            }
            final InetSocketAddress source = line.source();
            probes.onDatagram(line.bytes(), length, source, clock.nanoTime());
            count++;
        }
        return count;
    }

    @Override
    public String roleName() {
        return "host-network";
    }

    @Override
    public void onClose() {
        CloseHelper.quietCloseAll(selector, line);
    }
}
