package io.dragon.worker.device;

/** A buffer on the device that grows to the largest size asked for, and shrinks when told. Compute thread only. */
public final class DeviceBuffer implements AutoCloseable {
    private static final long STEP_BYTES = 64 << 10;
    private static final long SMALL_BYTES = 16 << 20;

    private final DeviceMemory memory;
    private long address;
    private long capacity;
    private long largest;

    /**
     * A buffer of nothing yet.
     *
     * @param memory of the device.
     */
    public DeviceBuffer(final DeviceMemory memory) {
        this.memory = memory;
    }

    /**
     * Grows it if it is smaller; then what was in it is gone, and no queued work may use it.
     *
     * @param bytes at least.
     * @return its address.
     * @throws GpuException with {@link GpuException#OUT_OF_MEMORY}; then it is empty.
     */
    public long ensure(final long bytes) {
        largest = Math.max(largest, bytes);
        if (bytes > capacity) {
            close();
            final long wanted = Math.addExact(bytes, STEP_BYTES - 1) / STEP_BYTES * STEP_BYTES;
            address = memory.allocate(wanted);
            capacity = wanted;
        }
        return address;
    }

    /**
     * Grows it as {@link #ensure} does, but by half of what it is at least, where there is memory for that: to take memory stops the device, and
     * what grows a little with each task would stop it with each.
     *
     * @param bytes at least.
     * @return its address.
     * @throws GpuException with {@link GpuException#OUT_OF_MEMORY}; then it is empty.
     */
    public long grow(final long bytes) {
        final long asked = Math.max(largest, bytes);
        final long more = capacity + capacity / 2;
        if (bytes > capacity && bytes < more) {
            try {
                ensure(more);
            } catch (final GpuException ex) {
                if (ex.code() != GpuException.OUT_OF_MEMORY) {
                    throw ex;
                }
            }
        }
        ensure(bytes);
        largest = asked;
        return address;
    }

    /**
     * Where it lies.
     *
     * @return an address of the device; 0 when it is empty.
     */
    public long address() {
        return address;
    }

    /**
     * How much fits.
     *
     * @return bytes.
     */
    public long capacity() {
        return capacity;
    }

    /** Gives its memory back where much more is there than was asked for since the last call; no queued work may use it any more. */
    void shrink() {
        if (isTooLarge(capacity, largest)) {
            close();
        }
        largest = 0;
    }

    /** Small ones are kept: to take memory stops the device. */
    static boolean isTooLarge(final long capacity, final long largest) {
        return capacity > SMALL_BYTES && capacity / 2 > largest;
    }

    /** Gives its memory back; no queued work may use it any more. It can grow again. */
    @Override
    public void close() {
        final long old = address;
        address = 0;
        capacity = 0;
        if (old != 0) {
            memory.free(old);
        }
    }
}
