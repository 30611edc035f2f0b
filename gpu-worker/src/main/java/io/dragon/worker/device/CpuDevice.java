package io.dragon.worker.device;

import java.lang.management.ManagementFactory;
import java.util.Locale;

/** The processor cores of this host as one device. */
public final class CpuDevice implements Device {
    private final com.sun.management.OperatingSystemMXBean os = operatingSystem();
    private final int cores;
    private final long memoryBytes;

    /** The cores that this process may use. */
    public CpuDevice() {
        this(Runtime.getRuntime().availableProcessors());
    }

    /**
     * Some of the cores of this host.
     *
     * @param cores how many cores handlers may use, at least 1.
     */
    public CpuDevice(final int cores) {
        if (cores < 1) {
            throw new IllegalArgumentException("a CPU device needs at least 1 core, not " + cores);
        }
        this.cores = cores;
        this.memoryBytes = os == null ? 0 : os.getTotalMemorySize();
    }

    @Override
    public String id() {
        return "cpu";
    }

    @Override
    public String description() {
        final String memory = String.format(Locale.ROOT, "%.1f GiB", memoryBytes / (double) (1L << 30));
        return "CPU, " + cores + (cores == 1 ? " core, " : " cores, ") + memory;
    }

    @Override
    public long memoryBytes() {
        return memoryBytes;
    }

    @Override
    public long freeBytes() {
        return os == null ? -1 : os.getFreeMemorySize();
    }

    @Override
    public int computeUnits() {
        return cores;
    }

    @Override
    public DeviceHealth health() {
        return DeviceHealth.OK;
    }

    @Override
    public String toString() {
        return description();
    }

    private static com.sun.management.OperatingSystemMXBean operatingSystem() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean os
                ? os
                : null;
    }
}
