package io.dragon.engine.node;

import static io.dragon.engine.node.DiscoveryPacket.Verdict.BEACON;
import static io.dragon.engine.node.DiscoveryPacket.Verdict.MALFORMED;
import static io.dragon.engine.node.DiscoveryPacket.Verdict.NOT_SIGNED;
import static io.dragon.engine.node.DiscoveryPacket.Verdict.OTHER_SYSTEM;
import static io.dragon.engine.node.DiscoveryPacket.Verdict.OWN;
import static io.dragon.engine.node.DiscoveryPacket.Verdict.SEEK;
import static io.dragon.engine.node.DiscoveryPacket.Verdict.TWICE;
import static io.dragon.engine.node.DiscoveryPacket.Verdict.USED_BEFORE;
import static io.dragon.engine.node.DiscoveryPacket.Verdict.WRONG_TIME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class DiscoveryPacketTest {
    private static final String MASTERS = "0=10.0.1.1:9900,1=10.0.1.2:9910,2=alpha.lab:9920";
    private static final byte[] SECRET = "a secret of sixteen bytes".getBytes();

    private long nowMs = 1_700_000_000_000L;

    private DiscoveryPacket packet(final byte[] secret, final String cluster, final long senderId) {
        return new DiscoveryPacket(secret, cluster, senderId, () -> nowMs);
    }

    private static byte[] bytes(final ByteBuffer datagram) {
        final byte[] bytes = new byte[datagram.remaining()];
        datagram.get(bytes);
        return bytes;
    }

    private static DiscoveryPacket.Verdict judge(final DiscoveryPacket by, final byte[] datagram) {
        return by.judge(datagram, datagram.length);
    }

    @Test
    void shouldTellTheMastersToWhoSharesTheSecret() {
        final DiscoveryPacket teller = packet(SECRET, "dragon", 1);
        final DiscoveryPacket listener = packet(SECRET, "dragon", 2);
        assertEquals(BEACON, judge(listener, bytes(teller.beacon(MASTERS))));
        assertEquals(MASTERS, listener.masters());
        assertEquals(SEEK, judge(teller, bytes(listener.seek())));
        assertEquals(OWN, judge(teller, bytes(teller.beacon(MASTERS))));
        assertEquals(bytes(listener.seek()).length, bytes(teller.beacon(MASTERS)).length, "an answer is no longer");
    }

    @Test
    void shouldIgnoreOtherSystemsAndWhatIsNotSignedWithItsSecret() {
        final DiscoveryPacket listener = packet(SECRET, "dragon", 2);
        assertEquals(
                OTHER_SYSTEM, judge(listener, bytes(packet(null, "other", 1).beacon(MASTERS))));
        assertEquals(NOT_SIGNED, judge(listener, bytes(packet(null, "dragon", 1).beacon(MASTERS))));
        assertEquals(
                NOT_SIGNED,
                judge(
                        listener,
                        bytes(packet("another secret of bytes".getBytes(), "dragon", 1)
                                .beacon(MASTERS))));
        assertEquals(
                NOT_SIGNED,
                judge(
                        packet(null, "dragon", 3),
                        bytes(packet(SECRET, "dragon", 1).beacon(MASTERS))));
        final byte[] changed = bytes(packet(SECRET, "dragon", 1).beacon(MASTERS));
        changed[70] ^= 1;
        assertEquals(NOT_SIGNED, judge(listener, changed), "one bit of an address");
        assertFalse(OTHER_SYSTEM.isIntruder(), "a neighbour is none");
        assertTrue(NOT_SIGNED.isIntruder());
    }

    @Test
    void shouldIgnoreWhatWasUsedBeforeOrIsOld() {
        final DiscoveryPacket teller = packet(SECRET, "dragon", 1);
        final DiscoveryPacket listener = packet(SECRET, "dragon", 2);
        final byte[] first = bytes(teller.beacon(MASTERS));
        final byte[] second = bytes(teller.beacon(MASTERS));
        assertEquals(BEACON, judge(listener, second));
        assertEquals(TWICE, judge(listener, second), "by the network's second way, at once");
        nowMs += ReplayWindow.TWICE_MS + 1;
        assertEquals(USED_BEFORE, judge(listener, second));
        nowMs += 31_000;
        assertEquals(WRONG_TIME, judge(packet(SECRET, "dragon", 3), second), "also for who heard nothing before");
        assertEquals(WRONG_TIME, judge(listener, first), "never heard, and too old");
        nowMs -= 70_000;
        assertEquals(WRONG_TIME, judge(packet(SECRET, "dragon", 4), second), "of the future");
    }

    @Test
    void shouldTakeNoIntruderForWhatTheNetworkDoublesOrReorders() {
        final DiscoveryPacket teller = packet(SECRET, "dragon", 1);
        final DiscoveryPacket listener = packet(SECRET, "dragon", 2);
        final byte[] first = bytes(teller.beacon(MASTERS));
        final byte[] second = bytes(teller.beacon(MASTERS));
        assertEquals(BEACON, judge(listener, second));
        assertEquals(BEACON, judge(listener, first), "by another interface, overtaken");
        nowMs += 100;
        assertEquals(TWICE, judge(listener, first), "doubled, and overtaken");
        assertEquals(TWICE, judge(listener, second));
        nowMs += ReplayWindow.TWICE_MS;
        assertEquals(USED_BEFORE, judge(listener, first), "that did not take so long");
    }

    @Test
    void shouldKeepWhatItKnowsOfSendersWithinBounds() {
        final DiscoveryPacket listener = packet(null, "dragon", 2);
        for (int i = 10; i < 10 + 4 * ReplayGuard.MAX_SENDERS; i++) {
            assertEquals(BEACON, judge(listener, bytes(packet(null, "dragon", i).beacon(MASTERS))));
        }
    }

    @Test
    void shouldTakeNoTextForMastersThatIsNone() {
        final DiscoveryPacket listener = packet(null, "dragon", 2);
        final DiscoveryPacket teller = packet(null, "dragon", 1);
        for (final String text : new String[] {
            "",
            "10.0.0.1:9900",
            "1=a:1",
            "0=a:0",
            "0=a:65536",
            "0=a:1,1=b:1",
            "0=:1",
            "0=-a:1",
            "0=a b:1",
            "0=a:1,",
            "0=a|control=x:1",
            "0=a?b:1"
        }) {
            assertEquals(MALFORMED, judge(listener, bytes(teller.beacon(text))), text);
        }
        assertEquals(BEACON, judge(listener, bytes(teller.beacon("0=a.b-c.d:65535"))));
    }

    @Test
    void shouldSurviveWhateverComes() {
        final Random random = new Random(11);
        final DiscoveryPacket open = packet(null, "dragon", 2);
        final DiscoveryPacket signed = packet(SECRET, "dragon", 2);
        final byte[] model = bytes(packet(SECRET, "dragon", 1).beacon(MASTERS));
        for (int i = 0; i < 100_000; i++) {
            final byte[] noise = new byte[random.nextInt(600)];
            random.nextBytes(noise);
            assertEquals(MALFORMED, judge(open, noise));
            final byte[] changed = Arrays.copyOf(model, model.length - (i % 3 == 0 ? random.nextInt(model.length) : 0));
            if (changed.length > 0) {
                changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
            }
            final DiscoveryPacket.Verdict verdict = judge(signed, changed);
            assertTrue(verdict.isIntruder() || verdict == OTHER_SYSTEM, verdict.toString());
        }
    }
}
