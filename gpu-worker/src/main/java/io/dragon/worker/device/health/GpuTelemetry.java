package io.dragon.worker.device.health;

/** The instruments of one GPU. Used on one thread, which it may keep waiting: never that of control or of compute. */
public interface GpuTelemetry extends AutoCloseable {
    /**
     * Where the figures come from.
     *
     * @return for instance {@code NVML, driver 550.54.15}.
     */
    String words();

    /**
     * Reads all instruments.
     *
     * @return what they show, and the events since the last call; what cannot be read is unknown, never an exception.
     */
    GpuSample sample();

    /**
     * How long a look may take; instruments that take longer count as silent, which is a fault of the GPU. Any thread.
     *
     * @return nanoseconds; {@link Long#MAX_VALUE} where silence says nothing.
     */
    default long patienceNs() {
        return 1_200_000_000L;
    }

    /** Lets go of what it holds; a second call does nothing. */
    @Override
    default void close() {}
}
