package io.dragon.tools.doctor;

import java.util.ArrayList;
import java.util.List;

/** Whether the beacons by which hosts find each other leave and reach this host, interface by interface. */
final class BroadcastCheck implements Check {
    @Override
    public String name() {
        return "broadcast";
    }

    @Override
    public List<Finding> look(final Host host, final Needs needs) {
        final List<Finding> found = new ArrayList<>();
        final int port = needs.discoveryPort();
        if (!needs.isDiscovering()) {
            return List.of(Finding.note(name(), "discovery.enabled is false: hosts are found by their addresses only"));
        }
        for (final Network.Nic nic : host.network().nics()) {
            if (nic.broadcast() == null || nic.address() == null) {
                continue;
            }
            final String to = nic.name() + ": " + nic.broadcast().getHostAddress() + ", UDP " + port;
            final Boolean isHeard = host.network().hearsItself(nic, port);
            if (isHeard == null) {
                found.add(Finding.note(name(), to + " was not tried: the port is taken (see ports)"));
            } else if (isHeard) {
                found.add(Finding.ok(name(), to + " is heard"));
            } else if (needs.hasPeers()) {
                found.add(Finding.note(
                        name(), to + " is sent and not heard: hosts are found by discovery.peers, which names some"));
            } else {
                found.add(Finding.warning(
                        name(),
                        to + " is sent and not heard: hosts will not find each other by themselves",
                        "a firewall that lets UDP " + port + " in",
                        Firewall.open(host, Integer.toString(port), "udp")
                                + ", or name the hosts in discovery.peers where broadcast does not pass"));
            }
        }
        if (found.isEmpty()) {
            found.add(Finding.note(
                    name(), "no interface that is up can broadcast: name the other hosts in discovery.peers"));
        }
        return found;
    }
}
