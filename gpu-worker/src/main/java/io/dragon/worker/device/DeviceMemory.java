package io.dragon.worker.device;

import java.util.Locale;
import org.agrona.collections.Long2LongHashMap;

/**
 * The memory of a GPU that this worker may take, and what it has taken: all memory of the device goes through here, so that the limit
 * holds. One thread, except the figures.
 */
public final class DeviceMemory implements AutoCloseable {
    private final GpuDriver driver;
    private final int limitPercent;
    private final long shareBytes;
    private final Long2LongHashMap taken = new Long2LongHashMap(-1);
    private volatile long usedBytes;

    DeviceMemory(final GpuDriver driver, final int limitPercent) {
        if (limitPercent < 1 || limitPercent > 100) {
            throw new IllegalArgumentException("a worker takes 1 to 100 % of a device's memory, not " + limitPercent);
        }
        this.driver = driver;
        this.limitPercent = limitPercent;
        this.shareBytes = driver.info().memoryBytes() * limitPercent / 100;
    }

    /**
     * Takes memory of the device; slow, not for the steady path.
     *
     * @param bytes more than 0.
     * @return its address, a multiple of 256.
     * @throws GpuException with {@link GpuException#OUT_OF_MEMORY}, when the device has no more or the worker must not take more.
     */
    public long allocate(final long bytes) {
        final long limitBytes = limitBytes();
        if (bytes > limitBytes - usedBytes) {
            throw new GpuException(
                    GpuException.OUT_OF_MEMORY,
                    "CUDA_ERROR_OUT_OF_MEMORY",
                    String.format(
                            Locale.ROOT,
                            "%s of device memory are wanted, %s are in use, and this worker may take %s"
                                    + " (gpu.memory_limit_percent is %d, %s of it are the driver's for this process"
                                    + " or other programs')",
                            mib(bytes),
                            mib(usedBytes),
                            mib(limitBytes),
                            limitPercent,
                            mib(ownBytes())));
        }
        final long address = driver.allocate(bytes);
        taken.put(address, bytes);
        add(bytes);
        return address;
    }

    /**
     * Gives memory back; no queued work may use it any more.
     *
     * @param address of {@link #allocate}.
     */
    public void free(final long address) {
        final long bytes = taken.remove(address);
        if (bytes < 0) {
            throw new IllegalArgumentException("nothing was taken at 0x" + Long.toHexString(address));
        }
        add(-bytes);
        driver.free(address);
    }

    /**
     * What this worker has taken. Any thread.
     *
     * @return bytes.
     */
    public long usedBytes() {
        return usedBytes;
    }

    /**
     * What this worker may take: its share of the device's memory without what the driver has for this process, which grows while kernels are
     * loaded. Any thread.
     *
     * @return bytes; half of the share at least.
     */
    public long limitBytes() {
        return shareBytes - ownBytes();
    }

    /** What other programs take meanwhile looks like the driver's: on a small GPU it must not leave nothing. */
    private long ownBytes() {
        return Math.min(driver.ownBytes(), shareBytes / 2);
    }

    /** Gives back what is left. */
    @Override
    public void close() {
        for (final long address : taken.keySet().toArray(new Long[0])) {
            free(address);
        }
    }

    // one thread writes
    private void add(final long bytes) {
        usedBytes = usedBytes + bytes;
    }

    static String mib(final long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
    }
}
