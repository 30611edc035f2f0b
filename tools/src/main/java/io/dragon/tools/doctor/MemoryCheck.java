package io.dragon.tools.doctor;

import java.util.ArrayList;
import java.util.List;

/** The host's memory: how much, whether it may be paged out, promised twice, or limited for this program. */
final class MemoryCheck implements Check {
    /** What the programs need beside the frames: media driver, master, GPU server and a worker. */
    private static final long PROGRAM_BYTES = 2L << 30;

    private static final long KIBI = 1024;
    private static final long NO_LIMIT = 1L << 60;
    private static final int NEVER_OVERCOMMIT = 2;

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public List<Finding> look(final Host host, final Needs needs) {
        final List<Finding> found = new ArrayList<>();
        final long wanted = needs.sharedBytes() + PROGRAM_BYTES;
        final long total = KIBI * host.field("/proc/meminfo", "MemTotal");
        final long available = KIBI * host.field("/proc/meminfo", "MemAvailable");
        if (total <= 0) {
            found.add(Finding.note(name(), "how much memory there is cannot be told"));
        } else if (available < wanted) {
            found.add(Finding.warning(
                    name(),
                    Words.bytes(available) + " of " + Words.bytes(total) + " can be used",
                    Words.bytes(wanted) + " for the programs of a host and its shared folder",
                    "end what takes it (ps aux --sort -rss | head), or let pools.slots and workers be fewer"));
        } else {
            found.add(Finding.ok(name(), Words.bytes(available) + " of " + Words.bytes(total) + " can be used"));
        }
        limit(host, wanted, found);
        swap(host, found);
        if (host.number("/proc/sys/vm/overcommit_memory", 0) == NEVER_OVERCOMMIT) {
            found.add(Finding.warning(
                    name(),
                    "vm.overcommit_memory is 2: Java, which reserves more than it uses, may not start",
                    "0",
                    "sudo sysctl -w vm.overcommit_memory=0"));
        }
        return found;
    }

    private void limit(final Host host, final long wanted, final List<Finding> found) {
        final long limit = ControlGroups.least(host, "memory", "memory.max", "memory.limit_in_bytes");
        if (limit < Math.min(wanted, NO_LIMIT)) {
            found.add(Finding.warning(
                    name(),
                    "the control group of this program may use " + Words.bytes(limit)
                            + ", and what is in the shared folder counts",
                    Words.bytes(wanted) + " or more",
                    SharedMemoryCheck.isContainer(host)
                            ? "start the container with --memory=" + (Words.roundUp(wanted) >> 30) + "g"
                            : "systemd: MemoryMax=" + (Words.roundUp(wanted) >> 30) + "G, or infinity"));
        }
    }

    private void swap(final Host host, final List<Finding> found) {
        final long swap = KIBI * host.field("/proc/meminfo", "SwapTotal");
        final long used = swap - KIBI * host.field("/proc/meminfo", "SwapFree");
        if (swap <= 0) {
            return;
        }
        if (used > swap / 10) {
            found.add(Finding.warning(
                    name(),
                    Words.bytes(used) + " of " + Words.bytes(swap) + " swap are used: frames, too, are paged out, which"
                            + " takes milliseconds",
                    "no swap in use",
                    "sudo swapoff -a (where there is memory enough), or sudo sysctl -w vm.swappiness=1"));
        } else {
            found.add(Finding.note(
                    name(),
                    "there is swap (" + Words.bytes(swap)
                            + "): where memory is short, frames are paged out; sudo swapoff" + " -a prevents it"));
        }
    }
}
