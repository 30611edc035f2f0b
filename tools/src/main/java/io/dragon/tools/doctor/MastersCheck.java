package io.dragon.tools.doctor;

import java.util.ArrayList;
import java.util.List;

/** The names of the hosts of the masters. */
final class MastersCheck implements Check {
    @Override
    public String name() {
        return "masters";
    }

    @Override
    public List<Finding> look(final Host host, final Needs needs) {
        final List<String> members = needs.config().masters().members();
        final List<Finding> found = new ArrayList<>();
        for (final String member : members) {
            if (host.network().resolve(member).isEmpty()) {
                found.add(Finding.fault(
                        name(),
                        "masters.members: " + member + " has no address",
                        "a name that this host knows",
                        "add it to /etc/hosts, or write its address"));
            }
        }
        if (found.isEmpty()) {
            found.add(Finding.ok(name(), String.join(", ", members)));
            if (host.network().resolve(members.get(0)).get(0).isLoopbackAddress()) {
                found.add(
                        Finding.note(
                                name(),
                                "only this host reaches them; where other hosts are to join, masters.members is 0.0.0.0 or an address"));
            }
        }
        return found;
    }
}
