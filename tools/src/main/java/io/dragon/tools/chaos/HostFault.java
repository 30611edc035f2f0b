package io.dragon.tools.chaos;

import java.util.ArrayList;
import java.util.List;

/**
 * One thing that happens between hosts.
 *
 * @param kind    what.
 * @param percent of the packets that get lost, where some do.
 * @param seconds how long it lasts, where it lasts.
 */
record HostFault(Kind kind, int percent, int seconds) implements Mishap {
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
        return kind == Kind.LOSS ? kind.label + '-' + percent : kind.label;
    }

    @Override
    public String words() {
        return switch (kind) {
            case FOUND -> "starts without an address";
            case LOSS -> percent + " % of packets lost for " + seconds + " s";
            case DELAY -> "20 ms late, reordered for " + seconds + " s";
            case CUT -> "cut from a, not from c";
            case GONE -> "all killed, plug pulled";
            case FLIPPED -> "bits flipped for " + seconds + " s";
            case INTRUDER -> "a stranger's packets for " + seconds + " s";
        };
    }

    /** Each, in the order in which they come; short where it is for continuous integration. */
    static List<HostFault> all(final boolean shortForm) {
        final int seconds = shortForm ? 4 : 15;
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
