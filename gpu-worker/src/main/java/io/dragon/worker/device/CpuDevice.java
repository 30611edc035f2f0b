package io.dragon.worker.device;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The processor cores of this host as one device. */
public final class CpuDevice implements Device {
    private static final Path MEMORY_INFO = Path.of("/proc/meminfo");
    private static final String AVAILABLE = "\nMemAvailable:";
    private static final String UNIT = " kB";
    private static final long BYTES_PER_KIB = 1_024;

    private final Path memoryInfo;
    private final int cores;
    private final long memoryBytes;
    private final DeviceHealth health;

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
        this(cores, MEMORY_INFO);
    }

    CpuDevice(final int cores, final Path memoryInfo) {
        this(cores, memoryInfo, DeviceHealth.OK);
    }

    private CpuDevice(final int cores, final Path memoryInfo, final DeviceHealth health) {
        if (cores < 1) {
            throw new IllegalArgumentException("a CPU device needs at least 1 core, not " + cores);
        }
        this.cores = cores;
        this.memoryInfo = memoryInfo;
        this.health = health;
        final com.sun.management.OperatingSystemMXBean os = operatingSystem();
        this.memoryBytes = os == null ? 0 : os.getTotalMemorySize();
    }

    /**
     * The cores that this process may use, in the place of a GPU: it works, and says that it is not what was wanted.
     *
     * @param why the GPU cannot be used, one sentence.
     * @return a device that is {@link DeviceHealth.State#DEGRADED}, for that reason.
     */
    public static CpuDevice insteadOfGpu(final String why) {
        return new CpuDevice(
                Runtime.getRuntime().availableProcessors(),
                MEMORY_INFO,
                new DeviceHealth(DeviceHealth.State.DEGRADED, "on the CPU, because " + why));
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

    /** What the kernel could give without swapping: what files occupy in memory counts as free, because it can be had. */
    @Override
    public long freeBytes() {
        final long availableBytes = availableBytes(memoryInfo);
        return availableBytes < 0 || memoryBytes == 0 ? availableBytes : Math.min(availableBytes, memoryBytes);
    }

    /** Without a stream of lines: it is asked for many times a second, beside threads that wait for the core. */
    private static long availableBytes(final Path memoryInfo) {
        try {
            final String text = '\n' + new String(Files.readAllBytes(memoryInfo), StandardCharsets.ISO_8859_1);
            final int line = text.indexOf(AVAILABLE);
            final int end = text.indexOf(UNIT, line + AVAILABLE.length());
            return line < 0 || end < 0
                    ? -1
                    : Long.parseLong(text.substring(line + AVAILABLE.length(), end)
                                    .strip())
                            * BYTES_PER_KIB;
        } catch (final IOException | NumberFormatException ex) {
            return -1; // unknown, and then nothing is excluded for want of it
        }
    }

    @Override
    public int computeUnits() {
        return cores;
    }

    @Override
    public DeviceHealth health() {
        return health;
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
