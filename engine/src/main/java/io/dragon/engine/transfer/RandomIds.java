package io.dragon.engine.transfer;

import java.nio.ByteBuffer;
import java.security.SecureRandom;

/** Random numbers that nobody can guess, drawn many at a time: drawing one allocates. One thread. */
final class RandomIds {
    private static final int DRAWN_AT_A_TIME = 128;

    private final SecureRandom random = new SecureRandom();
    private final byte[] drawn = new byte[DRAWN_AT_A_TIME * Long.BYTES];
    private final ByteBuffer left = ByteBuffer.wrap(drawn).limit(0);

    long next() {
        if (!left.hasRemaining()) {
            random.nextBytes(drawn);
            left.clear();
        }
        return left.getLong();
    }
}
