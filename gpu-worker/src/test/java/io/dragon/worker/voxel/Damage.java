package io.dragon.worker.voxel;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;

/** Damages an encoding in thousands of ways; a decoder may take what comes, or refuse it in words, and nothing else. */
final class Damage {
    private static final int TRIALS = 20_000;

    private Damage() {}

    interface Decoder {
        void decode(UnsafeBuffer buffer, int length);
    }

    static void inflict(final UnsafeBuffer good, final Decoder decoder) {
        final Random random = new Random(17);
        for (int trial = 0; trial < TRIALS; trial++) {
            // A buffer of exactly the length there is: reading beyond it would throw what is not allowed below.
            final int length = random.nextInt(3) == 0 ? random.nextInt(good.capacity()) : good.capacity();
            final UnsafeBuffer bad = new UnsafeBuffer(new byte[length]);
            bad.putBytes(0, good, 0, length);
            for (int i = random.nextInt(4); i > 0 && length > 0; i--) {
                final int at = random.nextInt(random.nextBoolean() ? Math.min(length, 64) : length);
                bad.putByte(at, (byte) random.nextInt());
            }
            decode(bad, length, decoder);
        }
    }

    static void decode(final UnsafeBuffer buffer, final int length, final Decoder decoder) {
        try {
            decoder.decode(buffer, length);
        } catch (final IllegalArgumentException e) {
            if (e.getMessage() == null || e.getMessage().isBlank()) {
                fail("refused without words", e);
            }
        }
    }
}
