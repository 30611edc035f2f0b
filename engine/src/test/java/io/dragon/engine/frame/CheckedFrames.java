package io.dragon.engine.frame;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/** Frames that tell whether they are torn or somebody else's: payload from step and pool, CRC32C in the metadata. */
final class CheckedFrames {
    static final int MAX_LENGTH = 32_768;

    private static final int HEAD = 16;

    private final SplittableRandom random;
    private final CRC32C crc = new CRC32C();
    private long step;

    CheckedFrames(final long seed) {
        random = new SplittableRandom(seed);
    }

    int nextLength() {
        return HEAD + random.nextInt(MAX_LENGTH - HEAD);
    }

    boolean nextBoolean() {
        return random.nextBoolean();
    }

    int nextInt(final int bound) {
        return random.nextInt(bound);
    }

    void fill(final FrameClaim claim, final long poolId) {
        final ByteBuffer payload = claim.byteBuffer();
        payload.putLong(0, ++step).putLong(8, poolId);
        final long pattern = random.nextLong();
        for (int i = HEAD; i + Long.BYTES <= payload.limit(); i += Long.BYTES) {
            payload.putLong(i, pattern + i);
        }
        crc.reset();
        crc.update(payload);
        claim.metadata().putLong(0, crc.getValue());
        claim.metadataLength(Long.BYTES).step(step);
    }

    /** What is wrong with a frame, or null. */
    String fault(final FrameLease lease, final FrameRef ref) {
        final ByteBuffer payload = lease.byteBuffer();
        if (payload.getLong(0) != lease.step() || payload.getLong(8) != ref.poolId()) {
            return "foreign frame " + payload.getLong(0) + " in the place of " + lease.step() + " at " + ref;
        }
        crc.reset();
        crc.update(payload);
        return crc.getValue() == lease.metadata().getLong(0) ? null : "torn frame " + lease.step() + " at " + ref;
    }
}
