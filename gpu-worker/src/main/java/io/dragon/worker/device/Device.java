package io.dragon.worker.device;

/**
 * A device that runs tasks: a GPU, or the host's processor cores.
 *
 * <p>Every method may be called from any thread at any time and answers without blocking, except {@link #tidy} and {@link #close}.
 */
public interface Device extends AutoCloseable {
    /**
     * Name of the device, unique in its host.
     *
     * @return for instance {@code cpu} or a GPU's UUID.
     */
    String id();

    /**
     * The device in words, for people.
     *
     * @return for instance {@code CPU, 16 cores, 64 GiB}.
     */
    String description();

    /**
     * All memory of the device.
     *
     * @return bytes; 0 when it is not known.
     */
    long memoryBytes();

    /**
     * Memory of the device that is free now.
     *
     * @return bytes; -1 when it is not known.
     */
    long freeBytes();

    /**
     * Units that compute at the same time: processor cores, multiprocessors.
     *
     * @return at least 1.
     */
    int computeUnits();

    /**
     * What is wrong with the device, if anything.
     *
     * @return {@link DeviceHealth#OK} for a device that is well.
     */
    DeviceHealth health();

    /**
     * What its instruments showed last.
     *
     * @return {@link DeviceFigures#NONE} for a device that has none.
     */
    default DeviceFigures figures() {
        return DeviceFigures.NONE;
    }

    /** Does what can wait until no task is at hand; often called, on the thread that runs tasks. */
    default void tidy() {}

    /**
     * Whether it may still read memory of this process after it was closed, because it does not answer: then frames stay leased until the process
     * ends.
     *
     * @return false for a device that does nothing by itself.
     */
    default boolean mayStillRead() {
        return false;
    }

    /** Gives back what the device holds; a second call does nothing. */
    @Override
    default void close() {}
}
