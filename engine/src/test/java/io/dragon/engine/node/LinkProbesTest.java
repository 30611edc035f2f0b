package io.dragon.engine.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.LinkState;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Hosts with two addresses each on a network of this test, in its time. */
final class LinkProbesTest {
    private static final long MS = 1_000_000;
    private static final int PORT = 9_878;
    private static final byte[] SECRET = "a secret of sixteen bytes".getBytes();

    private record Flight(long dueNs, long order, InetSocketAddress from, InetSocketAddress to, byte[] bytes) {}

    private final class Host {
        private final int id;
        private final List<InetAddress> addresses = new ArrayList<>();
        private final LinkProbes probes;
        private boolean isStopped;

        private Host(final int id, final byte[] secret) {
            this.id = id;
            addresses.add(address("10.0.1." + id));
            addresses.add(address("10.0.2." + id));
            probes = new LinkProbes(secret, 1_000 + id, (datagram, to) -> send(this, datagram, to), nowNs);
            hosts.put(id, this);
        }

        private LinkView to(final int other) {
            return probes.views().stream()
                    .filter(view -> view.nodeId() == other)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private final Map<Integer, Host> hosts = new TreeMap<>();
    private final PriorityQueue<Flight> flights = new PriorityQueue<>(
            (a, b) -> a.dueNs() == b.dueNs() ? Long.compare(a.order(), b.order()) : Long.compare(a.dueNs(), b.dueNs()));
    private final Set<String> cut = new HashSet<>();
    private final List<byte[]> seen = new ArrayList<>();
    private boolean isDoubling;
    private int sent;
    private int answered;
    private long order;
    private long nowNs = 5_000_000_000L;

    private static InetAddress address(final String text) {
        try {
            return InetAddress.getByName(text);
        } catch (final UnknownHostException ex) {
            throw new IllegalStateException(ex);
        }
    }

    private void send(final Host from, final ByteBuffer datagram, final InetSocketAddress to) {
        final String text = to.getAddress().getHostAddress();
        final byte[] bytes = new byte[datagram.remaining()];
        datagram.get(bytes);
        sent++;
        answered += bytes[2] == 4 ? 1 : 0;
        seen.add(bytes);
        final String net = text.substring(0, text.lastIndexOf('.'));
        if (!cut.contains(net + "." + from.id) && !cut.contains(text)) {
            final InetSocketAddress own = new InetSocketAddress(address(net + "." + from.id), PORT);
            flights.add(new Flight(nowNs + MS / 2, order++, own, to, bytes));
            if (isDoubling) {
                flights.add(new Flight(nowNs + 20 * MS, order++, own, to, bytes));
            }
        }
    }

    private void start(final byte[] secret, final int count) {
        for (int id = 1; id <= count; id++) {
            new Host(id, secret);
        }
        hosts.values().forEach(this::meetAll);
    }

    private void meetAll(final Host host) {
        host.probes.peers(
                host.id,
                hosts.values().stream()
                        .filter(other -> other != host)
                        .map(other -> new ProbePeer(other.id, other.addresses, PORT))
                        .toList());
    }

    private void run(final long forNs) {
        final long endNs = nowNs + forNs;
        while (nowNs < endNs) {
            while (!flights.isEmpty() && flights.peek().dueNs() <= nowNs) {
                final Flight flight = flights.poll();
                for (final Host host : hosts.values()) {
                    if (!host.isStopped && host.addresses.contains(flight.to().getAddress())) {
                        host.probes.onWake(nowNs);
                        host.probes.onDatagram(flight.bytes(), flight.bytes().length, flight.from(), nowNs);
                    }
                }
            }
            for (final Host host : hosts.values()) {
                if (!host.isStopped) {
                    host.probes.onWake(nowNs);
                    host.probes.doWork(nowNs);
                }
            }
            nowNs += MS / 2;
        }
    }

    @Test
    void shouldMeasureEveryWayAndPreferTheFirstAddressThatIsUp() {
        start(SECRET, 3);
        run(2_000 * MS);
        for (final Host host : hosts.values()) {
            assertEquals(2, host.probes.views().size());
            for (final LinkView view : host.probes.views()) {
                assertEquals(LinkState.UP, view.state());
                assertEquals(0, view.address());
                assertTrue(view.roundTripNs() >= MS && view.roundTripNs() <= 2 * MS, view.toString());
            }
            assertEquals(0, host.probes.intruders());
        }
        final long changes = hosts.get(1).probes.changes();
        cut.add("10.0.1.2");
        run(1_600 * MS);
        assertEquals(
                new LinkView(2, LinkState.UP, 1, 0, MS, 0, 0), hosts.get(1).to(2), "by way of its other interface");
        assertTrue(hosts.get(1).probes.changes() > changes);
        cut.add("10.0.2.2");
        run(1_600 * MS);
        assertEquals(LinkState.DOWN, hosts.get(1).to(2).state());
        assertEquals(LinkState.UP, hosts.get(1).to(3).state());
        cut.clear();
        run(2_500 * MS);
        assertEquals(LinkState.UP, hosts.get(1).to(2).state());
        assertEquals(0, hosts.get(1).to(2).address(), "the preferred one again");
        hosts.values().forEach(host -> assertEquals(0, host.probes.intruders()));
    }

    /** As a node agent does that is started again: its node has no port until it has told of one. */
    @Test
    void shouldBeAnsweredByANodeThatWasAwayAndByOneWhoseAddressesChange() {
        start(null, 3);
        run(2_000 * MS);
        final Host one = hosts.get(1);
        one.probes.peers(1, List.of(new ProbePeer(3, hosts.get(3).addresses, PORT)));
        run(400 * MS);
        meetAll(one);
        final List<InetAddress> turned = new ArrayList<>(hosts.get(3).addresses);
        Collections.reverse(turned);
        one.probes.peers(1, List.of(new ProbePeer(2, hosts.get(2).addresses, PORT), new ProbePeer(3, turned, PORT)));
        run(1_000 * MS);
        assertEquals(LinkState.UP, one.to(2).state());
        assertEquals(LinkState.UP, one.to(3).state());
        hosts.values().forEach(host -> assertEquals(0, host.probes.intruders(), "host " + host.id));
    }

    @Test
    void shouldNotTakeItsOwnPauseForTheEndOfEveryLink() {
        start(null, 3);
        run(3_000 * MS);
        final Host stopped = hosts.get(1);
        stopped.isStopped = true;
        run(20_000 * MS);
        assertEquals(LinkState.DOWN, hosts.get(2).to(1).state(), "it answers nobody");
        assertEquals(LinkState.UP, hosts.get(2).to(3).state());
        stopped.isStopped = false;
        run(5 * MS);
        assertEquals(LinkState.UP, stopped.to(2).state());
        run(2_500 * MS);
        assertEquals(LinkState.UP, stopped.to(2).state());
        assertEquals(LinkState.UP, hosts.get(2).to(1).state());
        assertEquals(0, stopped.probes.intruders());
    }

    @Test
    void shouldAnswerOnlyKnownNodesAndNothingThatIsForSomebodyElse() {
        start(SECRET, 2);
        final Host one = hosts.get(1);
        final ProbePacket stranger = new ProbePacket(SECRET, 77);
        final InetSocketAddress from = new InetSocketAddress(address("10.0.1.9"), PORT);
        give(one, stranger.probe(8, 9, 1, nowNs), from);
        assertEquals(0, answered, "node 9 is not known");
        give(one, stranger.probe(8, 2, 3, nowNs), from);
        assertEquals(0, answered, "for node 3");
        assertEquals(1, one.probes.intruders());
        give(one, stranger.probe(8, 2, 1, nowNs), from);
        assertEquals(1, answered);
        give(one, stranger.probe(8, 2, 1, nowNs), from);
        assertEquals(1, answered, "doubled by the network");
        assertEquals(1, one.probes.intruders());
        nowNs += 600 * MS;
        give(one, stranger.probe(8, 2, 1, nowNs), from);
        assertEquals(1, answered, "used before");
        assertEquals(2, one.probes.intruders());
    }

    /** Who recorded what a node's former process had signed must not end the way to its present one. */
    @Test
    void shouldGoOnAnsweringTheProcessOfTodayWhenOneOfThePastIsReplayed() {
        start(SECRET, 2);
        run(1_000 * MS);
        final Host one = hosts.get(1);
        final InetSocketAddress from = new InetSocketAddress(address("10.0.1.2"), PORT);
        for (int process = 0; process < 3; process++) {
            give(one, new ProbePacket(SECRET, 7_000 + process).probe(8, 2, 1, nowNs), from);
        }
        run(3_000 * MS);
        assertEquals(LinkState.UP, hosts.get(2).to(1).state());
        assertEquals(0, hosts.get(2).to(1).lossPermille());
    }

    @Test
    void shouldTakeNoIntruderForWhatTheNetworkDoubles() {
        start(SECRET, 3);
        isDoubling = true;
        run(3_000 * MS);
        for (final Host host : hosts.values()) {
            assertEquals(0, host.probes.intruders(), "host " + host.id);
            host.probes.views().forEach(view -> assertEquals(LinkState.UP, view.state()));
        }
    }

    /** Where an interface goes, the others keep what is known of them: the way by them was never away. */
    @Test
    void shouldKeepWhatItKnowsOfAnAddressWhenOneBeforeItGoes() {
        start(SECRET, 2);
        run(2_000 * MS);
        final Host one = hosts.get(1);
        final InetAddress second = hosts.get(2).addresses.get(1);
        one.probes.doWork(nowNs);
        one.probes.peers(1, List.of(new ProbePeer(2, List.of(second), PORT)));
        assertEquals(LinkState.UP, one.to(2).state());
        run(3_000 * MS);
        assertEquals(new LinkView(2, LinkState.UP, 0, 0, MS, 0, 0), one.to(2));
        assertEquals(0, one.probes.intruders(), "an answer by the address that went");
    }

    @Test
    void shouldCountAndIgnoreWhatIsNotSigned() {
        start(SECRET, 2);
        final Host one = hosts.get(1);
        final InetSocketAddress from = new InetSocketAddress(address("10.0.1.2"), PORT);
        give(one, new ProbePacket(null, 77).probe(8, 2, 1, nowNs), from);
        give(one, new ProbePacket("another secret of bytes".getBytes(), 77).probe(8, 2, 1, nowNs), from);
        assertEquals(0, answered);
        assertEquals(2, one.probes.intruders());
    }

    @Test
    void shouldTakeUnsignedProbesOfANodeFromWhereItIsOnly() {
        start(null, 2);
        final Host one = hosts.get(1);
        final ProbePacket forged = new ProbePacket(null, 77);
        give(one, forged.probe(8, 2, 1, nowNs), new InetSocketAddress(address("10.0.1.9"), PORT));
        give(one, forged.probe(16, 2, 1, nowNs), new InetSocketAddress(address("10.0.1.2"), PORT + 1));
        assertEquals(0, answered);
        assertEquals(2, one.probes.intruders());
        give(one, new ProbePacket(null, 78).probe(8, 2, 1, nowNs), new InetSocketAddress(address("10.0.1.2"), PORT));
        assertEquals(1, answered);
        assertEquals(2, one.probes.intruders());
    }

    @Test
    void shouldNotBelieveForgedOrRepeatedAnswers() {
        start(null, 2);
        run(1_000 * MS);
        final Host one = hosts.get(1);
        final InetSocketAddress from = new InetSocketAddress(address("10.0.1.2"), PORT);
        final long before = one.probes.intruders();
        final List<byte[]> answers =
                seen.stream().filter(bytes -> bytes[2] == 4).limit(6).toList();
        for (final byte[] answer : answers) {
            one.probes.onDatagram(answer, answer.length, from, nowNs);
        }
        assertEquals(before + answers.size(), one.probes.intruders());
        assertTrue(one.to(2).state() == LinkState.UP);
    }

    @Test
    void shouldSurviveRandomBytesAndNeverSendMoreThanItGets() {
        start(null, 2);
        run(500 * MS);
        final Host one = hosts.get(1);
        final InetSocketAddress from = new InetSocketAddress(address("10.0.1.2"), PORT);
        final Random random = new Random(7);
        final byte[] model = seen.get(0);
        final int before = sent;
        final long counted = one.probes.intruders();
        int given = 0;
        for (int i = 0; i < 50_000; i++) {
            final byte[] bytes = i % 2 == 0 ? new byte[random.nextInt(200)] : Arrays.copyOf(model, model.length);
            if (i % 2 == 0) {
                random.nextBytes(bytes);
            } else {
                bytes[random.nextInt(8)] ^= (byte) (1 << random.nextInt(8));
            }
            one.probes.onDatagram(bytes, bytes.length, from, nowNs);
            given++;
        }
        assertTrue(sent - before <= LinkProbes.ANSWERS_PER_SECOND_TO_ONE, () -> sent - before + " answers");
        assertTrue(one.probes.intruders() - counted > given / 2, "counted");
    }

    private void give(final Host host, final ByteBuffer datagram, final InetSocketAddress from) {
        final byte[] bytes = new byte[datagram.remaining()];
        datagram.get(bytes);
        host.probes.onDatagram(bytes, bytes.length, from, nowNs);
    }
}
