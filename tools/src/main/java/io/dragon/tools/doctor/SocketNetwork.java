package io.dragon.tools.doctor;

import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The network of this host, by plain sockets. */
final class SocketNetwork implements Network {
    private static final long WAIT_NS = 400_000_000L;
    private static final int CONNECT_MS = 1_000;
    private static final int BROADCASTS = 3;

    private final SecureRandom random = new SecureRandom();

    @Override
    public List<Nic> nics() {
        final List<Nic> nics = new ArrayList<>();
        try {
            for (final NetworkInterface one : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                if (one.isUp() && !one.isLoopback()) {
                    nics.add(nic(one));
                }
            }
        } catch (final SocketException ex) {
            return nics;
        }
        return nics;
    }

    private static Nic nic(final NetworkInterface one) throws SocketException {
        InetAddress address = null;
        InetAddress broadcast = null;
        for (final InterfaceAddress each : one.getInterfaceAddresses()) {
            if (each.getAddress() instanceof Inet4Address && address == null) {
                address = each.getAddress();
                broadcast = each.getBroadcast();
            }
        }
        return new Nic(one.getName(), address, broadcast, one.getMTU());
    }

    @Override
    public boolean isUdpFree(final String address, final int port) {
        try (DatagramSocket socket = new DatagramSocket(null)) {
            socket.setReuseAddress(false);
            socket.bind(new InetSocketAddress(address, port));
            return true;
        } catch (final SocketException ex) {
            return false;
        }
    }

    @Override
    public boolean isTcpFree(final String address, final int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true); // of connections that have ended, not of one that listens
            socket.bind(new InetSocketAddress(address, port));
            return true;
        } catch (final IOException ex) {
            return false;
        }
    }

    @Override
    public int[] buffers(final int wanted) {
        try (DatagramChannel channel = DatagramChannel.open()) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, wanted);
            channel.setOption(StandardSocketOptions.SO_SNDBUF, wanted);
            return new int[] {
                channel.getOption(StandardSocketOptions.SO_RCVBUF), channel.getOption(StandardSocketOptions.SO_SNDBUF)
            };
        } catch (final IOException ex) {
            return new int[] {0, 0};
        }
    }

    @Override
    public Boolean hearsItself(final Nic nic, final int port) {
        if (!isUdpFree("0.0.0.0", port)) {
            return null;
        }
        try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
                Selector selector = Selector.open()) {
            channel.setOption(StandardSocketOptions.SO_BROADCAST, true);
            channel.bind(new InetSocketAddress("0.0.0.0", port));
            channel.configureBlocking(false).register(selector, SelectionKey.OP_READ);
            for (int i = 0; i < BROADCASTS; i++) {
                final long number = random.nextLong();
                channel.send(
                        EchoPacket.question(number, EchoPacket.LEAST_BYTES),
                        new InetSocketAddress(nic.broadcast(), port));
                if (hears(channel, selector, number)) {
                    return true;
                }
            }
            return false;
        } catch (final IOException ex) { // a firewall may refuse to send, too
            return false;
        }
    }

    private static boolean hears(final DatagramChannel channel, final Selector selector, final long number)
            throws IOException {
        final ByteBuffer packet = ByteBuffer.allocate(EchoPacket.MOST_BYTES);
        final long deadlineNs = System.nanoTime() + WAIT_NS;
        while (System.nanoTime() - deadlineNs < 0) {
            selector.select(Math.max(1, (deadlineNs - System.nanoTime()) / 1_000_000));
            selector.selectedKeys().clear();
            while (channel.receive(packet.clear()) != null) {
                if (EchoPacket.isOwn(packet.flip(), number)) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public Set<InetAddress> broadcast(final List<Nic> nics, final int port) {
        final Set<InetAddress> answered = new HashSet<>();
        try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
                Selector selector = Selector.open()) {
            channel.setOption(StandardSocketOptions.SO_BROADCAST, true);
            // From the port itself where it is free: a firewall that lets beacons in lets the answers in, too.
            channel.bind(new InetSocketAddress("0.0.0.0", isUdpFree("0.0.0.0", port) ? port : 0));
            channel.configureBlocking(false).register(selector, SelectionKey.OP_READ);
            final long number = random.nextLong();
            for (int i = 0; i < BROADCASTS; i++) {
                for (final Nic nic : nics) {
                    if (nic.broadcast() != null) {
                        ask(channel, new InetSocketAddress(nic.broadcast(), port), number);
                    }
                }
                gather(channel, selector, number, answered);
            }
        } catch (final IOException ex) { // nobody is heard without a socket
            return answered;
        }
        return answered;
    }

    private static void ask(final DatagramChannel channel, final InetSocketAddress to, final long number) {
        try {
            channel.send(EchoPacket.question(number, EchoPacket.LEAST_BYTES), to);
        } catch (final IOException ignored) { // a firewall may refuse to send; another interface may do
            return;
        }
    }

    private static void gather(
            final DatagramChannel channel, final Selector selector, final long number, final Set<InetAddress> answered)
            throws IOException {
        final ByteBuffer packet = ByteBuffer.allocate(EchoPacket.MOST_BYTES);
        final long deadlineNs = System.nanoTime() + WAIT_NS / 2;
        while (System.nanoTime() - deadlineNs < 0) {
            selector.select(Math.max(1, (deadlineNs - System.nanoTime()) / 1_000_000));
            selector.selectedKeys().clear();
            InetSocketAddress from;
            while ((from = (InetSocketAddress) channel.receive(packet.clear())) != null) {
                if (EchoPacket.isAnswer(packet.flip(), number)) {
                    answered.add(from.getAddress());
                }
            }
        }
    }

    @Override
    public List<InetAddress> resolve(final String name) {
        try {
            final List<InetAddress> all = new ArrayList<>(Arrays.asList(InetAddress.getAllByName(name)));
            all.removeIf(address -> !(address instanceof Inet4Address));
            return all;
        } catch (final UnknownHostException ex) {
            return List.of();
        }
    }

    @Override
    public Reach udp(final InetSocketAddress to, final int bytes, final int tries) {
        final List<Long> times = new ArrayList<>();
        Answer without = Answer.SILENT;
        try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
                Selector selector = Selector.open()) {
            channel.connect(to);
            channel.configureBlocking(false).register(selector, SelectionKey.OP_READ);
            for (int i = 0; i < tries && (i < 2 || !times.isEmpty()); i++) { // who is silent twice is not asked on
                final long number = random.nextLong();
                final long beganNs = System.nanoTime();
                channel.write(EchoPacket.question(number, bytes));
                if (isAnswered(channel, selector, number)) {
                    times.add(System.nanoTime() - beganNs);
                }
            }
        } catch (final PortUnreachableException ex) {
            without = Answer.CLOSED;
        } catch (final NoRouteToHostException ex) {
            without = Answer.NO_ROUTE;
        } catch (final IOException ex) { // too large for the interface, network unreachable
            without = ex.getMessage() != null && ex.getMessage().contains("unreachable") ? Answer.NO_ROUTE : without;
        }
        return reach(times, without, tries);
    }

    private static boolean isAnswered(final DatagramChannel channel, final Selector selector, final long number)
            throws IOException {
        final ByteBuffer packet = ByteBuffer.allocate(EchoPacket.MOST_BYTES);
        final long deadlineNs = System.nanoTime() + WAIT_NS;
        while (System.nanoTime() - deadlineNs < 0) {
            selector.select(Math.max(1, (deadlineNs - System.nanoTime()) / 1_000_000));
            selector.selectedKeys().clear();
            while (channel.read(packet.clear()) > 0) {
                if (EchoPacket.isAnswer(packet.flip(), number)) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public Reach tcp(final InetSocketAddress to, final int tries) {
        final List<Long> times = new ArrayList<>();
        Answer without = Answer.SILENT;
        try {
            for (int i = 0; i < tries; i++) {
                try (Socket socket = new Socket()) {
                    final long beganNs = System.nanoTime();
                    socket.connect(to, CONNECT_MS);
                    times.add(System.nanoTime() - beganNs);
                }
            }
        } catch (final SocketTimeoutException ex) {
            without = Answer.SILENT;
        } catch (final NoRouteToHostException ex) {
            without = Answer.NO_ROUTE;
        } catch (final ConnectException ex) {
            without = String.valueOf(ex.getMessage()).contains("refused") ? Answer.CLOSED : Answer.NO_ROUTE;
        } catch (final IOException ex) {
            without = Answer.SILENT;
        }
        return reach(times, without, tries);
    }

    private static Reach reach(final List<Long> times, final Answer without, final int tries) {
        if (times.isEmpty()) {
            return new Reach(without, 0, tries, tries);
        }
        Collections.sort(times);
        return new Reach(Answer.ANSWERED, times.get(times.size() / 2), tries - times.size(), tries);
    }
}
