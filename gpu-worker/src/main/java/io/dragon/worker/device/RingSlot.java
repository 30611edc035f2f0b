package io.dragon.worker.device;

import io.dragon.engine.frame.FrameLease;

/**
 * One buffer of a {@link DeviceRing}: the input of one task on its way through the GPU. Compute thread only.
 *
 * <pre>
 *   claim -&gt; copyIn* -&gt; copiedIn -&gt; (kernels and copies of results on {@link GpuStream#COMPUTE}) -&gt; computed -&gt; release
 *   copy stream:     copy n | copy n+1 | copy n+2 | ...
 *   compute stream:           kernels n | kernels n+1 | ...
 * </pre>
 *
 * The frames that are copied must stay leased until {@link #isCopiedIn}.
 */
public final class RingSlot {
    private static final long MOST_BETWEEN_NS = 1_000_000_000L;

    private final DeviceRing ring;
    private final GpuDriver driver;
    private final DeviceBuffer input;
    private final PinnedBuffer parameters;
    private final PinnedBuffer results;
    private final long copied;
    private final long computed;
    private boolean isClaimed;
    private boolean isAllCopied;
    private boolean isAllComputed;
    private boolean isAwaited;
    private long askedNs;
    private long awaitedNs;

    RingSlot(final DeviceRing ring, final GpuDriver driver, final DeviceMemory memory) {
        this.ring = ring;
        this.driver = driver;
        this.input = new DeviceBuffer(memory);
        this.parameters = new PinnedBuffer(driver);
        this.results = new PinnedBuffer(driver);
        this.copied = driver.newEvent(false);
        this.computed = driver.newEvent(false);
    }

    /**
     * The input on the device.
     *
     * @return its address there, a multiple of 256.
     */
    public long address() {
        return input.address();
    }

    /**
     * Pinned memory for what goes to the device beside the frames: tables, parameters. Written before it is copied, not
     * changed before {@link #isCopiedIn}; kept for the next task in this slot.
     *
     * @return the buffer.
     */
    public PinnedBuffer parameters() {
        return parameters;
    }

    /**
     * Pinned memory for what comes back: read when {@link #isComputed}; kept for the next task in this slot.
     *
     * @return the buffer.
     */
    public PinnedBuffer results() {
        return results;
    }

    /**
     * Queues the copy of a frame, from its slot in shared memory where that is pinned, else through pinned memory.
     *
     * @param at    where in the input, bytes.
     * @param frame held until {@link #isCopiedIn}.
     */
    public void copyIn(final long at, final FrameLease frame) {
        checkClaimed();
        checkRoom(at, frame.buffer().capacity());
        isAllCopied = false;
        ring.pools().copy(input.address() + at, frame, 0, frame.buffer().capacity());
    }

    /**
     * Queues a copy from pinned memory of this process.
     *
     * @param at    where in the input, bytes.
     * @param host  for instance within {@link #parameters}.
     * @param bytes how much.
     */
    public void copyIn(final long at, final long host, final long bytes) {
        checkClaimed();
        checkRoom(at, bytes);
        isAllCopied = false;
        driver.copyToDevice(input.address() + at, host, bytes, GpuStream.COPY);
    }

    /** All of the input is queued: what is queued on {@link GpuStream#COMPUTE} from now on waits for it. */
    public void copiedIn() {
        checkClaimed();
        driver.record(copied, GpuStream.COPY);
        driver.await(GpuStream.COMPUTE, copied);
        isAllCopied = true;
        isAllComputed = false;
    }

    /**
     * Whether the input is on the device, so that the frames it came from can be released; after {@link #copiedIn}.
     *
     * @return true from then on.
     */
    public boolean isCopiedIn() {
        return driver.isDone(copied);
    }

    /** All that this task wants is queued on {@link GpuStream#COMPUTE}, the copies of its results too. */
    public void computed() {
        checkClaimed();
        driver.record(computed, GpuStream.COMPUTE);
        isAllComputed = true;
        isAwaited = false;
    }

    /**
     * Whether the results are there; after {@link #computed}. The GPU's time runs from the first question, so that only the work of the
     * oldest task counts where tasks are asked about in their order; and from question to question no more than a second of it, so that a process or
     * a machine that stood still does not blame the GPU.
     *
     * @return true from then on.
     * @throws GpuException with {@link GpuException#NO_ANSWER} when they do not come in time.
     */
    public boolean isComputed() {
        if (driver.isDone(computed)) {
            return true;
        }
        final long nowNs = ring.nowNs();
        awaitedNs = isAwaited ? awaitedNs + Math.min(MOST_BETWEEN_NS, nowNs - askedNs) : 0;
        isAwaited = true;
        askedNs = nowNs;
        if (awaitedNs > ring.waitLimitNs()) {
            throw GpuException.hung(ring.waitLimitNs());
        }
        return false;
    }

    /**
     * Waits until the results are there; after {@link #computed}.
     *
     * @throws GpuException with {@link GpuException#NO_ANSWER} when they do not come in time.
     */
    public void awaitComputed() {
        driver.synchronize(computed, ring.waitLimitNs());
    }

    /**
     * Gives the slot back to the ring, whatever was queued: waits for it if it is not done. A second call does nothing.
     *
     * @throws GpuException as it comes out of what was queued.
     */
    public void release() {
        if (!isClaimed) {
            return;
        }
        if (!isAllCopied) {
            copiedIn();
        }
        if (!isAllComputed) {
            computed();
        }
        awaitComputed();
        isClaimed = false;
    }

    boolean isClaimed() {
        return isClaimed;
    }

    void claim(final long bytes) {
        input.ensure(bytes);
        isClaimed = true;
        isAllCopied = false;
        isAllComputed = false;
        isAwaited = false;
    }

    /** Gives back what it has not needed for a while; while it is not claimed. */
    void shrink() {
        input.shrink();
        parameters.shrink();
        results.shrink();
    }

    /** Makes room on the device for another slot; true when there was any. */
    boolean giveInput() {
        final boolean hadAny = input.capacity() > 0;
        input.close();
        return hadAny;
    }

    void close() {
        driver.freeEvent(copied);
        driver.freeEvent(computed);
        input.close();
        parameters.close();
        results.close();
    }

    private void checkClaimed() {
        if (!isClaimed) {
            throw new IllegalStateException("the slot of the ring is not claimed");
        }
    }

    private void checkRoom(final long at, final long bytes) {
        if (at < 0 || bytes < 0 || at > input.capacity() - bytes) {
            throw new IndexOutOfBoundsException(
                    bytes + " bytes at " + at + " do not fit into an input of " + input.capacity());
        }
    }
}
