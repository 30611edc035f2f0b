package io.dragon.engine.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import org.agrona.CloseHelper;

/** A UDP socket of IPv4 that neither waits nor throws when it sends and receives. One thread. */
final class DatagramSocketLine implements AutoCloseable {
    /** Longer ones are cut, and are none of ours. */
    private static final int MAX_LENGTH = 9_216;

    private final DatagramChannel channel;
    private final byte[] bytes = new byte[MAX_LENGTH];
    private final ByteBuffer in = ByteBuffer.wrap(bytes);
    private final DoctorQuestions doctor = new DoctorQuestions();
    private InetSocketAddress source;
    private long failures;

    private DatagramSocketLine(final DatagramChannel channel) {
        this.channel = channel;
    }

    /**
     * Opens one.
     *
     * @param port     to bind, on every address; 0 for any free one.
     * @param isShared whether other processes may bind it too: each of them hears broadcasts.
     * @throws IOException when the port cannot be had.
     */
    static DatagramSocketLine open(final int port, final boolean isShared) throws IOException {
        return open(new InetSocketAddress(port), isShared);
    }

    /** As above, on one address: of a broadcast address it hears only what is sent to that. */
    static DatagramSocketLine open(final InetSocketAddress own, final boolean isShared) throws IOException {
        final DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, isShared);
            channel.setOption(StandardSocketOptions.SO_BROADCAST, true);
            channel.configureBlocking(false);
            channel.bind(own);
            return new DatagramSocketLine(channel);
        } catch (final IOException | RuntimeException ex) {
            CloseHelper.quietClose(channel);
            throw ex;
        }
    }

    int port() {
        try {
            return ((InetSocketAddress) channel.getLocalAddress()).getPort();
        } catch (final IOException ex) {
            return 0;
        }
    }

    SelectableChannel channel() {
        return channel;
    }

    /** Sends; false when there is no way or no room, which is counted. */
    boolean send(final ByteBuffer datagram, final InetSocketAddress to) {
        try {
            if (channel.send(datagram, to) > 0) {
                return true;
            }
        } catch (final IOException | IllegalArgumentException ex) { // no route, a packet filter; not of IPv4, not known
            failures++;
            return false;
        }
        failures++;
        return false;
    }

    boolean send(final ByteBuffer datagram, final InetAddress to, final int port) {
        return send(datagram, new InetSocketAddress(to, port));
    }

    /** Takes a datagram: its length, or -1 when there is none. What doctor asks is answered here, and not taken. */
    int receive() {
        try {
            do {
                in.clear();
                source = (InetSocketAddress) channel.receive(in);
            } while (source != null && doctor.answers(channel, in, source));
            return source == null ? -1 : in.position();
        } catch (final IOException ex) { // an error that came back for something we had sent
            failures++;
            return -1;
        }
    }

    /** What was received last. */
    byte[] bytes() {
        return bytes;
    }

    /** Who sent it. */
    InetSocketAddress source() {
        return source;
    }

    long failures() {
        return failures;
    }

    @Override
    public void close() {
        CloseHelper.quietClose(channel);
    }
}
