package io.dragon.engine.node;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.LivenessLock;
import java.io.IOException;
import java.nio.file.Path;

/** A worker as the host agent sees it: a lock, a card, a pool. To be killed. */
public final class LockHolder {
    private LockHolder() {}

    /** Arguments: the Dragon directory, the worker's name, its party id, its incarnation. */
    @SuppressWarnings("try")
    public static void main(final String[] args) throws IOException {
        final DragonDirectory directory = DragonDirectory.of(Path.of(args[0])).create();
        final Path lockFile = directory.workerLock(args[1]);
        try (LivenessLock lock = LivenessLock.acquire(lockFile);
                FramePool pool = FramePool.create(new FramePool.Context()
                        .directory(directory)
                        .ownerName(args[1])
                        .slotCount(4)
                        .slotLength(4_096))) {
            new PartyCard(Integer.parseInt(args[2]), Integer.parseInt(args[3])).write(lockFile);
            System.out.println("READY " + Long.toHexString(pool.poolId()));
            while (System.in.read() >= 0) {
                // until the test ends
            }
        }
    }
}
