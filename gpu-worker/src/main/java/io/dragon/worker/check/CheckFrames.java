package io.dragon.worker.check;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.FullPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.MutableDirectBuffer;

/** Frames in pools in shared memory, as cameras write them, leased as workers lease them; gone when it is closed. One thread. */
final class CheckFrames implements AutoCloseable {
    private static final String OWNER = "gpu-check";

    private final DragonDirectory directory;
    private final FrameReader reader;
    private final FrameClaim claim = new FrameClaim();
    private final List<FramePool> pools = new ArrayList<>();
    private final List<FrameLease> leases = new ArrayList<>();

    CheckFrames(final DragonDirectory directory) {
        this.directory = directory;
        this.reader = new FrameReader(directory, OWNER);
    }

    /** A pool of its own for what belongs together. */
    FramePool pool(final int slots, final long slotLength) {
        final FramePool pool = FramePool.create(new FramePool.Context()
                .directory(directory)
                .ownerName(OWNER)
                .slotCount(slots)
                .slotLength(Math.max(64, slotLength))
                .fullPolicy(FullPolicy.BACK_PRESSURED));
        pools.add(pool);
        return pool;
    }

    /** Publishes a frame, and leases it until this is closed. */
    FrameLease put(
            final FramePool pool,
            final FrameFormat format,
            final int width,
            final int height,
            final long step,
            final int length,
            final Consumer<MutableDirectBuffer> filler) {
        final int slot = pool.tryClaim(claim, length);
        if (slot < 0) {
            throw new DragonException("A frame of " + length + " bytes finds no slot in its pool (code " + slot + ").");
        }
        filler.accept(claim.buffer());
        claim.format(format).width(width).height(height).camera(0).step(step);
        final FrameRef ref = new FrameRef();
        claim.publish(ref, true);
        final FrameLease lease = new FrameLease();
        final int code = reader.acquire(ref, lease);
        if (code != 0) {
            throw new DragonException("A frame that was just published cannot be leased (code " + code + ").");
        }
        leases.add(lease);
        return lease;
    }

    @Override
    public void close() {
        leases.forEach(FrameLease::release);
        leases.clear();
        reader.close();
        pools.forEach(FramePool::deleteNow);
        pools.clear();
    }
}
