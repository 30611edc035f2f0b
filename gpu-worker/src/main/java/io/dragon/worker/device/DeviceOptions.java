package io.dragon.worker.device;

import java.nio.file.Path;

/**
 * How a device is opened.
 *
 * @param memoryLimitPercent how much of a GPU's memory the worker may take, 1 to 100.
 * @param sharedMemory       the directory, made already or not, on whose file system frame pools lie, on which it is tried at once whether they can be pinned; null:
 *                           it turns out with the first frame.
 */
public record DeviceOptions(int memoryLimitPercent, Path sharedMemory) {
    /** Most of the memory: what {@code gpu.memory_limit_percent} is by default. */
    public static final DeviceOptions DEFAULT = new DeviceOptions(70);

    /**
     * Checks the limits.
     *
     * @param memoryLimitPercent how much of a GPU's memory the worker may take, 1 to 100.
     * @param sharedMemory       the directory on whose file system frame pools lie; null when it is not known.
     */
    public DeviceOptions {
        if (memoryLimitPercent < 1 || memoryLimitPercent > 100) {
            throw new IllegalArgumentException(
                    "a worker takes 1 to 100 % of a device's memory, not " + memoryLimitPercent);
        }
    }

    /**
     * Without a place of frame pools.
     *
     * @param memoryLimitPercent how much of a GPU's memory the worker may take, 1 to 100.
     */
    public DeviceOptions(final int memoryLimitPercent) {
        this(memoryLimitPercent, null);
    }
}
