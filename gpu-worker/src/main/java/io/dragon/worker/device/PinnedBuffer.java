package io.dragon.worker.device;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Memory of this process that the device reads and writes by itself, for parameters and results; it grows to the largest size
 * asked for. Compute thread only.
 */
public final class PinnedBuffer implements AutoCloseable {
    private static final long STEP_BYTES = 4 << 10;

    private final GpuDriver driver;
    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private long address;
    private int capacity;
    private long largest;

    /**
     * A buffer of nothing yet.
     *
     * @param driver of the device.
     */
    public PinnedBuffer(final GpuDriver driver) {
        this.driver = driver;
    }

    /**
     * Grows it if it is smaller; then what was in it is gone, and no queued work may use it.
     *
     * @param bytes at least, below 2 GiB.
     * @return its address on the host.
     */
    public long ensure(final long bytes) {
        largest = Math.max(largest, bytes);
        if (bytes > capacity) {
            final long wanted = Math.addExact(bytes, STEP_BYTES - 1) / STEP_BYTES * STEP_BYTES;
            if (wanted > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("a pinned buffer is shorter than 2 GiB, and " + bytes + " is more");
            }
            close();
            address = driver.allocatePinned(wanted);
            capacity = (int) wanted;
            buffer.wrap(address, capacity);
        }
        return address;
    }

    /**
     * Grows it as {@link #ensure} does, but by half of what it is at least, where there is memory for that: what grows a little with each task is not to be
     * made anew with each.
     *
     * @param bytes at least, below 2 GiB.
     * @return its address on the host.
     */
    public long grow(final long bytes) {
        final long asked = Math.max(largest, bytes);
        final long most = Integer.MAX_VALUE / STEP_BYTES * STEP_BYTES;
        final long more = Math.min(most, capacity + (long) capacity / 2);
        if (bytes > capacity && bytes < more) {
            try {
                ensure(more);
            } catch (final GpuException ex) {
                if (!ex.isOutOfMemory()) {
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
     * @return an address on the host; 0 when it is empty.
     */
    public long address() {
        return address;
    }

    /**
     * What is in it.
     *
     * @return a view of all of it, the same object always.
     */
    public UnsafeBuffer buffer() {
        return buffer;
    }

    /** Gives its memory back where much more is there than was asked for since the last call; no queued work may use it any more. */
    void shrink() {
        if (DeviceBuffer.isTooLarge(capacity, largest)) {
            close();
        }
        largest = 0;
    }

    /** Gives its memory back; no queued work may use it any more. It can grow again. */
    @Override
    public void close() {
        final long old = address;
        address = 0;
        capacity = 0;
        buffer.wrap(0, 0);
        if (old != 0) {
            driver.freePinned(old);
        }
    }
}
