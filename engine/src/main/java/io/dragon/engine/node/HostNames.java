package io.dragon.engine.node;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Addresses of hosts, IPv4: numbers at once, names looked up behind the back of the caller, whom a name server that is silent must not keep
 * waiting. What is not known is looked up again. One thread.
 */
final class HostNames {
    static final long AGAIN_NS = 30_000_000_000L;

    private static final String NUMBERS = "[0-9]{1,3}(\\.[0-9]{1,3}){3}|localhost";

    private final Set<String> hosts;
    private final Map<String, InetAddress> known = new HashMap<>();
    private CompletableFuture<Map<String, InetAddress>> lookup;
    private boolean isLookedUp;
    private long beganNs;

    HostNames(final Collection<String> hosts, final long nowNs) {
        this.hosts = new LinkedHashSet<>(hosts);
        known.putAll(
                lookUp(this.hosts.stream().filter(host -> host.matches(NUMBERS)).toList()));
        isLookedUp = unknown().isEmpty();
        beganNs = nowNs - AGAIN_NS;
    }

    private static Map<String, InetAddress> lookUp(final List<String> hosts) {
        final Map<String, InetAddress> found = new HashMap<>();
        for (final String host : hosts) {
            try {
                for (final InetAddress each : InetAddress.getAllByName(host)) {
                    if (each instanceof Inet4Address) {
                        found.putIfAbsent(host, each);
                    }
                }
            } catch (final UnknownHostException ex) {
                continue; // stays unknown
            }
        }
        return found;
    }

    /** Looks up what is due; true when more is known, and when the first look is over. */
    boolean poll(final long nowNs) {
        if (lookup == null && known.size() < hosts.size() && nowNs - beganNs >= AGAIN_NS) {
            beganNs = nowNs;
            final List<String> asked = unknown();
            lookup = CompletableFuture.supplyAsync(() -> lookUp(asked));
        }
        if (lookup == null || !lookup.isDone()) {
            return false;
        }
        final Map<String, InetAddress> found = lookup.isCompletedExceptionally() ? Map.of() : lookup.join();
        lookup = null;
        known.putAll(found);
        final boolean isFirst = !isLookedUp;
        isLookedUp = true;
        return isFirst || !found.isEmpty();
    }

    /** Whether every host was looked up once at least. */
    boolean isLookedUp() {
        return isLookedUp;
    }

    /** Null while it is not known. */
    InetAddress addressOf(final String host) {
        return known.get(host);
    }

    /** Of the hosts among some that are known. */
    List<InetAddress> addressesOf(final Collection<String> some) {
        final List<InetAddress> addresses = new ArrayList<>();
        for (final String host : some) {
            if (known.containsKey(host)) {
                addresses.add(known.get(host));
            }
        }
        return addresses;
    }

    List<String> unknown() {
        return hosts.stream().filter(host -> !known.containsKey(host)).toList();
    }
}
