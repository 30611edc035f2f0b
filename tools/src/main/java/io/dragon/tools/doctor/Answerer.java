package io.dragon.tools.doctor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;

/**
 * The other side of {@code dragon doctor --peer}: takes the ports of Dragon that are free and sends doctor's packets back, each as long as it came.
 * It answers broadcasts as well. Anything else is ignored, and what is asked more often than a doctor does. One thread.
 */
public final class Answerer implements AutoCloseable {
    private static final int LOOK_MS = 100;

    /** A doctor waits for each answer before it asks on; of several hundred hosts each is still answered. */
    static final int PER_SECOND = 2_000;

    private static final long SECOND_NS = 1_000_000_000L;

    private final Selector selector;
    private final List<AutoCloseable> sockets = new ArrayList<>();
    private final List<String> taken = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();
    private final ByteBuffer packet = ByteBuffer.allocate(EchoPacket.MOST_BYTES);

    private long secondNs = System.nanoTime();
    private int inSecond;

    private Answerer(final Selector selector) {
        this.selector = selector;
    }

    /**
     * Takes the ports that a configuration names, as far as they are free.
     *
     * @param needs of this host.
     * @return one that answers while {@link #run} runs.
     * @throws IOException when this host lets no program listen at all.
     */
    public static Answerer open(final Needs needs) throws IOException {
        final Answerer answerer = new Answerer(Selector.open());
        answerer.udp(needs.discoveryPort());
        answerer.udp(needs.transferPort());
        answerer.udp(needs.probePort());
        answerer.tcp(needs.serverPort());
        answerer.tcp(needs.transferPort());
        return answerer;
    }

    /**
     * The ports it answers on.
     *
     * @return as {@code UDP 9999}.
     */
    public List<String> taken() {
        return List.copyOf(taken);
    }

    /**
     * The ports that something else holds.
     *
     * @return as {@code UDP 9999}.
     */
    public List<String> refused() {
        return List.copyOf(refused);
    }

    private void udp(final int port) throws IOException {
        final DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
        try {
            channel.bind(new InetSocketAddress("0.0.0.0", port));
            channel.configureBlocking(false).register(selector, SelectionKey.OP_READ);
            sockets.add(channel);
            taken.add("UDP " + port);
        } catch (final IOException ex) {
            channel.close();
            refused.add("UDP " + port);
        }
    }

    private void tcp(final int port) throws IOException {
        final ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.INET);
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(new InetSocketAddress("0.0.0.0", port));
            channel.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
            sockets.add(channel);
            taken.add("TCP " + port);
        } catch (final IOException ex) {
            channel.close();
            refused.add("TCP " + port);
        }
    }

    /**
     * Answers until it is to stop.
     *
     * @param stop asked ten times a second.
     * @return packets and connections answered.
     * @throws IOException when a socket fails.
     */
    public long run(final BooleanSupplier stop) throws IOException {
        long answered = 0;
        while (!stop.getAsBoolean()) {
            selector.select(LOOK_MS);
            for (final SelectionKey key : selector.selectedKeys()) {
                answered += key.channel() instanceof DatagramChannel channel
                        ? answer(channel)
                        : accept((ServerSocketChannel) key.channel());
            }
            selector.selectedKeys().clear();
        }
        return answered;
    }

    private int answer(final DatagramChannel channel) throws IOException {
        int answered = 0;
        while (true) {
            final SocketAddress from = channel.receive(packet.clear());
            if (from == null) {
                return answered;
            }
            if (EchoPacket.isQuestion(packet.flip()) && isAllowed(System.nanoTime())) {
                EchoPacket.makeAnswer(packet);
                try {
                    channel.send(packet, from);
                    answered++;
                } catch (final IOException ignored) { // the way back is closed, which the other side sees
                    continue;
                }
            }
        }
    }

    private boolean isAllowed(final long nowNs) {
        if (nowNs - secondNs >= SECOND_NS) {
            secondNs = nowNs;
            inSecond = 0;
        }
        return inSecond++ < PER_SECOND;
    }

    private static int accept(final ServerSocketChannel channel) throws IOException {
        try (SocketChannel connection = channel.accept()) {
            return connection == null ? 0 : 1;
        }
    }

    @Override
    public void close() {
        CloseHelper.quietCloseAll(sockets);
        CloseHelper.quietClose(selector);
    }
}
