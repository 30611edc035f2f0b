package io.dragon.tools.doctor;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Other hosts by their names: whether each port of theirs is reached, how long it takes, how large a packet may be. */
final class PeerCheck implements Check {
    /** What the source documents take as the bound between two hosts. */
    static final long LONGEST_NS = 5_000_000;

    private static final int TRIES = 5;
    private static final int SMALL = 64;
    private static final int JUMBO_MTU = 9_000;
    private static final int HEADERS = 28;

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
        final List<Finding> found = new ArrayList<>();
        for (final String peer : peers) {
            final int colon = peer.lastIndexOf(':');
            final String hostName = colon < 0 ? peer : peer.substring(0, colon);
            final int port = colon < 0 ? needs.serverPort() : Integer.parseInt(peer.substring(colon + 1));
            final List<InetAddress> addresses = host.network().resolve(hostName);
            if (addresses.isEmpty()) {
                found.add(Finding.fault(
                        name(),
                        hostName + " has no address",
                        "a name that this host knows",
                        "add it to /etc/hosts, or give its address"));
            } else {
                new Visit(host, needs, hostName, addresses.get(0), port, found).make();
            }
        }
        return found;
    }

    /** One look at one other host. */
    private final class Visit {
        private final Host host;
        private final Needs needs;
        private final String peer;
        private final InetAddress address;
        private final int serverPort;
        private final List<Finding> found;

        Visit(
                final Host host,
                final Needs needs,
                final String peer,
                final InetAddress address,
                final int serverPort,
                final List<Finding> found) {
            this.host = host;
            this.needs = needs;
            this.peer = peer;
            this.address = address;
            this.serverPort = serverPort;
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
                found.add(Finding.fault(
                        name(),
                        who() + " answers on none of " + String.join(", ", silent),
                        "an answer",
                        "look whether it is up (ping " + peer
                                + "), start 'dragon doctor --answer' there, and open these"
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
