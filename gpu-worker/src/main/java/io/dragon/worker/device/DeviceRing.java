package io.dragon.worker.device;

import java.util.function.LongSupplier;

/**
 * The inputs of the tasks that are on their way through a GPU: while one is computed the next is copied, and a third is
 * being filled or read out. Compute thread only.
 */
public final class DeviceRing implements AutoCloseable {
    /** Slots of a ring. */
    public static final int SLOTS = 3;

    private final PinnedPools pools;
    private final RingSlot[] slots = new RingSlot[SLOTS];
    private final long waitLimitNs;
    private final LongSupplier clock;
    private int next;

    DeviceRing(
            final GpuDriver driver,
            final DeviceMemory memory,
            final PinnedPools pools,
            final long waitLimitNs,
            final LongSupplier clock) {
        this.pools = pools;
        this.waitLimitNs = waitLimitNs;
        this.clock = clock;
        for (int i = 0; i < SLOTS; i++) {
            slots[i] = new RingSlot(this, driver, memory);
        }
    }

    /**
     * Takes the next slot.
     *
     * @param bytes of input.
     * @return a slot, to be released; null when the next one is still in use: tasks leave in the order in which they came.
     * @throws GpuException with {@link GpuException#OUT_OF_MEMORY} when the input does not fit.
     */
    public RingSlot claim(final long bytes) {
        final RingSlot slot = slots[next];
        if (slot.isClaimed()) {
            return null;
        }
        try {
            slot.claim(bytes);
        } catch (final GpuException ex) {
            if (!ex.isOutOfMemory() || !giveUnclaimed()) {
                throw ex;
            }
            slot.claim(bytes);
        }
        next = (next + 1) % SLOTS;
        return slot;
    }

    /**
     * Slots that are in use.
     *
     * @return 0 to {@link #SLOTS}.
     */
    public int claimed() {
        int count = 0;
        for (final RingSlot slot : slots) {
            if (slot.isClaimed()) {
                count++;
            }
        }
        return count;
    }

    /** What the others have kept of larger tasks before. */
    private boolean giveUnclaimed() {
        boolean isAny = false;
        for (final RingSlot slot : slots) {
            isAny |= !slot.isClaimed() && slot.giveInput();
        }
        return isAny;
    }

    /** Gives back what was not needed since the last call; while no slot is claimed. */
    void shrink() {
        for (final RingSlot slot : slots) {
            slot.shrink();
        }
    }

    PinnedPools pools() {
        return pools;
    }

    long waitLimitNs() {
        return waitLimitNs;
    }

    long nowNs() {
        return clock.getAsLong();
    }

    /** Waits for what is queued, and gives all of it back. */
    @Override
    public void close() {
        for (final RingSlot slot : slots) {
            slot.release();
        }
        for (final RingSlot slot : slots) {
            slot.close();
        }
    }
}
