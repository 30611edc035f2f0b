package io.dragon.engine.frame;

import io.dragon.engine.config.DragonDirectory;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Takes leases on frames of any number of pools, one reader row in each; pools stay attached. One thread, the first
 * that acquires; leases may be released by any.
 */
public final class FrameReader implements AutoCloseable {
    /** Another frame is in the slot. */
    public static final int STALE = -1;

    /** There is no pool with this id on this host, or its file is not a pool of this layout. */
    public static final int NO_SUCH_POOL = -2;

    /** Every reader row of the pool is taken. */
    public static final int READERS_FULL = -3;

    /** The frame is not there any more, and its pool is sealed. */
    public static final int SEALED = -4;

    /** The frame is shorter than its reference says, or its header makes no sense. */
    public static final int TOO_SHORT = -5;

    private final DragonDirectory directory;
    private final String holderName;

    /** Made once: every duty cycle says it to who checks its thread. */
    private final String inWords;

    private final Steps steps;
    private final Long2ObjectHashMap<AttachedPool> pools = new Long2ObjectHashMap<>();
    private AttachedPool last;
    private Thread thread;
    private String refusal;
    private boolean closed;

    /**
     * A reader that has attached nothing yet.
     *
     * @param directory of Dragon
     * @param holderName who reads, for people who look
     */
    public FrameReader(final DragonDirectory directory, final String holderName) {
        this(directory, holderName, Steps.NONE);
    }

    FrameReader(final DragonDirectory directory, final String holderName, final Steps steps) {
        this.directory = directory;
        this.holderName = holderName;
        inWords = "the frame reader of " + holderName;
        this.steps = steps;
    }

    /**
     * Leases a frame. Allocates nothing once its pool is attached. A reader may lease a frame several times.
     *
     * @param ref of the frame
     * @param lease filled in; must not be held
     * @return 0, or {@link #STALE}, {@link #NO_SUCH_POOL}, {@link #READERS_FULL}, {@link #SEALED}, {@link #TOO_SHORT}
     */
    public int acquire(final FrameRef ref, final FrameLease lease) {
        checkThread();
        if (closed) {
            throw new IllegalStateException(inWords + " is closed");
        }
        lease.checkEnded();
        if (ref.isNull()) {
            return STALE;
        }
        AttachedPool pool = last;
        if (pool == null || pool.file.poolId != ref.poolId()) {
            pool = pools.get(ref.poolId());
            if (pool == null) {
                try {
                    pool = AttachedPool.attach(directory, ref.poolId(), ReaderRows.READER, holderName, steps);
                } catch (final AttachedPool.Refused e) {
                    refusal = e.getMessage();
                    return e.code;
                }
                pools.put(ref.poolId(), pool);
            }
            last = pool;
        }
        return pool.acquire(ref, lease);
    }

    /**
     * Lets another thread acquire from here on. What hands the reader over has to order the two, as a lock does, or a turn that one gives
     * and the other takes.
     */
    public void passOn() {
        thread = null;
    }

    private void checkThread() {
        final Thread current = Thread.currentThread();
        if (thread != current) {
            if (thread != null) {
                throw new IllegalStateException(
                        inWords + " belongs to thread " + thread.getName() + ", not to " + current.getName());
            }
            thread = current;
        }
    }

    /**
     * The last refusal of a pool in words.
     *
     * @return one sentence, or null when no pool was refused
     */
    public String refusal() {
        return refusal;
    }

    /**
     * Detaches pools that are sealed or gone and of which nothing is leased. A part of a duty cycle, not of a hot one.
     *
     * @return the number of pools detached
     */
    public int sweepIdlePools() {
        AttachedPool.checkMayDetach(thread, inWords);
        int detached = 0;
        final Long2ObjectHashMap<AttachedPool>.ValueIterator iterator =
                pools.values().iterator();
        while (iterator.hasNext()) {
            final AttachedPool pool = iterator.next();
            if (pool.file.isSealed() && !pool.hasLeases()) {
                iterator.remove();
                forget(pool);
                detached++;
            }
        }
        return detached;
    }

    AttachedPool attached(final long poolId) {
        return pools.get(poolId);
    }

    private void forget(final AttachedPool pool) {
        if (last == pool) {
            last = null;
        }
        pool.close();
    }

    /**
     * Detaches every pool; one with leases when the last of them is released. The thread that acquires, or any once that
     * has ended.
     */
    @Override
    public void close() {
        AttachedPool.checkMayDetach(thread, inWords);
        closed = true;
        for (final AttachedPool pool : pools.values()) {
            pool.close();
        }
        pools.clear();
        last = null;
    }
}
