package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dragon.engine.node.AllowedAddresses;
import io.dragon.engine.node.HostAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

final class ServerPortTest {
    private static final int TIMEOUT_MS = 5_000;

    /** Whoever may not connect gets nothing, and cannot fill the log by trying on. */
    @Test
    void shouldTellOfRefusedConnectionsOnceAMinute() throws IOException {
        final List<HostAddress> addresses = HostAddress.all();
        assumeTrue(!addresses.isEmpty(), "this machine has no address but loopback");
        final InetAddress own = addresses.get(0).address();
        final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
        try (ServerPort port =
                ServerPort.open("0.0.0.0", 0, new AllowedAddresses(List.of()), () -> "well", lines::add)) {
            final String address = port.address("0.0.0.0");
            final int number = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
            for (int i = 0; i < 50; i++) {
                try (Socket socket = new Socket()) {
                    socket.setSoTimeout(TIMEOUT_MS);
                    socket.connect(new InetSocketAddress(own, number), TIMEOUT_MS);
                    assertEquals(-1, socket.getInputStream().read());
                }
            }
        }
        assertEquals(1, lines.size(), lines.toString());
        assertTrue(lines.peek().startsWith("refused a connection from " + own.getHostAddress()), lines.toString());
    }
}
