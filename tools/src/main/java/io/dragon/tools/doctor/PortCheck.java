package io.dragon.tools.doctor;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** The ports that Dragon takes on this host: free, or Dragon's already. */
final class PortCheck implements Check {
    private static final String EVERY = "0.0.0.0";

    @Override
    public String name() {
        return "ports";
    }

    /** A port and what it is for. */
    private record Port(String protocol, String address, int number, String what, String key) {
        String words() {
            return protocol + ' ' + number + " (" + what + ')';
        }
    }

    @Override
    public List<Finding> look(final Host host, final Needs needs) {
        final List<Finding> found = new ArrayList<>();
        final List<String> free = new ArrayList<>();
        final List<String> ours = new ArrayList<>();
        for (final Port port : ports(host, needs)) {
            final boolean isFree = port.protocol.equals("UDP")
                    ? host.network().isUdpFree(port.address, port.number)
                    : host.network().isTcpFree(port.address, port.number);
            if (isFree) {
                free.add(port.protocol + ' ' + port.number);
                continue;
            }
            final PortHolder holder = PortHolder.of(host, port.protocol, port.number);
            if (holder.isDragon()) {
                ours.add(port.words() + " by " + holder.words());
            } else {
                found.add(Finding.fault(
                        name(),
                        port.words() + " is held by " + holder.words(),
                        "a free port",
                        holder.mend() + ", or choose another port with " + port.key));
            }
        }
        if (!ours.isEmpty()) {
            found.add(Finding.ok(name(), "held by a running Dragon: " + String.join(", ", ours)));
        }
        if (!free.isEmpty()) {
            found.add(Finding.ok(name(), "free: " + String.join(", ", free)));
        }
        found.add(Finding.note(name(), "must be open between the hosts: " + open(needs)));
        return found;
    }

    private static List<Port> ports(final Host host, final Needs needs) {
        final List<Port> ports = new ArrayList<>();
        if (needs.isDiscovering()) {
            ports.add(new Port("UDP", EVERY, needs.discoveryPort(), "discovery", "discovery.port"));
        }
        final String frames = needs.isTcp() ? "TCP" : "UDP";
        ports.add(new Port(frames, EVERY, needs.transferPort(), "frames", "transfer.port"));
        ports.add(new Port("UDP", EVERY, needs.probePort(), "link probes", "node.probe_port"));
        ports.add(new Port("TCP", needs.serverAddress(), needs.serverPort(), "GPU server", "server.port"));
        for (final Needs.MasterPorts master : needs.masterPorts()) {
            for (int port = master.first(); port <= master.last() && isHere(host, master.host()); port++) {
                ports.add(new Port("UDP", EVERY, port, "master " + master.member(), "masters.base_port"));
            }
        }
        ports.removeIf(port -> port.number == 0); // any free one
        return ports;
    }

    private static String open(final Needs needs) {
        final List<String> udp = new ArrayList<>();
        if (needs.isDiscovering()) {
            udp.add(needs.discoveryPort() + " (discovery)");
        }
        final List<String> tcp = new ArrayList<>();
        (needs.isTcp() ? tcp : udp).add(words(needs.transferPort()) + " (frames)");
        udp.add(words(needs.probePort()) + " (link probes)");
        for (final Needs.MasterPorts master : needs.masterPorts()) {
            udp.add(master.first() + "-" + master.last() + " (master " + master.member() + ')');
        }
        tcp.add(needs.serverPort() + " (GPU server)");
        return "UDP " + String.join(", ", udp) + "; TCP " + String.join(", ", tcp);
    }

    private static String words(final int port) {
        return port == 0 ? "any" : Integer.toString(port);
    }

    private static boolean isHere(final Host host, final String name) {
        for (final InetAddress address : host.network().resolve(name)) {
            if (address.isLoopbackAddress()
                    || address.isAnyLocalAddress()
                    || host.network().nics().stream().anyMatch(nic -> address.equals(nic.address()))) {
                return true;
            }
        }
        return false;
    }
}
