package io.dragon.tools.doctor;

import java.util.List;

/** Whether something keeps the host's clock right: the moments of capture of a pair of cameras are compared by it. */
final class ClockCheck implements Check {
    @Override
    public String name() {
        return "clock";
    }

    @Override
    public List<Finding> look(final Host host, final Needs needs) {
        if (runs(host, "ptp4l") && (runs(host, "phc2sys") || runs(host, "timemaster"))) {
            return List.of(Finding.ok(name(), "kept by PTP (ptp4l)"));
        }
        final Programs.Answer chrony = host.programs().run("chronyc", "-n", "tracking");
        if (chrony != null && chrony.code() == 0) {
            final String leap = value(chrony.text(), "Leap status");
            return List.of(
                    leap.equals("Normal")
                            ? Finding.ok(name(), "kept by chrony, " + value(chrony.text(), "System time"))
                            : Finding.warning(
                                    name(),
                                    "chrony runs and has no time: " + leap,
                                    "Leap status Normal",
                                    "chronyc sources -v shows why; sudo chronyc makestep sets it at once"));
        }
        final Programs.Answer systemd =
                host.programs().run("timedatectl", "show", "--property=NTPSynchronized", "--value");
        if (host.exists("/run/systemd/timesync/synchronized")
                || (systemd != null && systemd.code() == 0 && systemd.text().equals("yes"))) {
            return List.of(Finding.ok(name(), "kept by NTP"));
        }
        if (systemd != null && systemd.code() == 0 && systemd.text().equals("no")) {
            return List.of(Finding.warning(
                    name(),
                    "nothing keeps the clock right: moments of capture of two hosts cannot be compared",
                    "NTP, or PTP for cameras of one pair on two hosts",
                    "sudo timedatectl set-ntp true (or: sudo apt install chrony)"));
        }
        return List.of(Finding.note(
                name(),
                "whether something keeps the clock right cannot be told here: neither chronyc nor timedatectl answers, and"
                        + " ptp4l does not run"));
    }

    private static String value(final String text, final String name) {
        for (final String line : text.lines().toList()) {
            final int colon = line.indexOf(':');
            if (colon > 0 && line.substring(0, colon).strip().equals(name)) {
                return line.substring(colon + 1).strip();
            }
        }
        return "unknown";
    }

    private static boolean runs(final Host host, final String program) {
        return host.list("/proc").stream()
                .filter(name -> name.matches("[0-9]+"))
                .anyMatch(pid -> program.equals(host.read("/proc/" + pid + "/comm")));
    }
}
