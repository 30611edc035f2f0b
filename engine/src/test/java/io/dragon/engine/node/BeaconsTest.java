package io.dragon.engine.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dragon.engine.config.DiscoveryConfig;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Real datagrams, broadcast on the loopback network. */
final class BeaconsTest {
    private static final long SECOND_NS = 1_000_000_000;

    /** Sooner where the machine lets it run. */
    private static final long SOON_NS = 30 * SECOND_NS;

    private static final String MASTERS = "0=10.1.2.3:9900";
    private static final byte[] SECRET = "a secret of sixteen bytes".getBytes();

    private final InetAddress loopback = InetAddress.getLoopbackAddress();
    private final List<AutoCloseable> closeables = new ArrayList<>();
    private final List<String> said = new ArrayList<>();
    private final int port = 30_000 + ThreadLocalRandom.current().nextInt(2_000);

    @AfterEach
    void close() {
        CloseHelper.quietCloseAll(closeables);
    }

    private DiscoveryContext context(final byte[] secret, final boolean isBroadcasting, final String... peers) {
        return new DiscoveryContext()
                .config(new DiscoveryConfig(true, port, "dragon", List.of(peers)))
                .secret(secret)
                .interfaces(() -> isBroadcasting ? List.of(new HostAddress("lo", loopback, 8)) : List.of())
                .log(said::add);
    }

    private Beacons beacons(final DiscoveryContext context, final String masters) {
        final Beacons beacons = new Beacons(context, masters);
        closeables.add(beacons::onClose);
        return beacons;
    }

    private MasterSearch search(final DiscoveryContext context) {
        final MasterSearch search = new MasterSearch(context);
        closeables.add(search);
        return search;
    }

    /** Runs all of them in turns until something is so. */
    private static boolean within(final long limitNs, final BooleanSupplier condition, final Beacons... beacons) {
        final long beganNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - beganNs > limitNs) {
                return false;
            }
            for (final Beacons each : beacons) {
                each.doWork();
            }
            Thread.onSpinWait();
        }
        return true;
    }

    @Test
    void shouldBeFoundByBroadcastBySeveralProcessesOfAHost() {
        final Beacons beacons = beacons(context(SECRET, true), MASTERS);
        final MasterSearch one = search(context(SECRET, true));
        final MasterSearch other = search(context(SECRET, true));
        assertTrue(within(SOON_NS, () -> one.poll() != null & other.poll() != null, beacons));
        assertEquals(MASTERS, one.poll());
        assertEquals(MASTERS, other.poll());
        assertTrue(one.state().contains("found the masters " + MASTERS + " by a beacon of 127."), one.state());
        assertTrue(beacons.beacons() > 0);
        assertEquals(0, beacons.intruders());
    }

    @Test
    void shouldBeFoundByAQuestionWhereBroadcastsDoNotPass() {
        final Beacons beacons = beacons(context(null, false), "0=0.0.0.0:9900");
        final MasterSearch search = search(context(null, false, "127.0.0.1"));
        assertTrue(within(SOON_NS, () -> search.poll() != null, beacons));
        assertEquals("0=127.0.0.1:9900", search.poll(), "by the address that we have where it asks");
        assertTrue(beacons.answers() > 0);
    }

    @Test
    void shouldTakeAnythingButTheMastersThatAreNotHeardAnyMore() {
        final Beacons beacons = beacons(context(SECRET, true), MASTERS);
        final MasterSearch search = search(context(SECRET, true)).otherThan(MASTERS, false);
        final MasterSearch other = search(context(SECRET, true)).otherThan("0=10.9.9.9:9900", false);
        assertTrue(within(SOON_NS, () -> other.poll() != null & search.poll() == null, beacons));
        assertEquals(MASTERS, other.poll());
        assertNull(search.poll());
    }

    @Test
    void shouldBelieveOnlyTheMastersOwnHostWhereThatIsWanted() {
        final Beacons beacons = beacons(context(null, false), "0=0.0.0.0:9900");
        final MasterSearch first = search(context(null, false, "127.0.0.1")).otherThan("0=10.9.9.9:9900", true);
        assertTrue(within(SOON_NS, () -> first.poll() != null, beacons));
        assertEquals("0=127.0.0.1:9900", first.poll());
    }

    @Test
    void shouldNotBelieveARepetitionOfWhatAnotherHostHasFoundWhereThatIsNotWanted() {
        final Beacons beacons = beacons(context(null, false), MASTERS);
        final MasterSearch first = search(context(null, false, "127.0.0.1")).otherThan("0=10.9.9.9:9900", true);
        final MasterSearch any = search(context(null, false, "127.0.0.1")).otherThan("0=10.9.9.9:9900", false);
        assertTrue(within(SOON_NS, () -> any.poll() != null & first.poll() == null, beacons));
        assertNull(first.poll());
    }

    @Test
    void shouldNotTellOfMastersThatOthersCannotReach() {
        final Beacons beacons = beacons(context(null, true), "0=localhost:9900");
        final MasterSearch search = search(context(null, true));
        assertTrue(!within(SECOND_NS / 2, () -> search.poll() != null, beacons));
        assertTrue(said.stream().anyMatch(line -> line.contains("loopback only")), said.toString());
    }

    @Test
    void shouldSayWhyNobodyIsFound() {
        // Java binds no broadcast address of the loopback network, so nothing is heard there but answers.
        final List<HostAddress> real = HostAddress.all().stream()
                .filter(address -> address.broadcast() != null)
                .limit(1)
                .toList();
        assumeTrue(!real.isEmpty(), "this machine has no network with broadcasts");
        final Beacons beacons = beacons(context(null, true).interfaces(() -> real), MASTERS);
        final MasterSearch search = search(context(SECRET, true).interfaces(() -> real));
        assertTrue(within(SOON_NS, () -> search.poll() == null & search.intruders() > 0, beacons));
        assertTrue(search.state().startsWith("looking for masters by broadcast on port " + port), search.state());
        assertTrue(search.state().contains("is not signed with our secret"), search.state());
        assertNull(search.poll());
    }

    @Test
    void shouldAnswerOneSourceSoOftenASecondAndNeverWithMore() throws IOException {
        final Beacons beacons = beacons(context(null, false), MASTERS);
        final DiscoveryPacket packet = new DiscoveryPacket(null, "dragon", 77, System::currentTimeMillis);
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(loopback, 0))) {
            final long beganNs = System.nanoTime();
            beacons.doWork();
            int asked = 0;
            for (int i = 0; i < 100; i++) {
                final ByteBuffer seek = packet.seek();
                socket.send(new DatagramPacket(seek.array(), seek.remaining(), loopback, port));
                asked += seek.remaining();
            }
            assertTrue(within(SOON_NS, () -> beacons.answers() >= Beacons.ANSWERS_PER_SECOND_TO_ONE, beacons));
            socket.setSoTimeout(200);
            int received = 0;
            int datagrams = 0;
            try {
                while (true) {
                    final DatagramPacket answer = new DatagramPacket(new byte[2_048], 2_048);
                    socket.receive(answer);
                    received += answer.getLength();
                    datagrams++;
                    beacons.doWork();
                }
            } catch (final SocketTimeoutException quiet) {
                final long seconds = 2 + (System.nanoTime() - beganNs) / SECOND_NS; // those that were begun
                assertTrue(datagrams <= seconds * Beacons.ANSWERS_PER_SECOND_TO_ONE, datagrams + " answers");
            }
            assertTrue(received <= asked, received + " bytes for " + asked);
        }
    }

    @Test
    void shouldTellAndAskTheOthersWhereOnePeerHasNoAddressOfIpv4() {
        final Beacons beacons = beacons(context(null, false, "::1", "127.0.0.1"), MASTERS);
        final MasterSearch search = search(context(null, false, "::1", "fe80::1", "127.0.0.1"));
        assertTrue(within(SOON_NS, () -> search.poll() != null, beacons));
        assertTrue(within(SOON_NS, () -> beacons.beacons() > 0, beacons));
        assertTrue(said.stream().anyMatch(line -> line.contains("names ::1, of which")), said.toString());
    }

    /** A stranger's beacon, or one of a host that has not heard that the masters moved. */
    @Test
    void shouldTakeOtherMastersWhenThoseThatItFoundDoNotAnswer() {
        final String moved = "0=10.9.9.9:9900";
        final Beacons wrong = beacons(context(null, true), MASTERS);
        final MasterSearch search = search(context(null, true));
        assertTrue(within(SOON_NS, () -> MASTERS.equals(search.poll()), wrong));
        final Beacons right = beacons(context(null, true), moved);
        assertTrue(within(SOON_NS, () -> right.beacons() > 0, wrong, right));
        assertEquals(MASTERS, search.poll(), "as long as nobody says that they do not answer");
        search.again();
        assertTrue(within(SOON_NS, () -> moved.equals(search.poll()), wrong, right));
        search.again();
        assertTrue(within(SOON_NS, () -> MASTERS.equals(search.poll()), wrong, right), "in turn");
    }

    @Test
    void shouldCountIntrudersAndGoOn() throws IOException {
        final Beacons beacons = beacons(context(SECRET, false), MASTERS);
        final MasterSearch search = search(context(SECRET, false, "127.0.0.1"));
        beacons.doWork();
        final Random random = new Random(3);
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(loopback, 0))) {
            for (int i = 0; i < 50; i++) {
                final byte[] noise = new byte[random.nextInt(1_400)];
                random.nextBytes(noise);
                socket.send(new DatagramPacket(noise, noise.length, loopback, port));
            }
        }
        assertTrue(within(SOON_NS, () -> beacons.intruders() == 50, beacons), beacons.intruders() + "");
        assertTrue(within(SOON_NS, () -> search.poll() != null, beacons));
    }
}
