package io.dragon.engine.frame;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;

/**
 * Reads the frames of one pool directly, without scheduling: the producer puts a descriptor of each frame into a ring
 * that this subscriber has in the pool. One thread.
 */
public final class FrameSubscriber implements AutoCloseable {
    private final AttachedPool pool;
    private final String holderName;
    private final FrameRef ref = new FrameRef();
    private final FrameLease lease = new FrameLease(true);
    private DescriptorRing ring;
    private long position;
    private FrameHandler handler;
    private Thread thread;
    private long stale;
    private long missedAtEnd;
    private int delivered;
    private boolean polling;
    private boolean closed;

    FrameSubscriber(final AttachedPool pool, final String holderName) {
        this.pool = pool;
        this.holderName = holderName;
    }

    /**
     * Attaches to a pool; frames published from now on are seen.
     *
     * @param dir of Dragon
     * @param poolId of the pool
     * @param holderName who reads, for people who look
     * @return the subscriber
     * @throws DragonException when there is no such pool, or its rows are all taken, in words
     */
    public static FrameSubscriber attach(final DragonDirectory dir, final long poolId, final String holderName) {
        return attach(dir, poolId, holderName, Steps.NONE);
    }

    static FrameSubscriber attach(
            final DragonDirectory dir, final long poolId, final String holderName, final Steps steps) {
        try {
            return new FrameSubscriber(
                    AttachedPool.attach(dir, poolId, ReaderRows.SUBSCRIBING, holderName, steps), holderName);
        } catch (final AttachedPool.Refused e) {
            throw new DragonException(e.getMessage());
        }
    }

    /**
     * Hands frames to a handler, oldest first; each is leased for the length of the call, and to release it before has no effect. The handler
     * may close this subscriber, but not poll it.
     *
     * @param handler of frames
     * @param limit of frames
     * @return the number of frames handed over
     */
    public int poll(final FrameHandler handler, final int limit) {
        checkThread();
        if (polling) {
            throw new IllegalStateException("a handler of the frame subscriber " + holderName + " polls it again");
        }
        if (!isSubscribed()) {
            return 0;
        }
        this.handler = handler;
        delivered = 0;
        polling = true;
        try {
            read(limit);
        } finally {
            polling = false;
            if (closed) {
                detach();
            }
        }
        return delivered;
    }

    private void read(final int limit) {
        final DescriptorRing descriptors = ring;
        // Descriptors of frames that are gone are read, but not delivered; no ring holds more than its length of them.
        final long end = position + descriptors.capacity();
        while (delivered < limit && position < end && !closed && descriptors.isThere(position)) {
            try {
                deliver(descriptors.get(position, pool.file.poolId, ref));
            } finally {
                position++;
                descriptors.readTo(position);
            }
        }
    }

    private void deliver(final boolean kept) {
        if ((kept ? pool.lend(ref, lease) : pool.acquire(ref, lease)) != 0) {
            stale++;
            return;
        }
        delivered++;
        try {
            handler.onFrame(lease);
        } finally {
            lease.end();
        }
    }

    private boolean isSubscribed() {
        if (ring == null && !closed) {
            if (ReaderRows.kind(ReaderRows.state(pool.file, pool.row)) == ReaderRows.SUBSCRIBED) {
                ring = new DescriptorRing(pool.file, pool.row);
                position = ring.readTo();
            }
        }
        return ring != null;
    }

    private void checkThread() {
        final Thread current = Thread.currentThread();
        if (thread != current) {
            if (thread != null) {
                throw new IllegalStateException("the frame subscriber " + holderName + " belongs to thread "
                        + thread.getName() + ", not to " + current.getName());
            }
            thread = current;
        }
    }

    /**
     * The longest payload of the pool.
     *
     * @return bytes
     */
    public long slotLength() {
        return pool.file.layout.slotLength;
    }

    /**
     * The longest metadata of the pool.
     *
     * @return bytes
     */
    public int metadataLength() {
        return pool.file.layout.metadataLength;
    }

    /**
     * Frames this subscriber was too slow for.
     *
     * @return frames since it attached
     */
    public long missed() {
        return closed ? missedAtEnd : stale + missedByRing();
    }

    /**
     * Whether the pool will bring no more frames.
     *
     * @return true once it is sealed
     */
    public boolean isSealed() {
        return closed || pool.file.isSealed();
    }

    /** Detaches from the pool. The thread that polls, or any once that has ended. */
    @Override
    public void close() {
        AttachedPool.checkMayDetach(thread, "the frame subscriber " + holderName);
        if (!closed) {
            missedAtEnd = stale + missedByRing();
            closed = true;
            if (!polling) {
                detach();
            }
        }
    }

    /** Not before the ring was left: it lies in the memory that is unmapped. */
    private void detach() {
        ring = null;
        pool.close();
    }

    private long missedByRing() {
        return isSubscribed()
                ? pool.file.header.getLongVolatile(PoolLayout.row(pool.row) + PoolLayout.ROW_MISSED_OFFSET)
                : 0;
    }
}
