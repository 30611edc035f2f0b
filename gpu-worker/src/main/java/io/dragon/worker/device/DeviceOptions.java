package io.dragon.worker.device;

/**
 * How a device is opened.
 *
 * @param memoryLimitPercent how much of a GPU's memory the worker may take, 1 to 100.
 */
public record DeviceOptions(int memoryLimitPercent) {
    /** Most of the memory: what {@code gpu.memory_limit_percent} is by default. */
    public static final DeviceOptions DEFAULT = new DeviceOptions(70);

    /**
     * Checks the limits.
     *
     * @param memoryLimitPercent how much of a GPU's memory the worker may take, 1 to 100.
     */
    public DeviceOptions {
        if (memoryLimitPercent < 1 || memoryLimitPercent > 100) {
            throw new IllegalArgumentException(
                    "a worker takes 1 to 100 % of a device's memory, not " + memoryLimitPercent);
        }
    }
}
