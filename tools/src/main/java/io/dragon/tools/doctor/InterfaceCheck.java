package io.dragon.tools.doctor;

import java.util.ArrayList;
import java.util.List;

/** The network interfaces: how fast they are, and whether their packets are large enough for that. */
final class InterfaceCheck implements Check {
    /** IPv4 and UDP in front of what a datagram carries. */
    private static final int HEADERS = 28;

    private static final int JUMBO = 9_000;
    private static final int JUMBO_PAYLOAD = 8_960;
    private static final int TEN_GIGABITS = 10_000;
    private static final int ONE_GIGABIT = 1_000;

    /** Aeron takes multiples of this. */
    private static final int ALIGNMENT = 32;

    @Override
    public String name() {
        return "network";
    }

    @Override
    public List<Finding> look(final Host host, final Needs needs) {
        final List<Finding> found = new ArrayList<>();
        for (final Network.Nic nic : host.network().nics()) {
            if (nic.address() != null) {
                look(host, needs, nic, found);
            }
        }
        if (found.isEmpty()) {
            found.add(Finding.note(
                    name(), "no interface but the loopback is up and has an IPv4 address: this host works alone"));
        }
        return found;
    }

    private void look(final Host host, final Needs needs, final Network.Nic nic, final List<Finding> found) {
        final String folder = "/sys/class/net/" + nic.name();
        final boolean isReal = host.exists(folder + "/device") || host.exists(folder + "/bonding");
        final long speed = host.number(folder + "/speed", -1); // megabits; -1: its driver does not tell
        final String is = nic.name() + " (" + nic.address().getHostAddress() + "): "
                + (!isReal ? "virtual, " : speed > 0 ? Words.megabits(speed) + ", " : "speed unknown, ") + "MTU "
                + nic.mtu();
        final boolean isLarge = nic.mtu() >= JUMBO;
        if (needs.transferMtu() + HEADERS > nic.mtu()) {
            final int fitting = (nic.mtu() - HEADERS) / ALIGNMENT * ALIGNMENT;
            found.add(Finding.warning(
                    name(),
                    is + ": datagrams of transfer.mtu " + needs.transferMtu() + " are cut into fragments, and one lost"
                            + " fragment loses all",
                    "an MTU of " + (needs.transferMtu() + HEADERS) + " or more",
                    "sudo ip link set dev " + nic.name() + " mtu "
                            + (needs.transferMtu() > fitting && needs.transferMtu() + HEADERS > 1_500 ? JUMBO : 1_500)
                            + ", or transfer.mtu: " + fitting + " on every host"));
        } else if (isReal && speed >= TEN_GIGABITS && !isLarge) {
            found.add(Finding.warning(
                    name(),
                    is,
                    "an MTU of " + JUMBO + " (jumbo frames)",
                    "sudo ip link set dev " + nic.name() + " mtu " + JUMBO
                            + " on every host, the same at the switch, then" + " transfer.mtu: " + JUMBO_PAYLOAD));
        } else if (isReal && speed > 0 && speed < ONE_GIGABIT) {
            found.add(Finding.warning(
                    name(), is, "1 Gbit/s or more", "look at cable and switch port: sudo ethtool " + nic.name()));
        } else {
            found.add(Finding.ok(name(), is + advice(needs, isReal, speed, isLarge)));
        }
    }

    private static String advice(final Needs needs, final boolean isReal, final long speed, final boolean isLarge) {
        if (isLarge && needs.transferMtu() < JUMBO_PAYLOAD) {
            return "; transfer.mtu: " + JUMBO_PAYLOAD + " on every host makes use of it";
        }
        return isReal && speed > 0 && speed < TEN_GIGABITS
                ? "; for development, or one or two remote GPUs: frames of 4K cameras want 10 Gbit/s"
                : "";
    }
}
