package io.dragon.engine.node;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** Who may connect: this machine always, and the addresses and ranges of a list. Immutable. */
public final class AllowedAddresses {
    /** Four numbers: {@code cafe} and {@code 10} would be names that are looked up, or other addresses than they look like. */
    private static final String IPV4 = "[0-9]{1,3}(\\.[0-9]{1,3}){3}";

    /** With two colons at least, so that it is no name. */
    private static final String IPV6 = "[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*";

    private record Range(byte[] address, int prefixLength) {
        boolean contains(final byte[] other) {
            if (other.length != address.length) {
                return false;
            }
            for (int bit = 0; bit < prefixLength; bit++) {
                final int mask = 0x80 >>> (bit & 7);
                if ((address[bit >> 3] & mask) != (other[bit >> 3] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }

    private final List<Range> ranges = new ArrayList<>();

    /**
     * A list.
     *
     * @param ranges addresses, and ranges as in {@code 192.168.1.0/24}; IPv4 or IPv6, as numbers.
     * @throws IllegalArgumentException when one is neither.
     */
    public AllowedAddresses(final List<String> ranges) {
        ranges.forEach(range -> this.ranges.add(parse(range)));
    }

    /**
     * Whether an address may connect.
     *
     * @param address of the one that connects.
     * @return true for one of this machine, or of the list.
     */
    public boolean contains(final InetAddress address) {
        return address.isLoopbackAddress() || ranges.stream().anyMatch(range -> range.contains(address.getAddress()));
    }

    private static Range parse(final String text) {
        final int slash = text.indexOf('/');
        final String address = slash < 0 ? text : text.substring(0, slash);
        final String length = slash < 0 ? "" : text.substring(slash + 1);
        if (!address.matches(IPV4) && !address.matches(IPV6)) {
            throw new IllegalArgumentException("'" + text + "' is no address, expected numbers");
        }
        if (slash >= 0 && !length.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("'" + text + "' is no range of addresses: its length is wrong");
        }
        try {
            final byte[] bytes = InetAddress.getByName(address).getAddress(); // numbers only: nothing is looked up
            final int prefixLength = slash < 0 ? 8 * bytes.length : Integer.parseInt(length);
            if (prefixLength < 0 || prefixLength > 8 * bytes.length) {
                throw new IllegalArgumentException("'" + text + "' is no range of addresses: its length is wrong");
            }
            return new Range(bytes, prefixLength);
        } catch (final UnknownHostException ex) {
            throw new IllegalArgumentException("'" + text + "' is no address", ex);
        }
    }
}
