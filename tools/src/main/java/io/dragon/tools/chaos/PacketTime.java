package io.dragon.tools.chaos;

import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Arrays;

/**
 * What a link takes by itself for so many bytes in packets: they are sent one after the other by a program that does nothing else, and the last one is
 * answered. The time until then is one way and the way of a small packet back.
 */
final class PacketTime {
    private static final int BUFFER = 4 << 20;
    private static final int LONGEST = 1 << 16;
    private static final int ANSWER_MS = 1_000;
    private static final int MOST_LOST = 20;
    private static final byte LAST = 1;

    private PacketTime() {}

    /** Answers the last packet of each round, in a thread of its own, until the process ends. */
    static void serve(final int port) throws IOException {
        final DatagramChannel channel = DatagramChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER);
        channel.bind(new InetSocketAddress(port));
        final Thread thread = new Thread(() -> answer(channel), "packets");
        thread.setDaemon(true);
        thread.start();
    }

    private static void answer(final DatagramChannel channel) {
        final ByteBuffer packet = ByteBuffer.allocateDirect(LONGEST);
        try (channel) {
            while (true) {
                final InetSocketAddress from = (InetSocketAddress) channel.receive(packet.clear());
                if (packet.position() > 0 && packet.get(0) == LAST) {
                    channel.send(packet.flip().limit(1), from);
                }
            }
        } catch (final IOException ex) { // the process ends
            return;
        }
    }

    /**
     * Measures.
     *
     * @param host    who serves.
     * @param port    where.
     * @param length  bytes each time.
     * @param packet  bytes of a packet.
     * @param payload of these, those that count.
     * @param times   how often; a fifth more is not counted.
     * @return nanoseconds, from the shortest to the longest.
     */
    static long[] measure(
            final String host, final int port, final int length, final int packet, final int payload, final int times) {
        final int packets = (length + payload - 1) / payload;
        try (DatagramChannel channel = DatagramChannel.open()) {
            channel.setOption(StandardSocketOptions.SO_SNDBUF, BUFFER);
            channel.connect(new InetSocketAddress(InetAddress.getByName(host), port));
            final DatagramSocket answers = channel.socket();
            answers.setSoTimeout(ANSWER_MS);
            final DatagramPacket answer = new DatagramPacket(new byte[1], 1);
            final ByteBuffer bytes = ByteBuffer.allocateDirect(packet);
            final long[] took = new long[times];
            int lost = 0;
            for (int i = -1 - times / 5; i < times; ) {
                final long startNs = System.nanoTime();
                for (int k = 1; k <= packets; k++) {
                    channel.write(bytes.clear().put(0, k == packets ? LAST : 0));
                }
                try {
                    answers.receive(answer);
                } catch (final SocketTimeoutException ex) { // the last one was lost: once more
                    if (++lost > MOST_LOST) {
                        throw ex;
                    }
                    continue;
                }
                if (i >= 0) {
                    took[i] = System.nanoTime() - startNs;
                }
                i++;
            }
            Arrays.sort(took);
            return took;
        } catch (final IOException ex) {
            throw new DragonException("The link to " + host + " cannot be measured: " + ex.getMessage() + '.');
        }
    }
}
