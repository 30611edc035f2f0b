package io.dragon.tools.doctor;

import java.util.List;

/** Whether the host has InfiniBand or RoCE: a statement, because Dragon needs none. */
final class RdmaCheck implements Check {
    @Override
    public String name() {
        return "rdma";
    }

    @Override
    public List<Finding> look(final Host host, final Needs needs) {
        final List<String> devices = host.list("/sys/class/infiniband");
        return List.of(
                Finding.note(
                        name(),
                        devices.isEmpty()
                                ? "there is none, and none is needed: frames go to other hosts by UDP or TCP"
                                : Words.list(devices)
                                        + (devices.size() == 1 ? " is" : " are")
                                        + " there and not used yet: frames go to other hosts by UDP or TCP, also over IP on InfiniBand"));
    }
}
