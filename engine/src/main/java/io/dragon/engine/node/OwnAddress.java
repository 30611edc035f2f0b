package io.dragon.engine.node;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.List;

/** Which address of this host another one sees. */
final class OwnAddress {
    private static final int ANY_PORT = 9;

    private OwnAddress() {}

    /** Ours on the subnet of another host, or what our packets to it would carry, as routes are; null when there is no way. */
    static InetAddress towards(final InetAddress other, final List<HostAddress> interfaces) {
        for (final HostAddress each : interfaces) {
            if (each.isOnSubnetOf(other)) {
                return each.address();
            }
        }
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(other, ANY_PORT); // asks the system's routes; nothing is sent
            final InetAddress own = socket.getLocalAddress();
            return own.isAnyLocalAddress() ? null : own;
        } catch (final IOException | java.io.UncheckedIOException ex) {
            return null;
        }
    }
}
