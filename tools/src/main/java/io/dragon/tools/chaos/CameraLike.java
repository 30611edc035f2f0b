package io.dragon.tools.chaos;

import java.util.SplittableRandom;

/** Bytes that LZ4 makes half as long, as it does a camera's picture of a still scene: noise here and there over what was seen before. */
final class CameraLike {
    private static final int BLOCK = 32;
    private static final int NOISE = 12;
    private static final int PERIOD = 4_096;

    private CameraLike() {}

    /** Fills a buffer. */
    static void fill(final byte[] target, final long seed) {
        final SplittableRandom random = new SplittableRandom(seed);
        final byte[] scene = new byte[PERIOD];
        random.nextBytes(scene);
        final byte[] noise = new byte[NOISE];
        for (int at = 0; at < target.length; at += BLOCK) {
            final int length = Math.min(BLOCK, target.length - at);
            System.arraycopy(scene, at % PERIOD, target, at, length);
            random.nextBytes(noise);
            System.arraycopy(noise, 0, target, at, Math.min(NOISE, length));
        }
    }
}
