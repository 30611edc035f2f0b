package io.dragon.tools.doctor;

import java.util.ArrayList;
import java.util.List;

/** How much a UDP socket may hold of what was not read yet: less than what is under way, and it is lost. */
final class BufferCheck implements Check {
    private static final String RECEIVE = "net.core.rmem_max";
    private static final String CONGESTION = "net.ipv4.tcp_congestion_control";
    private static final String SEND = "net.core.wmem_max";

    @Override
    public String name() {
        return "buffers";
    }

    @Override
    public List<Finding> look(final Host host, final Needs needs) {
        final List<Finding> found = new ArrayList<>();
        final int window = needs.window();
        final int[] got = host.network().buffers(window);
        final long receive = most(host, "/proc/sys/net/core/rmem_max", got[0]);
        final long send = most(host, "/proc/sys/net/core/wmem_max", got[1]);
        if (receive < window || send < window) {
            final List<String> small = new ArrayList<>();
            final List<String> settings = new ArrayList<>();
            if (receive < window) {
                small.add(RECEIVE + " is " + receive);
                settings.add(RECEIVE + '=' + Words.roundUp(window));
            }
            if (send < window) {
                small.add(SEND + " is " + send);
                settings.add(SEND + '=' + Words.roundUp(window));
            }
            found.add(Finding.warning(
                    name(),
                    String.join(", ", small),
                    window + " or more, for transfer.window: with less, fast links are not used up",
                    "sudo sysctl -w " + String.join(" ", settings)
                            + " (lasting: a line each in /etc/sysctl.d/60-dragon.conf)"));
        } else {
            found.add(Finding.ok(
                    name(), RECEIVE + ' ' + receive + ", " + SEND + ' ' + send + ": enough for transfer.window"));
        }
        if (needs.isTcp()) {
            congestion(host, found);
        }
        lost(host, found);
        return found;
    }

    private void congestion(final Host host, final List<Finding> found) {
        final String control = host.read("/proc/sys/net/ipv4/tcp_congestion_control");
        if (control != null && control.startsWith("bbr")) {
            found.add(Finding.warning(
                    name(),
                    CONGESTION + " is " + control.strip(),
                    "cubic, for transfer.transport tcp: bbr holds connections back for 0.2 s about every 10 s, in which a mask takes"
                            + " ten times as long",
                    "sudo sysctl -w " + CONGESTION + "=cubic (lasting: a line in /etc/sysctl.d/60-dragon.conf)"));
        }
    }

    /** A container has no such file; what a socket got tells, too, up to what it asked for. */
    private static long most(final Host host, final String file, final int got) {
        return host.number(file, got);
    }

    private void lost(final Host host, final List<Finding> found) {
        final String text = host.read("/proc/net/snmp");
        String names = "";
        for (final String line : text == null ? List.<String>of() : text.lines().toList()) {
            if (line.startsWith("Udp: ") && names.isEmpty()) {
                names = line;
            } else if (line.startsWith("Udp: ")) {
                final int column = List.of(names.split(" ")).indexOf("RcvbufErrors");
                final String[] values = line.split(" ");
                if (column > 0 && column < values.length && !values[column].equals("0")) {
                    found.add(Finding.note(
                            name(),
                            values[column]
                                    + " datagrams were lost for want of buffer since this host started; status shows"
                                    + " whether they become more"));
                }
            }
        }
    }
}
