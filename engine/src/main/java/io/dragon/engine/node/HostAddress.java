package io.dragon.engine.node;

import io.dragon.engine.config.HostName;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * An IPv4 address of an interface of this host.
 *
 * @param interfaceName of the interface.
 * @param address       of this host.
 * @param prefixLength  bits of the address that its subnet shares.
 */
public record HostAddress(String interfaceName, InetAddress address, int prefixLength) {
    /** The most addresses that a host is reached on. */
    public static final int MAX = 8;

    private static final int BITS = 32;
    private static final int LOOPBACK_PREFIX = 8;

    /** Subnets of one or two addresses have none for all. */
    private static final int LONGEST_BROADCAST_PREFIX = 30;

    /**
     * The addresses of this host as they are now: IPv4, on interfaces that are up and have a carrier, without loopback.
     *
     * @return in the order of the interfaces.
     */
    public static List<HostAddress> all() {
        final List<HostAddress> addresses = new ArrayList<>();
        try {
            for (final NetworkInterface each :
                    NetworkInterface.networkInterfaces().toList()) {
                addOf(each, addresses);
            }
        } catch (final SocketException ex) {
            return List.copyOf(addresses); // a host without a network has none
        }
        return List.copyOf(addresses);
    }

    private static void addOf(final NetworkInterface each, final List<HostAddress> addresses) {
        try {
            if (!each.isUp() || each.isLoopback()) {
                return;
            }
            for (final InterfaceAddress of : each.getInterfaceAddresses()) {
                if (of.getAddress() instanceof Inet4Address) {
                    addresses.add(new HostAddress(each.getName(), of.getAddress(), of.getNetworkPrefixLength()));
                }
            }
        } catch (final SocketException ex) {
            return; // it went while it was looked at
        }
    }

    /**
     * Whether a name or an address means this host: loopback, any, or an address of an interface.
     *
     * @param host as configured.
     * @return false for another host, and for a name that nobody knows.
     */
    public static boolean isOfThisHost(final String host) {
        if (host.equals(HostName.own())) {
            return true;
        }
        try {
            final InetAddress address = InetAddress.getByName(host);
            return address.isLoopbackAddress()
                    || address.isAnyLocalAddress()
                    || NetworkInterface.getByInetAddress(address) != null;
        } catch (final UnknownHostException | SocketException ex) {
            return false;
        }
    }

    /**
     * Those that other hosts are to use.
     *
     * @param wanted addresses, or ranges as in 10.1.0.0/16, the preferred first; empty means all. Loopback has to be named.
     * @param all    the addresses that there are.
     * @return at most {@value #MAX}, the preferred first.
     */
    public static List<HostAddress> chosen(final List<String> wanted, final List<HostAddress> all) {
        final List<HostAddress> chosen = new ArrayList<>();
        if (wanted.isEmpty()) {
            chosen.addAll(all);
        }
        for (final String range : wanted) {
            final InetAddress named = range.indexOf('/') < 0 ? literal(range) : null;
            if (named instanceof Inet4Address && named.isLoopbackAddress()) {
                chosen.add(new HostAddress("lo", named, LOOPBACK_PREFIX)); // hosts that are folders of one machine
            }
            for (final HostAddress each : all) {
                if (!chosen.contains(each) && isIn(each.address(), range)) {
                    chosen.add(each);
                }
            }
        }
        return List.copyOf(chosen.subList(0, Math.min(MAX, chosen.size())));
    }

    private static boolean isIn(final InetAddress address, final String range) {
        final int slash = range.indexOf('/');
        final InetAddress base = literal(slash < 0 ? range : range.substring(0, slash));
        final int bits = slash < 0 ? BITS : Integer.parseInt(range.substring(slash + 1));
        return base instanceof Inet4Address && isSameSubnet(address, base, bits);
    }

    private static InetAddress literal(final String address) {
        try {
            return InetAddress.getByName(address); // only addresses come here: nothing is looked up
        } catch (final UnknownHostException ex) {
            return null;
        }
    }

    private static boolean isSameSubnet(final InetAddress one, final InetAddress other, final int prefixLength) {
        return other instanceof Inet4Address && ((bits(one) ^ bits(other)) & mask(prefixLength)) == 0;
    }

    private static int mask(final int prefixLength) {
        return prefixLength <= 0 ? 0 : -1 << (BITS - Math.min(BITS, prefixLength));
    }

    private static int bits(final InetAddress address) {
        int bits = 0;
        for (final byte each : address.getAddress()) {
            bits = bits << Byte.SIZE | each & 0xFF;
        }
        return bits;
    }

    /**
     * Whether an address is on the same subnet as this one.
     *
     * @param other of another host.
     * @return false for an address that only a router reaches.
     */
    public boolean isOnSubnetOf(final InetAddress other) {
        return isSameSubnet(address, other, prefixLength);
    }

    /**
     * The address of everybody on the subnet. Computed, because what the system says is 0.0.0.0 for an address that was given
     * without it.
     *
     * @return null where a subnet has none.
     */
    public InetAddress broadcast() {
        if (prefixLength <= 0 || prefixLength > LONGEST_BROADCAST_PREFIX) {
            return null;
        }
        final int all = bits(address) | ~mask(prefixLength);
        try {
            return InetAddress.getByAddress(
                    new byte[] {(byte) (all >>> 24), (byte) (all >>> 16), (byte) (all >>> 8), (byte) all});
        } catch (final UnknownHostException ex) {
            throw new IllegalStateException(ex); // four bytes are an address
        }
    }
}
