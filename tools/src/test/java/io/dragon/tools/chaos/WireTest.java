package io.dragon.tools.chaos;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a wire does to packets: as its rules say, and the same for the same seed. */
final class WireTest {
    private static final int PACKETS = 20_000;
    private static final long MS = 1_000_000;

    private static List<String> fates(final WireRules rules) {
        final List<String> fates = new ArrayList<>();
        final long[] dueNs = new long[WireRules.MOST_COPIES];
        for (int i = 0; i < PACKETS; i++) {
            final int copies = rules.draw(i * MS, dueNs);
            fates.add(copies + (copies > 0 ? " " + (dueNs[0] - i * MS) : "") + (copies > 1 ? " " + dueNs[1] : ""));
        }
        return fates;
    }

    @Test
    void shouldDoTheSameForTheSameSeed() {
        final List<String> fates = fates(new WireRules(20 * MS, 5 * MS, 3, 1, 2, 7));
        assertEquals(fates, fates(new WireRules(20 * MS, 5 * MS, 3, 1, 2, 7)));
        assertNotEquals(fates, fates(new WireRules(20 * MS, 5 * MS, 3, 1, 2, 8)));
    }

    @Test
    void shouldLoseAndDoubleAndHoldSoManyAsItIsTold() {
        final WireRules rules = new WireRules(20 * MS, 5 * MS, 3, 1, 2, 7);
        fates(rules);
        assertEquals(0.02 * PACKETS, rules.lost(), 0.005 * PACKETS);
        assertEquals(0.03 * PACKETS, rules.reordered(), 0.005 * PACKETS);
        assertEquals(0.01 * PACKETS, rules.doubled(), 0.005 * PACKETS);
    }

    @Test
    void shouldKeepTheOrderUnlessItIsToldOtherwise() {
        final WireRules even = new WireRules(20 * MS, 50 * MS, 0, 0, 0, 7);
        final WireRules uneven = new WireRules(20 * MS, 0, 3, 0, 0, 7);
        final long[] dueNs = new long[WireRules.MOST_COPIES];
        long lastNs = 0;
        long overtaken = 0;
        long lastUnevenNs = 0;
        for (int i = 0; i < PACKETS; i++) {
            assertEquals(1, even.draw(i * MS, dueNs));
            assertTrue(dueNs[0] >= lastNs, "a packet overtakes the one before it");
            assertTrue(dueNs[0] - i * MS >= 20 * MS, "a packet takes less than the delay");
            lastNs = dueNs[0];
            uneven.draw(i * MS, dueNs);
            overtaken += dueNs[0] < lastUnevenNs ? 1 : 0;
            lastUnevenNs = dueNs[0];
        }
        assertTrue(overtaken > 0.02 * PACKETS, "hardly any packet was overtaken");
    }

    @Test
    void shouldCarryPacketsWholeAndLate() throws Exception {
        final LinkedBlockingQueue<byte[]> sent = new LinkedBlockingQueue<>();
        final LinkedBlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
        final Wire wire = new Wire(new Packets(sent), new Arrivals(arrived), new WireRules(20 * MS, 0, 0, 0, 0, 1));
        wire.start("test");
        final long startNs = System.nanoTime();
        for (int i = 1; i <= 100; i++) {
            sent.add(new byte[i]);
        }
        for (int i = 1; i <= 100; i++) {
            assertArrayEquals(new byte[i], arrived.poll(5, TimeUnit.SECONDS));
        }
        assertTrue(System.nanoTime() - startNs >= 20 * MS, "packets came before their time");
    }

    /** A packet a read. */
    private static final class Packets extends InputStream {
        private final LinkedBlockingQueue<byte[]> packets;

        Packets(final LinkedBlockingQueue<byte[]> packets) {
            this.packets = packets;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(final byte[] target) {
            try {
                final byte[] packet = packets.take();
                System.arraycopy(packet, 0, target, 0, packet.length);
                return packet.length;
            } catch (final InterruptedException ex) {
                return -1;
            }
        }
    }

    /** A packet a write. */
    private static final class Arrivals extends OutputStream {
        private final LinkedBlockingQueue<byte[]> packets;

        Arrivals(final LinkedBlockingQueue<byte[]> packets) {
            this.packets = packets;
        }

        @Override
        public void write(final int value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void write(final byte[] packet) {
            packets.add(packet.clone());
        }
    }
}
