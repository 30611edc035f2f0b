package io.dragon.tools.doctor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where a master keeps its log, and the secret: on a disk with room, and this user's own. */
final class StateCheck implements Check {
    private static final long LEAST_BYTES = 256L << 20;
    private static final long SNAPSHOTS = 4;

    @Override
    public String name() {
        return "state";
    }

    @Override
    public List<Finding> look(final Host host, final Needs needs) {
        final List<Finding> found = new ArrayList<>();
        final Path folder = needs.config().masters().directory();
        final String kind = host.fileSystem(folder.toString());
        if (!isWritable(host, folder)) {
            found.add(Finding.fault(
                    name(),
                    folder + " cannot be written by " + host.property("user.name"),
                    "a folder of this user's own",
                    "masters.directory: another one, or sudo install -d -o " + host.property("user.name") + " -m 700 "
                            + folder));
        }
        if (kind.equals("tmpfs") || kind.equals("ramfs")) {
            found.add(Finding.warning(
                    name(),
                    folder + " is in memory: the masters forget accepted work when this host restarts",
                    "a folder on a disk",
                    "masters.directory: ~/.local/state/dragon"));
        }
        room(host, needs, folder, found);
        secret(host, needs, found);
        return found;
    }

    private void room(final Host host, final Needs needs, final Path folder, final List<Finding> found) {
        final Host.Space space = host.space(folder.toString());
        if (space == null) {
            found.add(Finding.note(name(), "how much room there is for " + folder + " cannot be told"));
            return;
        }
        final long wanted = SNAPSHOTS * needs.config().masters().snapshotLogLength();
        final String is = folder + ": " + Words.bytes(space.usable()) + " free";
        if (space.usable() >= wanted) {
            found.add(Finding.ok(name(), is));
        } else {
            final String expected = Words.bytes(wanted) + " for the masters' log and snapshots";
            final String mend = "make room, or masters.directory on a larger disk";
            found.add(
                    space.usable() < LEAST_BYTES
                            ? Finding.fault(name(), is, expected, mend)
                            : Finding.warning(name(), is, expected, mend));
        }
    }

    private static boolean isWritable(final Host host, final Path folder) {
        Path path = host.path(folder.toString());
        while (path != null && !Files.exists(path)) {
            path = path.getParent();
        }
        return path != null && Files.isDirectory(path) && Files.isWritable(path);
    }

    private void secret(final Host host, final Needs needs, final List<Finding> found) {
        needs.secretFile().ifPresent(file -> {
            final String ownership = host.ownership(file.toString());
            if (ownership == null || host.read(file.toString()) == null) {
                found.add(Finding.fault(
                        name(),
                        "security.secret_file: " + file + " cannot be read",
                        "a file with the secret, the same on every host",
                        "(umask 077 && head -c 32 /dev/urandom | base64 > " + file + ")"));
            } else if (!ownership.matches(".* r..------")) {
                found.add(Finding.fault(
                        name(),
                        "security.secret_file: " + file + " can be read by others (" + ownership + ")",
                        "its owner alone",
                        "chmod 600 " + file));
            }
        });
    }
}
