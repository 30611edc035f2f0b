package io.dragon.tools.doctor;

import java.util.List;

/** The limits of the control group of this program and of those around it. */
final class ControlGroups {
    private static final String ROOT = "/sys/fs/cgroup";

    private ControlGroups() {}

    /**
     * The smallest limit of all groups that this program is in.
     *
     * @param controller of the first version of control groups.
     * @param file       of the second version.
     * @param oldFile    of the first version.
     * @return it; {@link Long#MAX_VALUE} where there is none.
     */
    static long least(final Host host, final String controller, final String file, final String oldFile) {
        final String groups = host.read("/proc/self/cgroup");
        long least = Long.MAX_VALUE;
        for (final String line :
                groups == null ? List.<String>of() : groups.lines().toList()) {
            final String[] parts = line.split(":", 3);
            if (parts.length == 3 && parts[1].isEmpty()) {
                least = Math.min(least, up(host, ROOT, parts[2], file));
                least = Math.min(least, up(host, ROOT + "/unified", parts[2], file));
            } else if (parts.length == 3 && List.of(parts[1].split(",")).contains(controller)) {
                least = Math.min(least, up(host, ROOT + '/' + controller, parts[2], oldFile));
            }
        }
        return least;
    }

    private static long up(final Host host, final String root, final String group, final String file) {
        long least = Long.MAX_VALUE;
        String at = group.equals("/") ? "" : group;
        while (true) {
            least = Math.min(least, host.number(root + at + '/' + file, Long.MAX_VALUE)); // "max" is no number
            if (at.isEmpty()) {
                return least;
            }
            at = at.substring(0, Math.max(0, at.lastIndexOf('/')));
        }
    }
}
