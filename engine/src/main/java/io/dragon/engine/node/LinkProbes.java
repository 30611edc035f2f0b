package io.dragon.engine.node;

import io.dragon.codecs.control.LinkState;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * Probes every address of every known node every 200 ms, answers the probes of known nodes, and says which address of each is the
 * best: of those in the best state, the one that the node itself puts first. One thread.
 */
final class LinkProbes {
    static final long INTERVAL_NS = 200_000_000;

    /** Who has not looked for so long was stopped himself. */
    static final long PAUSE_NS = 400_000_000;

    /** Of one node's probes: 8 addresses, 5 a second, and some that were late. */
    static final int ANSWERS_PER_SECOND_TO_ONE = 100;

    private static final int ANSWERS_PER_SECOND = 10_000;
    private static final int ADDRESS_BITS = 3;

    /** Where datagrams go. */
    interface Outlet {
        void send(ByteBuffer datagram, InetSocketAddress to);
    }

    private static final class Way {
        private final InetSocketAddress to;
        private final Link link;

        private Way(final InetSocketAddress to, final long lastNumber) {
            this.to = to;
            link = new Link(lastNumber);
        }
    }

    private static final class Node {
        private Way[] ways = {};
        private final ProbeSenders senders = new ProbeSenders();
        private LinkState told = LinkState.UNKNOWN;
        private int toldAddress;

        private boolean isAt(final InetSocketAddress source) {
            for (final Way way : ways) {
                if (way.to.equals(source)) {
                    return true;
                }
            }
            return false;
        }

        private int best() {
            int best = 0;
            for (int i = 1; i < ways.length; i++) {
                if (rank(ways[i].link.state()) > rank(ways[best].link.state())) {
                    best = i;
                }
            }
            return best;
        }

        private static int rank(final LinkState state) {
            return switch (state) {
                case UP -> 3;
                case DEGRADED -> 2;
                case DOWN -> 0;
                default -> 1;
            };
        }
    }

    private final Outlet outlet;
    private final ProbePacket packet;
    private final boolean isSigned;
    private final RateLimit answersAllowed;
    private final Int2ObjectHashMap<Node> nodes = new Int2ObjectHashMap<>();
    private int ownId;

    /** Of all ways: one that goes and comes again does not begin with numbers that its node has seen. */
    private long lastNumber;

    private long probedNs;
    private long lookedNs;
    private long intruders;
    private long changes;

    LinkProbes(final byte[] secret, final long senderId, final Outlet outlet, final long nowNs) {
        this.outlet = outlet;
        packet = new ProbePacket(secret, senderId);
        isSigned = secret != null;
        answersAllowed = new RateLimit(ANSWERS_PER_SECOND, ANSWERS_PER_SECOND_TO_ONE, nowNs);
        probedNs = nowNs - INTERVAL_NS;
        lookedNs = nowNs;
    }

    /** Who we are, and who is to be probed; what is known of a way that stays is kept. */
    void peers(final int ownNodeId, final List<ProbePeer> peers) {
        ownId = ownNodeId;
        final Map<Integer, Node> kept = new HashMap<>();
        for (final ProbePeer peer : peers) {
            final Node node = nodes.containsKey(peer.nodeId()) ? nodes.get(peer.nodeId()) : new Node();
            node.ways = ways(node.ways, peer);
            kept.put(peer.nodeId(), node);
        }
        changes += kept.keySet().equals(nodes.keySet()) ? 0 : 1;
        nodes.clear();
        nodes.putAll(kept);
    }

    /** An address is the same one wherever it stands in the list: interfaces before it come and go. */
    private Way[] ways(final Way[] before, final ProbePeer peer) {
        final int count = Math.min(1 << ADDRESS_BITS, peer.addresses().size());
        final Way[] ways = new Way[count];
        for (int i = 0; i < count; i++) {
            final InetSocketAddress to = new InetSocketAddress(peer.addresses().get(i), peer.probePort());
            final Way same = i < before.length && before[i].to.equals(to) ? before[i] : moved(before, to);
            ways[i] = same == null ? new Way(to, lastNumber) : same;
        }
        return ways;
    }

    private static Way moved(final Way[] before, final InetSocketAddress to) {
        for (final Way way : before) {
            if (way.to.equals(to)) {
                way.link.onMoved();
                return way;
            }
        }
        return null;
    }

    /** A duty cycle begins: before anything that has come is looked at. */
    void onWake(final long nowNs) {
        if (nowNs - lookedNs >= PAUSE_NS) {
            nodes.forEach((nodeId, node) -> {
                for (final Way way : node.ways) {
                    way.link.onPause();
                }
            });
        }
        lookedNs = nowNs;
    }

    /** Sends what is due, and judges; after what has come was given to {@link #onDatagram}. */
    int doWork(final long nowNs) {
        final boolean isDue = nowNs - probedNs >= INTERVAL_NS;
        if (isDue) {
            probedNs = nowNs - probedNs >= 2 * INTERVAL_NS ? nowNs : probedNs + INTERVAL_NS;
        }
        nodes.forEach((nodeId, node) -> {
            for (int i = 0; i < node.ways.length; i++) {
                final Way way = node.ways[i];
                way.link.onTime(nowNs);
                if (isDue && ownId != 0) {
                    final long number = way.link.onSent(nowNs);
                    lastNumber = Math.max(lastNumber, number);
                    outlet.send(packet.probe(number << ADDRESS_BITS | i, ownId, nodeId, nowNs), way.to);
                }
            }
            compare(node);
        });
        return isDue ? 1 : 0;
    }

    /** When the next probe is due. */
    long dueNs() {
        return probedNs + INTERVAL_NS;
    }

    /** Takes what came from the network, whoever sent it. */
    void onDatagram(final byte[] datagram, final int length, final InetSocketAddress source, final long nowNs) {
        switch (packet.judge(datagram, length)) {
            case PROBE -> onProbe(source, nowNs);
            case ANSWER -> onAnswer(nowNs);
            default -> intruders++;
        }
    }

    private void onProbe(final InetSocketAddress source, final long nowNs) {
        if (ownId == 0 || packet.fromNodeId() == ownId) {
            return;
        }
        final Node node = nodes.get(packet.fromNodeId());
        if (packet.toNodeId() != ownId) {
            intruders++;
            return;
        }
        if (node == null) {
            return; // it came just now, and is known to us in half a second
        }
        if (!isSigned && !node.isAt(source)) { // anybody could have made it
            intruders++;
            return;
        }
        switch (node.senders.judge(packet.senderId(), packet.number(), nowNs)) {
            case NEW -> {
                if (answersAllowed.isAllowed(source.getAddress(), nowNs)) {
                    outlet.send(packet.answer(nowNs), source);
                }
            }
            case USED_BEFORE -> intruders++;
            case TWICE -> {} // the first one was answered
        }
    }

    private void onAnswer(final long nowNs) {
        if (!packet.isOurs() || packet.fromNodeId() != ownId) {
            intruders++;
            return;
        }
        final Node node = nodes.get(packet.toNodeId());
        final int way = (int) packet.number() & (1 << ADDRESS_BITS) - 1;
        if (node == null || way >= node.ways.length) {
            return; // the node, or that address of it, left while the answer was under way
        }
        if (node.ways[way].link.onAnswer(packet.number() >>> ADDRESS_BITS, nowNs)) {
            compare(node);
        } else {
            intruders++;
        }
    }

    private void compare(final Node node) {
        if (node.ways.length > 0) {
            final int best = node.best();
            final LinkState state = node.ways[best].link.state();
            if (state != node.told || best != node.toldAddress) {
                node.told = state;
                node.toldAddress = best;
                changes++;
            }
        }
    }

    /** What is known of every node, by its best address. */
    List<LinkView> views() {
        final List<LinkView> views = new ArrayList<>();
        nodes.forEach((nodeId, node) -> {
            if (node.ways.length > 0) {
                final int best = node.best();
                final Link link = node.ways[best].link;
                views.add(new LinkView(
                        nodeId,
                        link.state(),
                        best,
                        link.lossPermille(),
                        link.roundTripNs(),
                        link.spikeNs(),
                        link.usualNs()));
            }
        });
        return views;
    }

    /** Grows with every change of a state, of the best address of a node, or of who is probed. */
    long changes() {
        return changes;
    }

    /** Datagrams so far that nobody of this system can have sent. */
    long intruders() {
        return intruders;
    }
}
