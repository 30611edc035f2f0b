package io.dragon.engine.cluster;

import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;

/**
 * Where the masters are: member n has five UDP ports from basePort + 10 n, for ingress, consensus, log, catch-up and archive.
 *
 * @param hosts    host names or addresses of every member, in the order of their ids.
 * @param basePort the first port of member 0.
 */
public record MasterAddresses(List<String> hosts, int basePort) {
    static final String ANY = "0.0.0.0";
    static final int PORTS = 5;
    static final int INGRESS = 0;
    static final int ARCHIVE = 4;

    private static final int PORT_STRIDE = 10;
    private static final int MAX_PORT = 65_535;

    /**
     * A port.
     *
     * @param member of the member.
     * @param offset which of its five.
     */
    int port(final int member, final int offset) {
        return basePort + PORT_STRIDE * member + offset;
    }

    /** Whether the one member listens on every address of its host. */
    boolean isOnEveryAddress() {
        if (hosts.contains(ANY) && hosts.size() > 1) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "'masters.members' has " + ANY + " among several: each has to have an address of its own.");
        }
        return hosts.contains(ANY);
    }

    /** How many members make a majority. */
    int quorum() {
        return hosts.size() / 2 + 1;
    }

    /**
     * Where clients reach the masters over UDP.
     *
     * @return {@code 0=host:port,1=host:port}, as {@link ClusterSession.Context#ingressEndpoints(String)} takes it.
     */
    public String ingressEndpoints() {
        final StringBuilder endpoints = new StringBuilder();
        for (int member = 0; member < hosts.size(); member++) {
            endpoints.append(member == 0 ? "" : ",").append(member).append('=');
            endpoints.append(endpoint(member, INGRESS));
        }
        return endpoints.toString();
    }

    /** Aeron's list of members: id and five endpoints each. */
    String clusterMembers() {
        final StringBuilder text = new StringBuilder();
        for (int member = 0; member < hosts.size(); member++) {
            text.append(member == 0 ? "" : "|").append(member);
            for (int offset = 0; offset < PORTS; offset++) {
                text.append(',').append(endpoint(member, offset));
            }
        }
        return text.toString();
    }

    /** A member's endpoint, {@code host:port}. */
    String endpoint(final int member, final int offset) {
        return hosts.get(member) + ':' + port(member, offset);
    }

    /** All members but one, in words. */
    String others(final int member) {
        final StringBuilder text = new StringBuilder();
        for (int other = 0; other < hosts.size(); other++) {
            if (other != member) {
                text.append(text.isEmpty() ? "" : ", ")
                        .append(other)
                        .append(" on ")
                        .append(endpoint(other, INGRESS));
            }
        }
        return text.toString();
    }

    void check(final int memberId) {
        final int count = hosts.size();
        if (count != 1 && count != 3 && count != 5) {
            throw new DragonException(
                    DragonException.WRONG_USAGE, count + " masters are configured: expected 1, 3 or 5.");
        }
        if (memberId < 0 || memberId >= count) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "member " + memberId + " is not one of the " + count + " masters, 0 to " + (count - 1) + ".");
        }
        if (basePort < 1 || port(count - 1, PORTS - 1) > MAX_PORT) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "basePort " + basePort + " leaves no room for the ports of " + count + " masters.");
        }
    }

    /**
     * The channel on which masters reach this host: the address that its packets to them carry. Asks the system's routes; nothing
     * is sent.
     *
     * @param ingressEndpoints {@code 0=host:port,1=host:port}.
     * @return an Aeron channel; on the loopback address when every master is on it, or none can be found.
     */
    static String egressChannel(final String ingressEndpoints) {
        for (final String member : ingressEndpoints.split(",")) {
            final String endpoint = member.substring(member.indexOf('=') + 1);
            final int colon = endpoint.lastIndexOf(':');
            try (DatagramSocket socket = new DatagramSocket()) {
                final InetAddress there = InetAddress.getByName(endpoint.substring(0, colon));
                if (!there.isLoopbackAddress()) {
                    socket.connect(new InetSocketAddress(there, Integer.parseInt(endpoint.substring(colon + 1))));
                    return "aeron:udp?endpoint=" + text(socket.getLocalAddress()) + ":0";
                }
            } catch (final UnknownHostException ex) {
                continue; // the next one may be known
            } catch (final IOException | java.io.UncheckedIOException ex) {
                continue; // no way there
            }
        }
        return "aeron:udp?endpoint=localhost:0";
    }

    private static String text(final InetAddress address) {
        final String text = address.getHostAddress();
        return address instanceof Inet6Address ? '[' + text + ']' : text;
    }
}
