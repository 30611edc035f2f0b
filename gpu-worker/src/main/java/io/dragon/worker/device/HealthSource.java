package io.dragon.worker.device;

/**
 * What watches a device. Methods may be called from any thread at any time and answer without blocking; whoever owns the device closes it.
 */
public interface HealthSource extends AutoCloseable {
    /** Nobody watches: nothing is measured, and nothing is wrong. */
    HealthSource NONE = () -> DeviceHealth.OK;

    /**
     * What is wrong with the device, if anything.
     *
     * @return {@link DeviceHealth#OK} for a device that is well.
     */
    DeviceHealth health();

    /**
     * What its instruments showed last.
     *
     * @return {@link DeviceFigures#NONE} where nothing is measured.
     */
    default DeviceFigures figures() {
        return DeviceFigures.NONE;
    }

    /** Ends watching; a second call does nothing. */
    @Override
    default void close() {}
}
