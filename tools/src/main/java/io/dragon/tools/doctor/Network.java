package io.dragon.tools.doctor;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;

/** What the network of a host answers. */
interface Network {
    /**
     * An interface that is up and is not the loopback.
     *
     * @param name      as {@code ip link} shows it.
     * @param address   its first IPv4 address; null without one.
     * @param broadcast the address that reaches everybody there; null where there is none.
     * @param mtu       its largest packet, bytes.
     */
    record Nic(String name, InetAddress address, InetAddress broadcast, int mtu) {}

    /** How a host answered. */
    enum Answer {
        /** It answered. */
        ANSWERED,
        /** It is there, and nothing listens on that port. */
        CLOSED,
        /** Nothing came back: nobody is there, or a firewall drops it. */
        SILENT,
        /** This host has no way to it. */
        NO_ROUTE
    }

    /**
     * What tries on a port of a host gave.
     *
     * @param answer      how it answered.
     * @param roundTripNs the median; 0 without an answer.
     * @param lost        tries that nothing came back from.
     * @param tries       all of them.
     */
    record Reach(Answer answer, long roundTripNs, int lost, int tries) {
        boolean isReached() {
            return answer == Answer.ANSWERED || answer == Answer.CLOSED;
        }
    }

    /** The interfaces that are up. */
    List<Nic> nics();

    /** Whether a UDP port can be taken by a program now, on an address of this host. */
    boolean isUdpFree(String address, int port);

    /** Whether a TCP port can be taken by a program now, on an address of this host. */
    boolean isTcpFree(String address, int port);

    /** How much of a receive and of a send buffer a UDP socket gets that asks for so much, bytes. */
    int[] buffers(int wanted);

    /**
     * Sends to everybody on an interface and listens on the same port.
     *
     * @return true when it was heard, false when not; null when the port cannot be listened on.
     */
    Boolean hearsItself(Nic nic, int port);

    /** The addresses of a name; empty when it has none. */
    List<InetAddress> resolve(String name);

    /** Sends doctor's own packets of so many bytes and waits for each to come back. */
    Reach udp(InetSocketAddress to, int bytes, int tries);

    /**
     * Sends a question of doctor to everybody on these interfaces and gathers who answers.
     *
     * @return the addresses that answered, those of this host among them; empty when nobody did.
     */
    Set<InetAddress> broadcast(List<Nic> nics, int port);

    /** Opens connections. */
    Reach tcp(InetSocketAddress to, int tries);
}
