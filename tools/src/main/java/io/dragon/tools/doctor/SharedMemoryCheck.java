package io.dragon.tools.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where frames are: in memory, with room for what the configuration asks for, and nobody else's. */
final class SharedMemoryCheck implements Check {
    /** Below this not even the media driver starts. */
    private static final long LEAST_BYTES = 64L << 20;

    @Override
    public String name() {
        return "shared-memory";
    }

    @Override
    public List<Finding> look(final Host host, final Needs needs) {
        final List<Finding> found = new ArrayList<>();
        final Path folder = needs.directory().path();
        ownership(host, folder, found);
        final String kind = host.fileSystem(folder.toString());
        if (!kind.isEmpty() && !kind.equals("tmpfs") && !kind.equals("ramfs") && !kind.equals("hugetlbfs")) {
            found.add(Finding.warning(
                    name(),
                    folder + " is on " + kind + ": frames go by way of a disk",
                    "a folder in memory",
                    "--dir /dev/shm/dragon-" + host.property("user.name")));
        }
        room(host, needs, folder, found);
        return found;
    }

    private void ownership(final Host host, final Path folder, final List<Finding> found) {
        final String own = host.property("user.name") + " rwx------";
        final String is = host.ownership(folder.toString());
        if (is != null && !is.equals(own)) {
            found.add(Finding.fault(
                    name(),
                    folder + " belongs to '" + is + "'",
                    "'" + own + "'",
                    "name another folder with --dir, or let its owner remove it"));
        }
    }

    private void room(final Host host, final Needs needs, final Path folder, final List<Finding> found) {
        final Host.Space space = host.space(folder.toString());
        if (space == null) {
            found.add(Finding.note(name(), "how much room there is for " + folder + " cannot be told"));
            return;
        }
        final long wanted = needs.sharedBytes();
        final String is = folder + ": " + Words.bytes(space.usable()) + " free of " + Words.bytes(space.total());
        if (space.usable() >= wanted) {
            found.add(Finding.ok(name(), is + rest(needs)));
            return;
        }
        final String expected = Words.bytes(wanted) + " (messages " + Words.bytes(Needs.MESSAGE_BYTES)
                + (needs.receiveBytes() == 0 ? "" : ", transfer.receive_memory " + Words.bytes(needs.receiveBytes()))
                + (needs.poolBytes() == 0 ? "" : ", a camera's pool " + Words.bytes(needs.poolBytes())) + ')';
        final String mend = space.total() < wanted
                ? larger(host, folder, wanted)
                : "see what takes it: du -sh " + folder.getParent() + "/* ; a larger one: "
                        + larger(host, folder, wanted);
        found.add(
                space.usable() < LEAST_BYTES
                        ? Finding.fault(name(), is, expected, mend)
                        : Finding.warning(name(), is, expected, mend));
    }

    private static String rest(final Needs needs) {
        if (needs.poolBytes() > 0) {
            return "; each camera takes " + Words.bytes(needs.poolBytes());
        }
        final long slots = needs.config().pools().slots();
        return "; each camera takes " + slots + " frames (pools.slots), " + Words.bytes(slots * 3_840 * 2_160 * 3)
                + " at 3840x2160 in colour";
    }

    private static String larger(final Host host, final Path folder, final long wanted) {
        final long gigabytes = Math.max(2, Words.roundUp(2 * wanted) >> 30);
        if (isContainer(host)) {
            return "start the container with --shm-size=" + gigabytes
                    + "g (Kubernetes: an emptyDir with medium: Memory at /dev/shm)";
        }
        return folder.startsWith("/dev/shm")
                ? "sudo mount -o remount,size=" + gigabytes + "G /dev/shm"
                : "--dir /dev/shm/dragon-" + host.property("user.name");
    }

    static boolean isContainer(final Host host) {
        final String groups = host.read("/proc/1/cgroup");
        return host.exists("/.dockerenv")
                || host.exists("/run/.containerenv")
                || (groups != null && groups.matches("(?s).*(docker|kubepods|containerd|libpod).*"));
    }
}
