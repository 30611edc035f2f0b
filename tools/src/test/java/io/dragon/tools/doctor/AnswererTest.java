package io.dragon.tools.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonConfig;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two doctors on real sockets of this host. */
final class AnswererTest {
    private final AtomicBoolean isStopped = new AtomicBoolean();
    private final SocketNetwork network = new SocketNetwork();

    @TempDir
    Path folder;

    private Needs needs;
    private Answerer answerer;
    private CompletableFuture<Long> answered;

    @BeforeEach
    void start() throws IOException {
        final List<Integer> ports = freePorts();
        needs = Needs.of(DragonConfig.loader()
                .environment(Map.of())
                .folders(folder, folder)
                .kind(DragonConfig.FileKind.SERVER)
                .flag("discovery.port", ports.get(0).toString())
                .flag("transfer.port", ports.get(1).toString())
                .flag("node.probe_port", ports.get(2).toString())
                .flag("server.port", ports.get(3).toString())
                .load());
        answerer = Answerer.open(needs);
        answered = CompletableFuture.supplyAsync(() -> {
            try {
                return answerer.run(isStopped::get);
            } catch (final IOException ex) {
                throw new java.io.UncheckedIOException(ex);
            }
        });
    }

    private static List<Integer> freePorts() throws IOException {
        final List<ServerSocket> sockets = new ArrayList<>();
        final List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            final ServerSocket socket = new ServerSocket(0);
            sockets.add(socket);
            ports.add(socket.getLocalPort());
        }
        for (final ServerSocket socket : sockets) {
            socket.close();
        }
        return ports;
    }

    @AfterEach
    void stop() throws Exception {
        isStopped.set(true);
        answered.get(10, TimeUnit.SECONDS);
        answerer.close();
    }

    @Test
    void shouldAnswerEachPacketWithOneOfTheSameLength() {
        for (final int port : new int[] {needs.discoveryPort(), needs.transferPort(), needs.probePort()}) {
            for (final int bytes : new int[] {64, 1_408, 60_000}) {
                final Network.Reach reach = network.udp(local(port), bytes, 3);
                assertEquals(Network.Answer.ANSWERED, reach.answer());
                assertTrue(reach.roundTripNs() > 0);
            }
        }
        assertEquals(
                Network.Answer.ANSWERED,
                network.tcp(local(needs.serverPort()), 3).answer());
        assertEquals(5, answerer.taken().size());
        assertEquals(List.of(), answerer.refused());
    }

    @Test
    void shouldBeReachedByTheDoctorOfAnotherHost() {
        final List<Finding> found = new PeerCheck(List.of("127.0.0.1")).look(Host.here(), needs);
        assertTrue(found.get(0).found().contains("UDP " + needs.probePort()), found.toString());
        assertTrue(found.stream().noneMatch(finding -> finding.level() == Finding.Level.FAULT), found.toString());
    }

    @Test
    void shouldAnswerABroadcast() throws IOException {
        final Network.Nic nic = new Network.Nic(
                "lo", InetAddress.getLoopbackAddress(), InetAddress.getByName("127.255.255.255"), 65_536);
        assertEquals(
                java.util.Set.of(InetAddress.getLoopbackAddress()),
                network.broadcast(List.of(nic), needs.discoveryPort()));
        assertEquals(
                java.util.Set.of(), network.broadcast(List.of(nic), freePorts().get(0)), "its own question");
    }

    @Test
    void shouldNotAnswerMoreOftenThanADoctorAsks() throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setReceiveBufferSize(4 << 20);
            final byte[] question =
                    EchoPacket.question(1, EchoPacket.LEAST_BYTES).array();
            final long endNs = System.nanoTime() + 500_000_000L;
            int asked = 0;
            while (System.nanoTime() < endNs || asked < 4 * Answerer.PER_SECOND) {
                socket.send(new DatagramPacket(
                        question, question.length, InetAddress.getLoopbackAddress(), needs.probePort()));
                asked++;
            }
            final long ns = System.nanoTime() - endNs + 500_000_000L;
            isStopped.set(true);
            final long most = (ns / 1_000_000_000L + 2) * Answerer.PER_SECOND;
            final long answers = answered.get(10, TimeUnit.SECONDS);
            assertTrue(answers > 0 && answers <= most && answers < asked, answers + " of " + asked);
        } catch (final InterruptedException | java.util.concurrent.ExecutionException ex) {
            throw new AssertionError(ex);
        } catch (final java.util.concurrent.TimeoutException ex) {
            throw new AssertionError("it does not stop", ex);
        }
    }

    @Test
    void shouldIgnoreWhatIsNoQuestionOfADoctor() throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(300);
            for (final byte[] packet :
                    List.of(new byte[0], new byte[7], "GET / HTTP/1.1 and so on".getBytes(StandardCharsets.US_ASCII))) {
                socket.send(new DatagramPacket(
                        packet, packet.length, InetAddress.getLoopbackAddress(), needs.discoveryPort()));
            }
            final byte[] answer = EchoPacket.question(1, 64).array();
            EchoPacket.makeAnswer(
                    java.nio.ByteBuffer.wrap(answer)); // two answerers must not answer each other for ever
            socket.send(
                    new DatagramPacket(answer, answer.length, InetAddress.getLoopbackAddress(), needs.discoveryPort()));
            org.junit.jupiter.api.Assertions.assertThrows(
                    SocketTimeoutException.class, () -> socket.receive(new DatagramPacket(new byte[100], 100)));
        }
        assertEquals(
                Network.Answer.ANSWERED,
                network.udp(local(needs.discoveryPort()), 64, 1).answer());
    }

    @Test
    void shouldTellAClosedPortFromAnOpenOneAndATakenFromAFree() throws IOException {
        assertFalse(network.isUdpFree("0.0.0.0", needs.discoveryPort()));
        assertFalse(network.isTcpFree("0.0.0.0", needs.serverPort()));
        final int free = freePorts().get(0);
        assertTrue(network.isUdpFree("0.0.0.0", free));
        assertTrue(network.isTcpFree("0.0.0.0", free));
        assertEquals(Network.Answer.CLOSED, network.udp(local(free), 64, 3).answer());
        assertEquals(Network.Answer.CLOSED, network.tcp(local(free), 3).answer());
        final Network.Nic nic = new Network.Nic(
                "lo", InetAddress.getLoopbackAddress(), InetAddress.getByName("127.255.255.255"), 65_536);
        assertNull(network.hearsItself(nic, needs.discoveryPort()), "the port is taken");
        assertTrue(network.hearsItself(nic, free));
        try (Answerer second = Answerer.open(needs)) {
            assertEquals(5, second.refused().size());
        }
    }

    @Test
    void shouldFindTheProcessThatHoldsAPort() {
        final PortHolder holder = PortHolder.of(Host.here(), "UDP", needs.discoveryPort());
        assertEquals(Long.toString(ProcessHandle.current().pid()), holder.processId());
        assertFalse(holder.isDragon());
        assertEquals(
                Long.toString(ProcessHandle.current().pid()),
                PortHolder.of(Host.here(), "TCP", needs.serverPort()).processId());
    }

    private static InetSocketAddress local(final int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
}
