package io.dragon.tools.chaos;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.agrona.CloseHelper;

/** What a cluster stands on, as far as the faults of a run need it to be of their own making. */
final class Ground implements AutoCloseable {
    private static final int MEMORY_MIB = 1_024;
    private static final int DISK_MIB = 256;

    private final SmallDisk memory;
    private final List<SmallDisk> disks = new ArrayList<>();
    private final LossyNetwork network;

    private Ground(final SmallDisk memory, final LossyNetwork network) {
        this.memory = memory;
        this.network = network;
    }

    /** Why a kind of fault cannot be made here, in words; null when it can. */
    static String whyNot(final Fault.Kind kind) {
        return switch (kind) {
            case KILL, RESTART, STOP, CALM -> null;
            case MEMORY_FULL, DISK_FULL -> Enclosure.hasMounts()
                    ? null
                    : "a small file system cannot be mounted here: it needs root, or user namespaces that the kernel allows";
            case LOSS -> LossyNetwork.whyNot();
        };
    }

    /** Whether a kind of fault needs more than ordinary processes. */
    static boolean isNeededFor(final Fault.Kind kind) {
        return kind == Fault.Kind.MEMORY_FULL || kind == Fault.Kind.DISK_FULL || kind == Fault.Kind.LOSS;
    }

    /**
     * Prepares it before the first process starts.
     *
     * @param kinds   of the faults to come.
     * @param shared  folder of shared memory.
     * @param masters folders of the masters' logs.
     */
    static Ground prepare(final Collection<Fault.Kind> kinds, final Path shared, final List<Path> masters) {
        if (Enclosure.hasNetwork()) {
            LossyNetwork.loopback();
        }
        final Ground ground = new Ground(
                kinds.contains(Fault.Kind.MEMORY_FULL) ? SmallDisk.mount(shared, MEMORY_MIB) : null,
                kinds.contains(Fault.Kind.LOSS) ? LossyNetwork.make(masters.size()) : null);
        if (kinds.contains(Fault.Kind.DISK_FULL)) {
            masters.forEach(folder -> ground.disks.add(SmallDisk.mount(folder, DISK_MIB)));
        }
        return ground;
    }

    /** The host of a master. */
    String host(final int member) {
        return network == null ? "localhost" : LossyNetwork.address(member);
    }

    /** What the command of a master begins with. */
    List<String> prefix(final int member) {
        return network == null ? List.of() : LossyNetwork.prefix(member);
    }

    SmallDisk memory() {
        return memory;
    }

    SmallDisk disk(final int member) {
        return disks.get(member);
    }

    LossyNetwork network() {
        return network;
    }

    @Override
    public void close() {
        CloseHelper.closeAll(disks);
        CloseHelper.close(memory);
    }
}
