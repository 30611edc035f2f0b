package io.dragon.engine.transfer;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.FullPolicy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import org.agrona.collections.Object2ObjectHashMap;

/**
 * The pools of this host into which frames of others come: one or more for each size of slot, as frames need them, within a limit of memory. A frame
 * stays until its slot is needed: the oldest that nobody reads makes room. Pools are made on another thread, since filling them with zeros takes
 * long; everything else belongs to the agent's.
 */
final class ReceivePools implements FetchTarget, AutoCloseable {
    private static final long SMALLEST_SLOT = 64 * 1024;
    private static final int PARTS_OF_A_DOUBLING = 4;
    private static final int WIDEST = 4;
    private static final long USUAL_POOL = 64L << 20;
    private static final int MOST_SLOTS = 64;
    private static final int USUAL_METADATA = 4096;
    private static final int PAGE = 4096;
    private static final long YOUNG_NS = 5_000_000_000L;
    private static final long RETRY_NS = 1_000_000_000;
    private static final long SWEEP_NS = 250_000_000;

    private final TransferContext ctx;
    private final ArrayList<ReceivePool> pools = new ArrayList<>();
    private final Object2ObjectHashMap<FrameRef, CachedFrame> cache = new Object2ObjectHashMap<>();
    private final ArrayDeque<CachedFrame> spare = new ArrayDeque<>();
    private final Making<FramePool> making = new Making<>(FramePool.class, FramePool::deleteNow);
    private long takenBytes;
    private int claimedSlots;
    private long makingBytes;
    private long retryNs;
    private long sweptNs;
    private String trouble;
    private boolean isNeeded;

    ReceivePools(final TransferContext ctx) {
        this.ctx = ctx;
        retryNs = ctx.nanoClock().nanoTime();
        sweptNs = retryNs;
    }

    static void inThreadOfItsOwn(final Runnable task) {
        final Thread thread = new Thread(task, "transfer-pools");
        thread.setDaemon(true);
        thread.start();
    }

    /** A frame of another host that is here. */
    private static final class CachedFrame {
        final FrameRef origin = new FrameRef();
        final FrameRef local = new FrameRef();
        long arrivedNs;
    }

    /** A pool and what is in its slots. */
    private static final class ReceivePool {
        final FramePool pool;
        final int metadataLength;
        final long bytes;
        final CachedFrame[] frames;
        int claims;
        long usedNs;

        ReceivePool(final FramePool pool, final int metadataLength, final long bytes) {
            this.pool = pool;
            this.metadataLength = metadataLength;
            this.bytes = bytes;
            frames = new CachedFrame[pool.slotCount()];
        }
    }

    /** The slot length for a frame: at most a quarter longer than it must be. */
    static long slotLengthFor(final int length) {
        if (length <= SMALLEST_SLOT) {
            return SMALLEST_SLOT;
        }
        final long step =
                Math.max(SMALLEST_SLOT / PARTS_OF_A_DOUBLING, Long.highestOneBit(length - 1) / PARTS_OF_A_DOUBLING);
        return (length + step - 1) / step * step;
    }

    /** Where a frame of another host lies here; false when it is not here. */
    boolean find(final FrameRef origin, final FrameRef local) {
        final CachedFrame frame = cache.get(origin);
        if (frame == null) {
            return false;
        }
        local.set(frame.local);
        return true;
    }

    @Override
    public int claim(
            final FrameClaim claim,
            final FrameRef origin,
            final int length,
            final int metadataLength,
            final long nowNs) {
        final long slotLength = slotLengthFor(length);
        if (slotLength + ChunkGrid.LONGEST_METADATA > ctx.receiveMemory()) {
            return NEVER;
        }
        final int fitting = claim(claim, length, metadataLength, WIDEST * slotLength, nowNs);
        if (fitting >= 0) {
            return fitting;
        }
        grow(slotLength, metadataLength, true, nowNs);
        if (makingBytes != 0) {
            return SOON;
        }
        // Rather waste a slot that is much too wide than have no room.
        final int wide = claim(claim, length, metadataLength, Long.MAX_VALUE, nowNs);
        return wide >= 0 ? wide : claimedSlots > 0 ? SOON : LATER;
    }

    private int claim(
            final FrameClaim claim, final int length, final int metadataLength, final long widest, final long nowNs) {
        for (int i = 0; i < pools.size(); i++) {
            final ReceivePool candidate = pools.get(i);
            if (candidate.pool.slotLength() >= length
                    && candidate.pool.slotLength() <= widest
                    && candidate.metadataLength >= metadataLength) {
                final int slot = candidate.pool.tryClaim(claim, length);
                if (slot >= 0) {
                    take(candidate, slot, slotLengthFor(length), nowNs);
                    return slot;
                }
            }
        }
        return LATER;
    }

    private void take(final ReceivePool from, final int slot, final long slotLength, final long nowNs) {
        from.claims++;
        claimedSlots++;
        from.usedNs = nowNs;
        final CachedFrame old = from.frames[slot];
        if (old != null) {
            from.frames[slot] = null;
            forget(old);
            spare.add(old);
            // What came just now is soon asked for by others: rather take more memory than bring it again.
            if (nowNs - old.arrivedNs < YOUNG_NS && takenBytes + makingBytes + slotLength <= ctx.receiveMemory()) {
                grow(slotLength, from.metadataLength, false, nowNs);
            }
        }
    }

    private void forget(final CachedFrame frame) {
        if (cache.get(frame.origin) == frame) {
            cache.remove(frame.origin);
        }
    }

    @Override
    public void abort(final FrameClaim claim) {
        final long poolId = claim.poolId();
        claim.abort();
        pool(poolId).claims--;
        claimedSlots--;
    }

    private ReceivePool pool(final long poolId) {
        for (int i = 0; i < pools.size(); i++) {
            if (pools.get(i).pool.poolId() == poolId) {
                return pools.get(i);
            }
        }
        throw new IllegalStateException("no receive pool " + Long.toHexString(poolId));
    }

    @Override
    public boolean publish(final FrameClaim claim, final FrameRef origin, final FrameRef local, final long nowNs) {
        claim.publish(local, false);
        final ReceivePool in = pool(local.poolId());
        in.claims--;
        claimedSlots--;
        in.usedNs = nowNs;
        final CachedFrame frame = spare.isEmpty() ? new CachedFrame() : spare.poll();
        frame.origin.set(origin);
        frame.local.set(local);
        frame.arrivedNs = nowNs;
        in.frames[local.slot()] = frame;
        // A map keeps the key that it had: it must be the one of this entry, because the former's is used again.
        cache.remove(origin);
        cache.put(frame.origin, frame);
        return true;
    }

    @Override
    public String refusal(final int length) {
        if (trouble != null) {
            return trouble;
        }
        return "This host has no room for a frame of " + length + " bytes: its receive pools may take "
                + ctx.receiveMemory()
                + " bytes (transfer.receive_memory), and what is in them is being read or on its way.";
    }

    /** Has a pool made, if memory allows; where it is needed, makes room for it by removing those that are of no use now. */
    private void grow(final long slotLength, final int metadataLength, final boolean needed, final long nowNs) {
        if (makingBytes != 0 || nowNs - retryNs < 0 || making.isClosed()) {
            return;
        }
        final int metadata = metadataLength <= USUAL_METADATA ? USUAL_METADATA : ChunkGrid.LONGEST_METADATA;
        final long stride = (slotLength + PAGE - 1) / PAGE * PAGE + metadata;
        final long usual = Math.min(USUAL_POOL, ctx.receiveMemory() / 4);
        final long wanted = Math.max(2, Math.min(MOST_SLOTS, usual / stride)) * stride;
        while (needed && takenBytes + wanted > ctx.receiveMemory() && removeIdle()) {
            // One after the other, as many as it takes.
            trouble = null;
        }
        final int slots = (int) (Math.min(wanted, ctx.receiveMemory() - takenBytes) / stride);
        if (slots >= 1) {
            makingBytes = slots * stride;
            isNeeded = needed;
            ctx.poolMaker().execute(() -> make(slotLength, metadata, slots));
        }
    }

    private boolean removeIdle() {
        ReceivePool oldest = null;
        for (int i = 0; i < pools.size(); i++) {
            final ReceivePool candidate = pools.get(i);
            if (candidate.claims == 0
                    && (oldest == null || candidate.usedNs - oldest.usedNs < 0)
                    && !candidate.pool.isInUse()) {
                oldest = candidate;
            }
        }
        if (oldest == null) {
            return false;
        }
        pools.remove(oldest);
        takenBytes -= oldest.bytes;
        for (final CachedFrame frame : oldest.frames) {
            if (frame != null) {
                forget(frame);
            }
        }
        oldest.pool.deleteNow();
        return true;
    }

    /** A pool, or why there is none. The thread that makes it. */
    void onMade(final Object result) {
        making.made(result);
    }

    private void make(final long slotLength, final int metadata, final int slots) {
        try {
            onMade(FramePool.create(new FramePool.Context()
                    .directory(ctx.directory())
                    .ownerName("received")
                    .copies(true)
                    .slotCount(slots)
                    .slotLength(slotLength)
                    .metadataLength(metadata)
                    .fullPolicy(FullPolicy.OVERWRITE_OLDEST)));
        } catch (final DragonException e) {
            onMade(e);
        } catch (final RuntimeException e) {
            onMade(new DragonException(DragonException.FAILED, "A receive pool could not be made: " + e + ".", e));
        }
    }

    int doWork(final long nowNs) {
        final Object result = makingBytes == 0 ? null : making.take();
        if (result instanceof FramePool pool) {
            add(pool, nowNs);
        } else if (result instanceof DragonException fault) {
            makingBytes = 0;
            // The host's memory may be less than what is allowed here: then what nobody reads makes room for what is
            // needed.
            retryNs = isNeeded && removeIdle() ? nowNs : nowNs + RETRY_NS;
            trouble = fault.getMessage();
            ctx.errorHandler().onError(fault);
        }
        if (nowNs - sweptNs >= SWEEP_NS) {
            sweptNs = nowNs;
            for (int i = 0; i < pools.size(); i++) {
                pools.get(i).pool.sweepDeadReaders();
            }
        }
        return result == null ? 0 : 1;
    }

    private void add(final FramePool pool, final long nowNs) {
        final long stride = makingBytes / pool.slotCount();
        final int metadata = (int) (stride - (pool.slotLength() + PAGE - 1) / PAGE * PAGE);
        final ReceivePool added = new ReceivePool(pool, metadata, makingBytes);
        added.usedNs = nowNs;
        takenBytes += makingBytes;
        makingBytes = 0;
        trouble = null;
        int at = 0;
        while (at < pools.size() && pools.get(at).pool.slotLength() <= pool.slotLength()) {
            at++;
        }
        pools.add(at, added);
    }

    long takenBytes() {
        return takenBytes;
    }

    int poolCount() {
        return pools.size();
    }

    @Override
    public void close() {
        for (final ReceivePool closing : pools) {
            closing.pool.close();
        }
        pools.clear();
        cache.clear();
        making.close();
    }
}
