package io.dragon.benchmarks;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;
import java.nio.ByteBuffer;
import java.util.Random;

/** A frame in shared memory, and a slot that takes it: the same for every pump. */
final class PumpMemory implements AutoCloseable {
    private final FramePool sources;
    private final FramePool targets;
    private final FrameReader reader;
    private final FrameLease lease = new FrameLease();
    private final FrameClaim source = new FrameClaim();
    private final FrameClaim target = new FrameClaim();
    private final FrameRef ref = new FrameRef();

    PumpMemory(final DragonDirectory directory, final int length) {
        sources = pool(directory, "source", length);
        targets = pool(directory, "target", length);
        reader = new FrameReader(directory, "pump");
        sources.tryClaim(source, length);
        fill(source.byteBuffer());
        source.publish(ref, true);
        reader.acquire(ref, lease);
        targets.tryClaim(target, length);
    }

    private static FramePool pool(final DragonDirectory directory, final String name, final int length) {
        return FramePool.create(new FramePool.Context()
                .directory(directory)
                .ownerName(name)
                .slotCount(1)
                .slotLength(length));
    }

    private static void fill(final ByteBuffer buffer) {
        final Random random = new Random(5);
        while (buffer.remaining() >= Long.BYTES) {
            buffer.putLong(random.nextLong());
        }
    }

    FrameLease lease() {
        return lease;
    }

    ByteBuffer source() {
        return lease.byteBuffer();
    }

    ByteBuffer target() {
        return target.byteBuffer();
    }

    @Override
    public void close() {
        target.abort();
        lease.release();
        reader.close();
        targets.deleteNow();
        sources.deleteNow();
    }
}
