package io.dragon.tools.doctor;

import java.util.List;

/** Whether the end of a login takes the shared folder away from programs that go on: the default of systemd. */
final class LoginCheck implements Check {
    private static final int FIRST_OF_PEOPLE = 1_000;

    @Override
    public String name() {
        return "login";
    }

    @Override
    public List<Finding> look(final Host host, final Needs needs) {
        final String user = host.property("user.name");
        final long id = host.field("/proc/self/status", "Uid");
        final String login = host.read("/etc/systemd/logind.conf");
        final boolean isKept = login != null && login.matches("(?s).*(^|\\n)\\s*RemoveIPC\\s*=\\s*(no|false|0)\\b.*");
        if (!host.exists("/run/systemd/system")
                || id < FIRST_OF_PEOPLE
                || isKept
                || host.exists("/var/lib/systemd/linger/" + user)) {
            return List.of(Finding.ok(name(), "what " + user + " leaves running keeps its shared folder"));
        }
        return List.of(Finding.warning(
                name(),
                "systemd removes the files of " + user
                        + " from /dev/shm when the last login ends, below the feet of what" + " still runs",
                "that it lingers",
                "sudo loginctl enable-linger " + user));
    }
}
