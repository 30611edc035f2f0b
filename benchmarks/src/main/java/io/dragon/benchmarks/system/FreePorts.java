package io.dragon.benchmarks.system;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadLocalRandom;

/** Ports that nobody uses at the moment. */
final class FreePorts {
    /** Below those that the kernel gives to clients. */
    private static final int FIRST = 20_000;

    private static final int BLOCKS = 1_000;
    private static final int ATTEMPTS = 100;

    private FreePorts() {}

    /** The first of some that follow each other. */
    static int block(final int count) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            final int first = FIRST + count * ThreadLocalRandom.current().nextInt(BLOCKS);
            if (isFree(first, count)) {
                return first;
            }
        }
        throw new IllegalStateException("no block of " + count + " free UDP ports was found");
    }

    private static boolean isFree(final int first, final int count) {
        for (int port = first; port < first + count; port++) {
            try (DatagramSocket socket =
                    new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
                if (!socket.isBound()) {
                    return false;
                }
            } catch (final IOException taken) {
                return false;
            }
        }
        return true;
    }
}
