package io.dragon.worker.device;

import io.dragon.engine.config.DragonException;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * One GPU of this process. What is asked of it as a {@link Device} any thread may ask; all else belongs to the compute thread.
 */
public final class CudaDevice implements Device {
    private static final long WAIT_LIMIT_NS = 30_000_000_000L;
    private static final long SHRINK_PERIOD_NS = 10_000_000_000L;

    private final GpuDriver driver;
    private final GpuInfo info;
    private final DeviceMemory memory;
    private final PinnedPools pools;
    private final DeviceRing ring;
    private volatile GpuException error;
    private volatile HealthSource watcher = HealthSource.NONE;
    private boolean closed;
    private long shrinkNs = System.nanoTime();
    private volatile boolean isContextGone;

    /**
     * Opens a GPU of this host for this process, and waits for the driver no longer than {@link DriverCall} allows.
     *
     * @param uuid    of the GPU.
     * @param options how it is used.
     * @return the device, to be closed; nothing of the GPU is held where it cannot be used.
     * @throws DragonException in words, with the {@link GpuException} as its cause, when it cannot be used.
     */
    public static CudaDevice open(final String uuid, final DeviceOptions options) {
        try {
            return DriverCall.within("to open the GPU", () -> openNow(uuid, options), CudaDevice::close);
        } catch (final GpuException ex) {
            if (ex.isSticky()) {
                DriverCall.lost();
            }
            throw new DragonException(
                    DragonException.FAILED, "GPU " + uuid + " cannot be used: " + ex.getMessage(), ex);
        }
    }

    private static CudaDevice openNow(final String uuid, final DeviceOptions options) {
        final GpuDriver driver = CudaDriver.open(uuid);
        try {
            return new CudaDevice(driver, options);
        } catch (final RuntimeException | Error ex) {
            if (!(ex instanceof GpuException gpu && gpu.isSticky())) {
                driver.close(); // one that is lost might not answer
            }
            throw ex;
        }
    }

    /**
     * A device on an open driver, which it closes.
     *
     * @param driver  of the GPU.
     * @param options how it is used.
     */
    public CudaDevice(final GpuDriver driver, final DeviceOptions options) {
        this(driver, options, WAIT_LIMIT_NS);
    }

    /**
     * A device on an open driver, which it closes.
     *
     * @param driver      of the GPU.
     * @param options     how it is used.
     * @param waitLimitNs how long the GPU may take for the work of one task before it counts as hung.
     */
    public CudaDevice(final GpuDriver driver, final DeviceOptions options, final long waitLimitNs) {
        this(driver, options, waitLimitNs, System::nanoTime);
    }

    /** The clock is that by which a task's work is timed. */
    CudaDevice(final GpuDriver driver, final DeviceOptions options, final long waitLimitNs, final LongSupplier clock) {
        this.driver = driver;
        this.info = driver.info();
        this.memory = new DeviceMemory(driver, options.memoryLimitPercent());
        this.pools = new PinnedPools(driver, waitLimitNs);
        if (options.sharedMemory() != null) {
            pools.tryOut(options.sharedMemory());
        }
        this.ring = new DeviceRing(driver, memory, pools, waitLimitNs, clock);
    }

    /**
     * The driver's calls.
     *
     * @return for the compute thread.
     */
    public GpuDriver driver() {
        return driver;
    }

    /**
     * What the GPU says of itself.
     *
     * @return always the same.
     */
    public GpuInfo info() {
        return info;
    }

    /**
     * Memory of the device, within the limit.
     *
     * @return for the compute thread.
     */
    public DeviceMemory memory() {
        return memory;
    }

    /**
     * Frame pools that the GPU reads.
     *
     * @return for the compute thread.
     */
    public PinnedPools pools() {
        return pools;
    }

    /**
     * Inputs on their way through the GPU.
     *
     * @return for the compute thread.
     */
    public DeviceRing ring() {
        return ring;
    }

    /**
     * Notes that nothing works on this GPU any more for this process: what it holds goes with the process, because a call of the driver
     * could wait for ever.
     *
     * @param failure a sticky one.
     */
    public void failed(final GpuException failure) {
        error = failure;
        DriverCall.lost();
        pools.abandon();
    }

    /**
     * Whether nothing works on it any more for this process; one that is too hot, for instance, does work. Any thread.
     *
     * @return true after {@link #failed}.
     */
    public boolean isLost() {
        return error != null;
    }

    @Override
    public String id() {
        return info.uuid();
    }

    @Override
    public String description() {
        return String.format(
                Locale.ROOT, "%s, %.1f GiB, %s", info.name(), info.memoryBytes() / (double) (1L << 30), pools.words());
    }

    @Override
    public long memoryBytes() {
        return info.memoryBytes();
    }

    /** What the worker may still take of the device. */
    @Override
    public long freeBytes() {
        return Math.max(0, memory.limitBytes() - memory.usedBytes());
    }

    @Override
    public int computeUnits() {
        return info.multiprocessors();
    }

    /**
     * Sets who watches its instruments; what was noted by {@link #failed} outweighs that.
     *
     * @param source closed with the device.
     */
    public void watchedBy(final HealthSource source) {
        watcher = source;
    }

    /** What slows it is told too, and is no fault of the device. */
    @Override
    public DeviceHealth health() {
        final GpuException failure = error;
        if (failure != null) {
            return new DeviceHealth(DeviceHealth.State.FAILED, failure.getMessage());
        }
        final DeviceHealth health = watcher.health();
        final String staging = pools.staging();
        return staging.isEmpty()
                ? health
                : new DeviceHealth(health.state(), health.text().isEmpty() ? staging : health.text() + "; " + staging);
    }

    @Override
    public DeviceFigures figures() {
        return watcher.figures();
    }

    @Override
    public void tidy() {
        if (error != null) {
            return;
        }
        pools.takeBack();
        final long nowNs = System.nanoTime();
        if (nowNs - shrinkNs > SHRINK_PERIOD_NS && ring.claimed() == 0) {
            shrinkNs = nowNs;
            ring.shrink();
        }
    }

    /** Until its context is gone, and that of a GPU which is lost goes with the process only. */
    @Override
    public boolean mayStillRead() {
        return !isContextGone;
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        watcher.close();
        try {
            if (error == null) {
                ring.close();
                pools.close();
                memory.close();
                driver.close();
                isContextGone = true;
            }
        } catch (final GpuException ex) {
            error = ex;
            DriverCall.lost();
        } finally {
            pools.abandon();
        }
    }

    @Override
    public String toString() {
        return description();
    }
}
