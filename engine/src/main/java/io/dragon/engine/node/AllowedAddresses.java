package io.dragon.engine.node;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** Who may connect: this machine always, and the addresses and ranges of a list. Immutable. */
public final class AllowedAddresses {
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
        if (!address.matches("[0-9A-Fa-f:.]+")) {
            throw new IllegalArgumentException("'" + text + "' is no address, expected numbers");
        }
        try {
            final byte[] bytes = InetAddress.getByName(address).getAddress(); // numbers only: nothing is looked up
            final int prefixLength = slash < 0 ? 8 * bytes.length : Integer.parseInt(text.substring(slash + 1));
            if (prefixLength < 0 || prefixLength > 8 * bytes.length) {
                throw new IllegalArgumentException("'" + text + "' is no range of addresses: its length is wrong");
            }
            return new Range(bytes, prefixLength);
        } catch (final UnknownHostException ex) {
            throw new IllegalArgumentException("'" + text + "' is no address", ex);
        }
    }
}
