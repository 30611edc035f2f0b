package io.dragon.tools.process;

import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;

/**
 * Free UDP ports for the masters of a system that a command starts for itself. While it is open it holds the TCP ports of the same numbers,
 * which nothing else of Dragon uses: two commands that start at once do not both take what both find free.
 */
public final class PortClaim implements AutoCloseable {
    private static final int PORTS_OF_A_MEMBER = 10;

    private final int first;
    private final ServerSocket[] held;

    private PortClaim(final int first, final ServerSocket[] held) {
        this.first = first;
        this.held = held;
    }

    /**
     * Claims ports for one member.
     *
     * @param from first port to try.
     * @param to   where to end.
     * @return the claim.
     * @throws DragonException when none are free.
     */
    public static PortClaim claim(final int from, final int to) {
        return claim(from, to, 1);
    }

    /**
     * Claims ports for some members, ten each, in a row.
     *
     * @param from    first port to try.
     * @param to      where to end.
     * @param members number of members.
     * @return the claim.
     * @throws DragonException when none are free.
     */
    public static PortClaim claim(final int from, final int to, final int members) {
        for (int port = from; port + members * PORTS_OF_A_MEMBER <= to; port += PORTS_OF_A_MEMBER) {
            final ServerSocket[] held = new ServerSocket[members];
            boolean free = true;
            for (int i = 0; i < members && free; i++) {
                held[i] = hold(port + i * PORTS_OF_A_MEMBER);
                free = held[i] != null;
            }
            for (int i = 0; i < members * PORTS_OF_A_MEMBER && free; i++) {
                free = isFree(port + i);
            }
            final PortClaim claim = new PortClaim(port, held);
            if (free) {
                return claim;
            }
            claim.close();
        }
        throw new DragonException("No free UDP ports for " + (members == 1 ? "a master" : members + " masters")
                + " between " + from + " and " + to + '.');
    }

    /**
     * The first of the ports.
     *
     * @return as {@code masters.base_port} takes it.
     */
    public int first() {
        return first;
    }

    @Override
    public void close() {
        for (final ServerSocket socket : held) {
            try {
                if (socket != null) {
                    socket.close();
                }
            } catch (final IOException ignored) { // it only kept others away
                continue;
            }
        }
    }

    private static ServerSocket hold(final int port) {
        try {
            return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
        } catch (final IOException ex) {
            return null;
        }
    }

    private static boolean isFree(final int port) {
        try (DatagramSocket probe = new DatagramSocket(null)) {
            probe.setReuseAddress(false);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (final SocketException ex) {
            return false;
        }
    }
}
