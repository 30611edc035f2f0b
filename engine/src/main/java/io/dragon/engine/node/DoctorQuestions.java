package io.dragon.engine.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/**
 * What {@code dragon doctor --peer} of another host asks: a mark, whether it is the answer, a number. It goes back as long as it came, so
 * that a running system answers doctor as {@code doctor --answer} does, and nobody makes more of less with it. One thread.
 */
final class DoctorQuestions {
    static final long MARK = 0x4452474E444F4331L;
    static final int QUESTION = 1;
    static final int ANSWER = 2;

    private static final int KIND_OFFSET = 8;
    private static final int LEAST_BYTES = 24;

    /** Doctor asks each port five times, and three sizes. */
    private static final int PER_SECOND_FROM_ONE = 60;

    private static final int PER_SECOND = 200;

    private final RateLimit allowed = new RateLimit(PER_SECOND, PER_SECOND_FROM_ONE, System.nanoTime());

    /** True for a question, which was answered when there were not too many. */
    boolean answers(final DatagramChannel channel, final ByteBuffer received, final InetSocketAddress source)
            throws IOException {
        final int length = received.position();
        if (length < LEAST_BYTES || received.getLong(0) != MARK || received.getInt(KIND_OFFSET) != QUESTION) {
            return false;
        }
        if (allowed.isAllowed(source.getAddress(), System.nanoTime())) {
            received.putInt(KIND_OFFSET, ANSWER).flip();
            channel.send(received, source);
        }
        return true;
    }
}
