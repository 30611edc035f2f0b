package io.dragon.tools.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One thing that happens between hosts.
 *
 * @param kind    what.
 * @param number  per cent of the packets that get lost, or the network that does, where one of these is meant.
 * @param seconds how long it lasts, where it lasts.
 */
record HostFault(Kind kind, int number, int seconds) implements Mishap {
    private static final int[] LOSSES = {0, 1, 5};

    /** What happens. */
    enum Kind {
        /** A host starts that knows no address. */
        FOUND("host-found"),
        /** Packets between all hosts get lost. */
        LOSS("link-loss"),
        /** Packets come late, out of order and twice. */
        DELAY("link-delay"),
        /** Two hosts do not reach each other; others reach both. */
        CUT("link-cut"),
        /** One of the two networks of a host is gone. */
        NETWORK("network-lost"),
        /** Every process of a host is killed, and its plug pulled. */
        GONE("host-gone"),
        /** Chunks of frames come damaged. */
        FLIPPED("chunk-flipped"),
        /** A stranger sends to every port. */
        INTRUDER("intruder");

        private final String label;

        Kind(final String label) {
            this.label = label;
        }
    }

    @Override
    public String label() {
        return kind == Kind.LOSS || kind == Kind.NETWORK ? kind.label + '-' + number : kind.label;
    }

    @Override
    public String words() {
        return switch (kind) {
            case FOUND -> "starts without an address";
            case LOSS -> number + " % of packets lost for " + seconds + " s";
            case DELAY -> "20 ms late, reordered for " + seconds + " s";
            case CUT -> "cut from a, not from c";
            case NETWORK -> "plug of network " + number + " pulled";
            case GONE -> "all killed, plug pulled";
            case FLIPPED -> "bits flipped for " + seconds + " s";
            case INTRUDER -> "a stranger's packets for " + seconds + " s";
        };
    }

    /** Each that happens to hosts with so many networks, in the order in which they come; short where it is for continuous integration. */
    static List<HostFault> all(final boolean shortForm, final int networks) {
        final int seconds = shortForm ? 4 : 15;
        if (networks > 1) {
            return IntStream.rangeClosed(1, networks)
                    .mapToObj(each -> new HostFault(Kind.NETWORK, networks + 1 - each, seconds))
                    .toList();
        }
        final List<HostFault> faults = new ArrayList<>();
        faults.add(new HostFault(Kind.FOUND, 0, 0));
        for (final int loss : LOSSES) {
            faults.add(new HostFault(Kind.LOSS, loss, seconds));
        }
        faults.add(new HostFault(Kind.DELAY, 0, seconds));
        faults.add(new HostFault(Kind.CUT, 0, seconds));
        faults.add(new HostFault(Kind.GONE, 0, 0));
        faults.add(new HostFault(Kind.FLIPPED, 0, seconds));
        faults.add(new HostFault(Kind.INTRUDER, 0, seconds));
        return faults;
    }
}
