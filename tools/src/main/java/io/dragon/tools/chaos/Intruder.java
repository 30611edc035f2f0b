package io.dragon.tools.chaos;

import io.dragon.codecs.discovery.BeaconEncoder;
import io.dragon.codecs.discovery.ProbeAnswerEncoder;
import io.dragon.codecs.discovery.ProbeEncoder;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A stranger on the network who has no secret: sends to every port of other hosts what is no message at all, what looks like one of Aeron's or
 * of ours, and what others have said before. From a seed. One thread.
 */
public final class Intruder implements AutoCloseable {
    /** Where hosts tell each other where the masters are. */
    static final int DISCOVERY_PORT = 9999;

    /** Where frames come. */
    static final int TRANSFER_PORT = 9877;

    private static final int PROBE_PORT = 9878;
    private static final int SERVER_PORT = 9876;
    private static final int MASTER_PORTS = 9900;
    private static final int[] UDP_PORTS = {
        DISCOVERY_PORT, TRANSFER_PORT, PROBE_PORT, MASTER_PORTS, 9901, 9902, 9903, 9904
    };
    private static final int LONGEST = 1_400;
    private static final int MOST_HEARD = 64;
    private static final int CONNECT_MS = 200;

    private final List<InetAddress> targets = new ArrayList<>();
    private final InetAddress broadcast;
    private final DatagramSocket socket;
    private final DatagramSocket ear;
    private final SplittableRandom random;
    private final List<byte[]> heard = new ArrayList<>();
    private final byte[] bytes = new byte[LONGEST];
    private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    private long sent;
    private long replayed;
    private long refused;

    /**
     * A stranger.
     *
     * @param targets   addresses of the hosts.
     * @param broadcast address at which all of them hear.
     * @param seed      of what is drawn at random.
     * @throws IOException when this host has no network.
     */
    public Intruder(final List<String> targets, final String broadcast, final long seed) throws IOException {
        for (final String target : targets) {
            this.targets.add(InetAddress.getByName(target));
        }
        this.broadcast = InetAddress.getByName(broadcast);
        this.random = new SplittableRandom(seed);
        socket = new DatagramSocket();
        socket.setBroadcast(true);
        ear = new DatagramSocket(DISCOVERY_PORT);
        ear.setSoTimeout(1);
    }

    /** Sends one of everything to every host, and takes in what is said to all. */
    public void round() {
        listen();
        replay();
        for (final InetAddress target : targets) {
            for (final int port : UDP_PORTS) {
                send(target, port, noise());
                send(target, port, likeAeron());
            }
            send(target, DISCOVERY_PORT, beacon(target));
            send(target, PROBE_PORT, probe());
            send(target, PROBE_PORT, probeAnswer());
            connect(target, SERVER_PORT);
            connect(target, TRANSFER_PORT);
        }
    }

    /**
     * What it has done so far.
     *
     * @return a line.
     */
    public String text() {
        return sent + " packets sent, " + heard.size() + " heard and sent again " + replayed + " times, " + refused
                + " not taken";
    }

    @Override
    public void close() {
        socket.close();
        ear.close();
    }

    private void listen() {
        final DatagramPacket packet = new DatagramPacket(new byte[2 * LONGEST], 2 * LONGEST);
        try {
            while (heard.size() < MOST_HEARD) {
                packet.setLength(2 * LONGEST);
                ear.receive(packet);
                heard.add(java.util.Arrays.copyOf(packet.getData(), packet.getLength()));
            }
        } catch (final IOException silence) { // what was heard so far is enough
            return;
        }
    }

    /** What was said before is said again, as it was and with one bit turned. */
    private void replay() {
        for (int i = 0; i < 4 && !heard.isEmpty(); i++) {
            final byte[] packet = heard.get(random.nextInt(heard.size())).clone();
            if (i % 2 == 1 && packet.length > 0) {
                packet[random.nextInt(packet.length)] ^= (byte) (1 << random.nextInt(8));
            }
            replayed++;
            send(broadcast, DISCOVERY_PORT, packet);
            targets.forEach(target -> send(target, DISCOVERY_PORT, packet));
        }
    }

    private byte[] noise() {
        final byte[] noise = new byte[random.nextInt(LONGEST)];
        random.nextBytes(noise);
        return noise;
    }

    /** A header of Aeron's protocol with a type that there is, and something behind it. */
    private byte[] likeAeron() {
        final byte[] packet = new byte[32 + 32 * random.nextInt(40)];
        random.nextBytes(packet);
        final UnsafeBuffer header = new UnsafeBuffer(packet);
        header.putInt(0, random.nextBoolean() ? packet.length : random.nextInt(), ByteOrder.LITTLE_ENDIAN);
        header.putByte(4, (byte) 0);
        header.putShort(6, (short) random.nextInt(8), ByteOrder.LITTLE_ENDIAN);
        header.putInt(
                16, random.nextBoolean() ? TRANSFER_PORT : 101, ByteOrder.LITTLE_ENDIAN); // streams that there are
        return packet;
    }

    /** Says that the masters are elsewhere. */
    private byte[] beacon(final InetAddress elsewhere) {
        final BeaconEncoder beacon = new BeaconEncoder();
        beacon.wrapAndApplyHeader(clear(), 0, new io.dragon.codecs.discovery.MessageHeaderEncoder())
                .senderId(random.nextLong())
                .number(random.nextInt(1_000_000))
                .epochMs(System.currentTimeMillis())
                .cluster("dragon")
                .masters("0=" + elsewhere.getHostAddress() + ":6666");
        return packet(beacon.limit());
    }

    private byte[] probe() {
        final ProbeEncoder probe = new ProbeEncoder();
        probe.wrapAndApplyHeader(clear(), 0, new io.dragon.codecs.discovery.MessageHeaderEncoder())
                .senderId(random.nextLong())
                .number(random.nextInt(1_000_000))
                .fromNodeId(random.nextInt(32))
                .toNodeId(random.nextInt(32))
                .sentNs(System.nanoTime())
                .answeredNs(0);
        return packet(probe.limit());
    }

    private byte[] probeAnswer() {
        final ProbeAnswerEncoder answer = new ProbeAnswerEncoder();
        answer.wrapAndApplyHeader(clear(), 0, new io.dragon.codecs.discovery.MessageHeaderEncoder())
                .senderId(random.nextLong())
                .number(random.nextInt(1_000_000))
                .fromNodeId(random.nextInt(32))
                .toNodeId(random.nextInt(32))
                .sentNs(System.nanoTime() - 1_000)
                .answeredNs(System.nanoTime());
        return packet(answer.limit());
    }

    private UnsafeBuffer clear() {
        buffer.setMemory(0, LONGEST, (byte) 0);
        return buffer;
    }

    /** With something behind it that may pass for a signature, or not. */
    private byte[] packet(final int length) {
        final byte[] packet = new byte[length + (random.nextBoolean() ? 32 : 0)];
        random.nextBytes(packet);
        buffer.getBytes(0, packet, 0, length);
        return packet;
    }

    private void send(final InetAddress target, final int port, final byte[] packet) {
        try {
            socket.send(new DatagramPacket(packet, packet.length, target, port));
            sent++;
        } catch (final IOException unreachable) { // as when nobody listens there
            refused++;
        }
    }

    private void connect(final InetAddress target, final int port) {
        try (Socket tcp = new Socket()) {
            tcp.connect(new InetSocketAddress(target, port), CONNECT_MS);
            tcp.getOutputStream().write(noise());
            sent++;
        } catch (final IOException unreachable) {
            refused++;
        }
    }
}
