package io.dragon.worker.device;

import java.util.concurrent.atomic.AtomicLong;
import org.agrona.UnsafeApi;

/** A driver that does nothing at once, so that what is left is what those above it cost. Pinned memory is there, and zero. */
public final class IdleDriver implements GpuDriver {
    private static final GpuInfo INFO =
            new GpuInfo(0, "Idle GPU", "GPU-idle", "0000:00:00.0", 7, 0, 4, 1L << 36, 12_000);

    private final AtomicLong next = new AtomicLong(1 << 20);

    @Override
    public GpuInfo info() {
        return INFO;
    }

    @Override
    public long freeBytes() {
        return INFO.memoryBytes();
    }

    @Override
    public long ownBytes() {
        return 0;
    }

    @Override
    public long allocate(final long bytes) {
        return next.getAndAdd(bytes + 255 & -256);
    }

    @Override
    public void free(final long device) {}

    @Override
    public long allocatePinned(final long bytes) {
        final long address = UnsafeApi.allocateMemory(bytes);
        UnsafeApi.setMemory(address, bytes, (byte) 0);
        return address;
    }

    @Override
    public void freePinned(final long host) {
        UnsafeApi.freeMemory(host);
    }

    @Override
    public void register(final long host, final long bytes) {}

    @Override
    public void unregister(final long host) {}

    @Override
    public void copyToDevice(final long device, final long host, final long bytes, final GpuStream stream) {}

    @Override
    public void copyToHost(final long host, final long device, final long bytes, final GpuStream stream) {}

    @Override
    public void copyOnDevice(final long to, final long from, final long bytes, final GpuStream stream) {}

    @Override
    public void fill(final long device, final int value, final long words, final GpuStream stream) {}

    @Override
    public long newEvent(final boolean isTimed) {
        return next.getAndIncrement();
    }

    @Override
    public void freeEvent(final long event) {}

    @Override
    public void record(final long event, final GpuStream stream) {}

    @Override
    public void await(final GpuStream stream, final long event) {}

    @Override
    public boolean isDone(final long event) {
        return true;
    }

    @Override
    public void synchronize(final long event, final long timeoutNs) {}

    @Override
    public float elapsedMs(final long first, final long last) {
        return 0;
    }

    @Override
    public long kernel(final String module, final String name) {
        return 1;
    }

    @Override
    public void launch(
            final long kernel,
            final int gridX,
            final int gridY,
            final int gridZ,
            final int blockX,
            final int sharedBytes,
            final GpuStream stream,
            final KernelArguments arguments) {}

    @Override
    public void close() {}
}
