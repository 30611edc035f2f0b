package io.dragon.tools.doctor;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Other hosts that somebody names, the command line or the configuration: whether each port of theirs is reached, and broadcasts, how long
 * it takes, how large a packet may be. All of them at the same time.
 */
final class PeerCheck implements Check {
    /** What the source documents take as the bound between two hosts. */
    static final long LONGEST_NS = 5_000_000;

    private static final int TRIES = 5;
    private static final int SMALL = 64;
    private static final int JUMBO_MTU = 9_000;
    private static final int HEADERS = 28;

    private static final int MOST_AT_ONCE = 32;
    private static final long RESOLVE_NS = 6_000_000_000L;
    private static final long VISITS_NS = 20_000_000_000L;

    private final List<String> peers;

    PeerCheck(final List<String> peers) {
        this.peers = List.copyOf(peers);
    }

    @Override
    public String name() {
        return "peer";
    }

    @Override
    public List<Finding> look(final Host host, final Needs needs) {
        final Map<String, Target> byName = new LinkedHashMap<>();
        peers.forEach(peer -> name(byName, peer, needs.serverPort()).isAsked = true);
        needs.discoveryPeers().forEach(peer -> name(byName, peer, needs.serverPort()).isPeer = true);
        needs.masterHosts().forEach(peer -> name(byName, peer, needs.serverPort()).isMaster = true);
        final List<Target> named = List.copyOf(byName.values());
        final List<List<InetAddress>> addresses =
                inParallel(named, target -> host.network().resolve(target.hostName), RESOLVE_NS);
        final List<Finding> found = new ArrayList<>();
        final Map<InetAddress, Target> byAddress = new LinkedHashMap<>();
        for (int i = 0; i < named.size(); i++) {
            final Target target = named.get(i);
            final List<InetAddress> known = addresses.get(i);
            if (known == null || known.isEmpty()) {
                nameless(target, found);
            } else if (target.isAsked || !isHere(known.get(0), host)) {
                target.address = known.get(0);
                byAddress.merge(known.get(0), target, Target::and);
            }
        }
        if (!byAddress.isEmpty()) {
            visit(List.copyOf(byAddress.values()), host, needs, found);
        }
        return found;
    }

    private static Target name(final Map<String, Target> byName, final String peer, final int serverPort) {
        final int colon = peer.lastIndexOf(':');
        final int port = colon < 0 ? serverPort : Integer.parseInt(peer.substring(colon + 1));
        return byName.computeIfAbsent(peer, text -> new Target(colon < 0 ? text : text.substring(0, colon), port));
    }

    private static boolean isHere(final InetAddress address, final Host host) {
        return address.isLoopbackAddress()
                || address.isAnyLocalAddress()
                || host.network().nics().stream().anyMatch(nic -> address.equals(nic.address()));
    }

    private void nameless(final Target target, final List<Finding> found) {
        final String expected = "a name that this host knows";
        if (target.isAsked) {
            found.add(Finding.fault(
                    name(),
                    target.hostName + " has no address",
                    expected,
                    "add it to /etc/hosts, or give its address"));
        } else if (target.isPeer) { // what masters.members names has a check of its own
            found.add(Finding.warning(
                    name(),
                    "discovery.peers: " + target.hostName + " has no address, and is left out until it has",
                    expected,
                    "add it to /etc/hosts, or write its address"));
        }
    }

    private void visit(final List<Target> targets, final Host host, final Needs needs, final List<Finding> found) {
        final Set<InetAddress> byBroadcast = needs.isDiscovering()
                ? host.network().broadcast(host.network().nics(), needs.discoveryPort())
                : Set.of();
        final List<List<Finding>> looks = inParallel(
                targets,
                target -> {
                    final List<Finding> seen = new ArrayList<>();
                    new Visit(host, needs, target, byBroadcast.contains(target.address), seen).make();
                    return seen;
                },
                VISITS_NS);
        for (int i = 0; i < targets.size(); i++) {
            if (looks.get(i) == null) {
                found.add(Finding.warning(
                        name(),
                        targets.get(i).hostName + " answers so slowly that it was not looked at to the end",
                        "answers within " + VISITS_NS / 1_000_000_000L + " s",
                        "look at the way there: ping " + targets.get(i).hostName));
            } else {
                found.addAll(looks.get(i));
            }
        }
    }

    /** What came out for each, in their order; null for one that was not ready in time. */
    private static <T, R> List<R> inParallel(final List<T> each, final Function<T, R> look, final long limitNs) {
        final List<R> results = new ArrayList<>();
        if (each.isEmpty()) {
            return results;
        }
        final ExecutorService threads = Executors.newFixedThreadPool(Math.min(each.size(), MOST_AT_ONCE), task -> {
            final Thread thread = new Thread(task, "doctor-peer");
            thread.setDaemon(true); // a name server that hangs must not keep the command
            return thread;
        });
        try {
            final List<Callable<R>> tasks = new ArrayList<>();
            each.forEach(one -> tasks.add(() -> look.apply(one)));
            for (final Future<R> future : threads.invokeAll(tasks, limitNs, TimeUnit.NANOSECONDS)) {
                results.add(future.isCancelled() ? null : future.get());
            }
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", ex);
        } catch (final ExecutionException ex) {
            throw new IllegalStateException(ex.getCause());
        } finally {
            threads.shutdownNow();
        }
        return results;
    }

    /** A host to be visited, and who names it. */
    private static final class Target {
        private final String hostName;
        private final int port;
        private InetAddress address;
        private boolean isAsked;
        private boolean isPeer;
        private boolean isMaster;

        Target(final String hostName, final int port) {
            this.hostName = hostName;
            this.port = port;
        }

        /** The same host by another name. */
        Target and(final Target other) {
            isAsked |= other.isAsked;
            isPeer |= other.isPeer;
            isMaster |= other.isMaster;
            return this;
        }
    }

    /** One look at one other host. */
    private final class Visit {
        private final Host host;
        private final Needs needs;
        private final String peer;
        private final InetAddress address;
        private final int serverPort;
        private final Target target;
        private final boolean isReachedByBroadcast;
        private final List<Finding> found;

        Visit(
                final Host host,
                final Needs needs,
                final Target target,
                final boolean isReachedByBroadcast,
                final List<Finding> found) {
            this.host = host;
            this.needs = needs;
            this.target = target;
            this.isReachedByBroadcast = isReachedByBroadcast;
            peer = target.hostName;
            address = target.address;
            serverPort = target.port;
            this.found = found;
        }

        void make() {
            final Map<String, Network.Reach> answers = new LinkedHashMap<>();
            for (final int port : List.of(needs.discoveryPort(), needs.transferPort(), needs.probePort())) {
                if (port != 0) { // any: nobody knows which
                    answers.put("UDP " + port, udp(port, SMALL));
                }
            }
            answers.put("TCP " + serverPort, tcp(serverPort));
            if (needs.isTcp()) {
                answers.put("TCP " + needs.transferPort(), tcp(needs.transferPort()));
            }
            final List<String> silent = new ArrayList<>();
            final List<String> closed = new ArrayList<>();
            final List<String> answered = new ArrayList<>();
            answers.forEach((port, reach) -> (switch (reach.answer()) {
                        case ANSWERED -> answered;
                        case CLOSED -> closed;
                        default -> silent;
                    })
                    .add(port));
            if (answered.isEmpty() && closed.isEmpty()) {
                found.add(new Finding(
                        name(),
                        target.isAsked ? Finding.Level.FAULT : Finding.Level.WARNING,
                        who() + " answers on none of " + String.join(", ", silent),
                        "an answer",
                        "look whether it is up (ping " + peer
                                + "), start 'dragon doctor --answer' or Dragon there, and open these"
                                + " ports in its firewall"));
                return;
            }
            if (!answered.isEmpty()) {
                found.add(Finding.ok(name(), who() + " answers on " + String.join(", ", answered)));
            }
            final Network.Answer server = answers.get("TCP " + serverPort).answer();
            // A running Dragon answers doctor but for the media driver's port; its server's may be on loopback only.
            final boolean isOfDriver = silent.equals(List.of("UDP " + needs.transferPort())) && !answered.isEmpty();
            silent(silent, server == Network.Answer.ANSWERED || server == Network.Answer.CLOSED && isOfDriver);
            if (!closed.isEmpty()) {
                found.add(Finding.note(
                        name(),
                        who() + " is reached on " + String.join(", ", closed)
                                + ", where nothing listens; 'dragon doctor --answer' there measures them, too"));
            }
            roundTrip(answers);
            sizes(answers);
            byBroadcast(answers.get("UDP " + needs.discoveryPort()).answer());
        }

        /** Of one that is silent on the port of the beacons nothing can be told. */
        private void byBroadcast(final Network.Answer direct) {
            if (direct != Network.Answer.ANSWERED || !needs.isDiscovering() || address.isLoopbackAddress()) {
                return;
            }
            final String only = who() + " is reached only directly, not by broadcast";
            if (isReachedByBroadcast) {
                found.add(Finding.ok(name(), who() + " is reached by broadcast"));
            } else if (target.isPeer || target.isMaster) {
                found.add(Finding.note(
                        name(),
                        only + ": " + (target.isPeer ? "discovery.peers" : "masters.members")
                                + " names it, as it must"));
            } else {
                found.add(Finding.warning(
                        name(), only, "an answer to a broadcast", "set discovery.peers: [" + peer + "] on this host"));
            }
        }

        private String who() {
            final String text = address.getHostAddress();
            return peer.equals(text) ? peer : peer + " (" + text + ')';
        }

        private Network.Reach udp(final int port, final int bytes) {
            return host.network().udp(new InetSocketAddress(address, port), bytes, TRIES);
        }

        private Network.Reach tcp(final int port) {
            return host.network().tcp(new InetSocketAddress(address, port), TRIES);
        }

        /** Of a host that runs Dragon the port for frames is silent: it is the media driver's. */
        private void silent(final List<String> ports, final boolean mayRun) {
            if (ports.isEmpty()) {
                return;
            }
            final boolean isOnlyUdp = ports.stream().allMatch(port -> port.startsWith("UDP"));
            if (mayRun && isOnlyUdp) {
                found.add(Finding.note(
                        name(),
                        who() + " does not answer doctor on " + String.join(", ", ports)
                                + ": a running Dragon does not, a"
                                + " firewall does not either; 'dragon routes' shows whether its links work"));
                return;
            }
            final String first = ports.get(0);
            found.add(Finding.warning(
                    name(),
                    who() + " is silent on " + String.join(", ", ports),
                    "an answer",
                    "on " + peer + ": "
                            + Firewall.open(host, first.substring(4), first.startsWith("UDP") ? "udp" : "tcp")
                            + (ports.size() > 1 ? " and so on for each" : "")
                            + "; then 'dragon doctor --answer' there shows it"));
        }

        private void roundTrip(final Map<String, Network.Reach> answers) {
            long shortest = Long.MAX_VALUE;
            int lost = 0;
            int tries = 0;
            for (final Network.Reach reach : answers.values()) {
                if (reach.answer() == Network.Answer.ANSWERED && reach.roundTripNs() > 0) {
                    shortest = Math.min(shortest, reach.roundTripNs());
                    lost += reach.lost();
                    tries += reach.tries();
                }
            }
            if (shortest == Long.MAX_VALUE) {
                return;
            }
            final String is = "round trip to " + peer + ": " + Words.millis(shortest);
            if (shortest > LONGEST_NS) {
                found.add(Finding.warning(
                        name(),
                        is,
                        "less than 5 ms",
                        "jumbo frames (see network), a cable instead of Wi-Fi, a link that others do not fill:"
                                + " sar -n DEV 1"));
            } else {
                found.add(Finding.ok(name(), is));
            }
            if (lost > 0) {
                found.add(Finding.warning(
                        name(),
                        lost + " of " + tries + " packets to " + peer + " were lost",
                        "none",
                        "look for errors: ip -s link, ethtool -S; and at cable and switch"));
            }
        }

        private void sizes(final Map<String, Network.Reach> answers) {
            final int port = answering(answers);
            if (port == 0) {
                return;
            }
            final Network.Reach configured = udp(port, needs.transferMtu());
            if (configured.answer() != Network.Answer.ANSWERED) {
                found.add(Finding.fault(
                        name(),
                        "datagrams of transfer.mtu " + needs.transferMtu() + " do not reach " + peer,
                        "a way that carries them",
                        "an MTU of " + (needs.transferMtu() + HEADERS)
                                + " on every host and switch between, or a smaller" + " transfer.mtu on every host"));
                return;
            }
            final boolean isJumbo = host.network().nics().stream().anyMatch(nic -> nic.mtu() >= JUMBO_MTU);
            if (isJumbo) {
                final Network.Reach large = udp(port, JUMBO_MTU - HEADERS);
                found.add(
                        large.answer() == Network.Answer.ANSWERED && large.lost() == 0
                                ? Finding.ok(name(), "packets of 9000 bytes reach " + peer)
                                : Finding.warning(
                                        name(),
                                        "packets of 9000 bytes do not reach " + peer
                                                + ", though an interface here has that" + " MTU",
                                        "an MTU of 9000 on the whole way",
                                        "on " + peer
                                                + ": sudo ip link set dev INTERFACE mtu 9000; the same at the switch"));
            } else {
                found.add(Finding.ok(name(), "datagrams of transfer.mtu " + needs.transferMtu() + " reach " + peer));
            }
        }

        private int answering(final Map<String, Network.Reach> answers) {
            for (final int port : List.of(needs.transferPort(), needs.probePort(), needs.discoveryPort())) {
                final Network.Reach reach = answers.get("UDP " + port);
                if (reach != null && reach.answer() == Network.Answer.ANSWERED) {
                    return port;
                }
            }
            return 0;
        }
    }
}
