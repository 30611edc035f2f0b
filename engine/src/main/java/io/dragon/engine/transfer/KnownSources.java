package io.dragon.engine.transfer;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * From whom anything is taken: nodes that the routes tell of, and addresses that are allowed. Says once of each other address that it is
 * refused. One thread.
 */
final class KnownSources {
    private static final int MOST_TOLD = 16;

    private final RouteView routes;
    private final Predicate<InetAddress> allowed;
    private final Consumer<String> log;
    private final Set<InetAddress> told = new HashSet<>();

    KnownSources(final TransferContext ctx) {
        routes = ctx.routes();
        allowed = ctx.allowedAddresses();
        log = ctx.log();
    }

    boolean isKnown(final InetAddress address) {
        if (allowed.test(address) || routes != null && routes.isNodeAddress(address)) {
            return true;
        }
        if (told.size() < MOST_TOLD && told.add(address)) {
            log.accept("Nothing is taken from " + address.getHostAddress()
                    + ": it is no address of a node that is known, and not among security.allowed_ips.");
        }
        return false;
    }

    /** An address with its port, as Aeron writes it. */
    boolean isKnown(final String source) {
        final int colon = source.lastIndexOf(':');
        final String address = colon < 0 ? source : source.substring(0, colon);
        try {
            return Character.digit(address.isEmpty() ? ' ' : address.charAt(0), 10) >= 0 || address.startsWith("[")
                    ? isKnown(InetAddress.getByName(address)) // numbers only: nothing is looked up
                    : false;
        } catch (final UnknownHostException e) {
            return false;
        }
    }
}
