package io.dragon.engine.frame;

import io.dragon.engine.config.DragonDirectory;

/**
 * Pools of one owner whose frames differ in length: a frame takes the smallest slot that holds it. Pools are added and claimed from by the one
 * producer thread; frames are released and dead readers swept by any.
 */
public final class PoolSet implements AutoCloseable {
    private static final FramePool[] NONE = {};
    /** The largest number of slots that {@link #slotCountFor} gives. */
    public static final int MAX_SLOTS = 64;

    private static final int MIN_SLOTS = 2;
    private static final long MIN_SLOT_LENGTH = 64 * 1024;
    private static final long LONGEST_SLOT = PoolLayout.longestSlot(FramePool.Context.METADATA_LENGTH);

    private final DragonDirectory directory;
    private final String ownerName;
    private volatile FramePool[] pools = NONE;

    /**
     * An owner without any pool yet.
     *
     * @param directory where the pools lie.
     * @param ownerName name of the owner, for people.
     */
    public PoolSet(final DragonDirectory directory, final String ownerName) {
        this.directory = directory;
        this.ownerName = ownerName;
    }

    /**
     * Adds a pool. Producer thread only.
     *
     * @param slotCount  number of slots.
     * @param slotLength longest payload in bytes.
     * @return the pool, to be registered before any of its frames is named.
     */
    public FramePool add(final int slotCount, final long slotLength) {
        final FramePool pool = FramePool.create(new FramePool.Context()
                .directory(directory)
                .ownerName(ownerName)
                .slotCount(slotCount)
                .slotLength(slotLength)
                .fullPolicy(FullPolicy.WAIT));
        final FramePool[] old = pools;
        final FramePool[] grown = new FramePool[old.length + 1];
        int i = 0;
        while (i < old.length && old[i].slotLength() <= slotLength) {
            grown[i] = old[i];
            i++;
        }
        grown[i] = pool;
        System.arraycopy(old, i, grown, i + 1, old.length - i);
        pools = grown;
        return pool;
    }

    /**
     * The slot length of a pool made for frames of a length: the next power of two, or the longest slot
     * there can be where that is less.
     *
     * @param length of the longest frame, bytes.
     * @return bytes.
     */
    public static long slotLengthFor(final long length) {
        long slotLength = MIN_SLOT_LENGTH;
        while (slotLength < length && slotLength < LONGEST_SLOT) {
            slotLength <<= 1;
        }
        return Math.min(slotLength, LONGEST_SLOT);
    }

    /**
     * How many slots of a length a number of bytes is good for.
     *
     * @param slotLength bytes of one slot.
     * @param poolBytes  bytes the pool should have.
     * @return 2 to 64.
     */
    public static int slotCountFor(final long slotLength, final long poolBytes) {
        return (int) Math.max(MIN_SLOTS, Math.min(MAX_SLOTS, poolBytes / slotLength));
    }

    /**
     * Longest payload that fits any of the pools.
     *
     * @return bytes; 0 without pools.
     */
    public long longestSlot() {
        final FramePool[] now = pools;
        return now.length == 0 ? 0 : now[now.length - 1].slotLength();
    }

    /**
     * Claims a slot in the first pool that holds the length and has one free. Producer thread only.
     *
     * @param claim  filled in.
     * @param length bytes of payload.
     * @return slot index, or a negative code of {@link FramePool}.
     */
    public int tryClaim(final FrameClaim claim, final int length) {
        int result = FramePool.TOO_LARGE;
        for (final FramePool pool : pools) {
            if (pool.slotLength() >= length) {
                result = pool.tryClaim(claim, length);
                if (result >= 0) {
                    break;
                }
            }
        }
        return result;
    }

    /**
     * Clears the hold on a frame. Any thread.
     *
     * @param frame one of these pools' frames.
     * @return false when it is not held, or not of these pools.
     */
    public boolean release(final FrameRef frame) {
        for (final FramePool pool : pools) {
            if (pool.poolId() == frame.poolId()) {
                return pool.release(frame);
            }
        }
        return false;
    }

    /**
     * Frees what dead readers held. Any thread, but one at a time.
     *
     * @return number of readers swept.
     */
    public int sweepDeadReaders() {
        int swept = 0;
        for (final FramePool pool : pools) {
            swept += pool.sweepDeadReaders();
        }
        return swept;
    }

    /**
     * The pools, smallest slots first.
     *
     * @return a copy.
     */
    public FramePool[] pools() {
        return pools.clone();
    }

    /** Closes every pool; what is still held or read stays for the node agent. */
    @Override
    public void close() {
        final FramePool[] old = pools;
        pools = NONE;
        for (final FramePool pool : old) {
            pool.close();
        }
    }
}
