package io.dragon.engine.transfer;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A port that is free for both protocols, and below those that the kernel gives to clients: one of the many connections of a test, or
 * what is left of them, could have it otherwise by the time it is listened on.
 */
final class FreePort {
    private static final int LOWEST = 20_000;
    private static final int HIGHEST = 32_000;
    private static final int TRIES = 1_000;

    private FreePort() {}

    static int find() {
        for (int i = 0; i < TRIES; i++) {
            final int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            final InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            try (DatagramSocket udp = new DatagramSocket(address);
                    ServerSocket tcp = new ServerSocket()) {
                tcp.bind(address);
                if (udp.isBound()) {
                    return port;
                }
            } catch (final IOException e) {
                // Somebody has it: another one is tried.
            }
        }
        throw new AssertionError("no free port from " + LOWEST + " to " + HIGHEST);
    }
}
