package io.dragon.tools.doctor;

import java.nio.ByteBuffer;

/**
 * The packet that doctor sends and another doctor sends back: a mark, whether it is the answer, a number. The answer is as long as the
 * question, so that nobody can make more of less with it.
 */
final class EchoPacket {
    /** The shortest. */
    static final int LEAST_BYTES = 24;

    /** The longest that a UDP datagram carries. */
    static final int MOST_BYTES = 65_507;

    private static final long MARK = 0x4452474E444F4331L; // DRGNDOC1
    private static final int QUESTION = 1;
    private static final int ANSWER = 2;
    private static final int KIND_OFFSET = 8;
    private static final int NUMBER_OFFSET = 16;

    private EchoPacket() {}

    static ByteBuffer question(final long number, final int bytes) {
        final ByteBuffer packet = ByteBuffer.allocate(Math.max(LEAST_BYTES, bytes));
        packet.putLong(0, MARK).putInt(KIND_OFFSET, QUESTION).putLong(NUMBER_OFFSET, number);
        return packet;
    }

    static boolean isQuestion(final ByteBuffer packet) {
        return isKind(packet, QUESTION);
    }

    static boolean isAnswer(final ByteBuffer packet, final long number) {
        return isKind(packet, ANSWER) && packet.getLong(NUMBER_OFFSET) == number;
    }

    /** Whether it is the very question of a number, as a broadcast brings it back. */
    static boolean isOwn(final ByteBuffer packet, final long number) {
        return isQuestion(packet) && packet.getLong(NUMBER_OFFSET) == number;
    }

    static void makeAnswer(final ByteBuffer packet) {
        packet.putInt(KIND_OFFSET, ANSWER);
    }

    private static boolean isKind(final ByteBuffer packet, final int kind) {
        return packet.limit() >= LEAST_BYTES && packet.getLong(0) == MARK && packet.getInt(KIND_OFFSET) == kind;
    }
}
