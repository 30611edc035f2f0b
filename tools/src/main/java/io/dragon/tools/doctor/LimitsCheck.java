package io.dragon.tools.doctor;

import java.util.ArrayList;
import java.util.List;

/** What this user's programs may have: open files, threads, locked memory. */
final class LimitsCheck implements Check {
    private static final long LEAST_FILES = 4_096;
    private static final long LEAST_THREADS = 2_048;

    @Override
    public String name() {
        return "limits";
    }

    @Override
    public List<Finding> look(final Host host, final Needs needs) {
        final List<Finding> found = new ArrayList<>();
        final String limits = host.read("/proc/self/limits");
        if (limits == null) {
            return List.of(Finding.note(name(), "the limits of this user cannot be told"));
        }
        final long files = hard(limits, "Max open files"); // Java raises its own limit up to this one
        final long threads =
                Math.min(hard(limits, "Max processes"), ControlGroups.least(host, "pids", "pids.max", "pids.max"));
        if (files < LEAST_FILES) {
            found.add(Finding.warning(
                    name(),
                    files + " files may be open at once",
                    LEAST_FILES + " or more",
                    "ulimit -Hn 65536 (as root; systemd: LimitNOFILE=65536; lasting: /etc/security/limits.conf)"));
        }
        if (threads < LEAST_THREADS) {
            found.add(Finding.warning(
                    name(),
                    threads + " processes and threads may run at once",
                    LEAST_THREADS + " or more",
                    "ulimit -Hu 65536 (as root; systemd: TasksMax=65536; a container: --pids-limit=-1)"));
        }
        if (found.isEmpty()) {
            found.add(Finding.ok(name(), "open files " + words(files) + ", processes and threads " + words(threads)));
        }
        final long locked = hard(limits, "Max locked memory");
        if (locked < needs.sharedBytes()) {
            found.add(Finding.note(
                    name(),
                    Words.bytes(locked)
                            + " may be locked in memory, which is enough without RDMA; more: LimitMEMLOCK=infinity"
                            + " (systemd), or ulimit -l unlimited as root"));
        }
        return found;
    }

    private static String words(final long limit) {
        return limit == Long.MAX_VALUE ? "unlimited" : Long.toString(limit);
    }

    private static long hard(final String limits, final String name) {
        for (final String line : limits.lines().toList()) {
            if (line.startsWith(name)) {
                final String[] values = line.substring(name.length()).strip().split("\\s+");
                final String hard = values.length > 1 ? values[1] : "";
                return hard.matches("[0-9]{1,18}") ? Long.parseLong(hard) : Long.MAX_VALUE;
            }
        }
        return Long.MAX_VALUE;
    }
}
