package io.dragon.engine.frame;

/**
 * The one word of a slot, changed only by compare-and-set:
 *
 * <pre>
 *   63                                24 23   21  20   19                0
 *  +------------------------------------+-------+------+-------------------+
 *  |             sequence 40            | state | HOLD |  a bit per reader |
 *  +------------------------------------+-------+------+-------------------+
 * </pre>
 *
 * There are no counts in it: who dies between two instructions leaves one bit set, never a wrong number.
 */
final class SlotWord {
    static final int READERS = 20;
    static final int FREE = 0;
    static final int FILLING = 1;
    static final int READABLE = 2;
    static final int DEAD = 3;
    static final long HOLD = 1L << READERS;
    static final long READER_MASK = HOLD - 1;
    static final long MAX_SEQUENCE = (1L << 40) - 1;

    private static final int STATE_SHIFT = READERS + 1;
    private static final int SEQUENCE_SHIFT = STATE_SHIFT + 3;

    private SlotWord() {}

    static long of(final long sequence, final int state) {
        return sequence << SEQUENCE_SHIFT | (long) state << STATE_SHIFT;
    }

    static long sequence(final long word) {
        return word >>> SEQUENCE_SHIFT;
    }

    static int state(final long word) {
        return (int) (word >>> STATE_SHIFT) & 7;
    }

    static boolean isHeld(final long word) {
        return (word & HOLD) != 0;
    }

    static boolean isRead(final long word) {
        return (word & READER_MASK) != 0;
    }

    static boolean isReadable(final long word, final long sequence) {
        return sequence(word) == sequence && state(word) == READABLE;
    }

    /** Neither held nor read, and nobody is at work in it. */
    static boolean isClaimable(final long word) {
        return (word & (HOLD | READER_MASK)) == 0 && (state(word) == FREE || state(word) == READABLE);
    }

    static String describe(final long word) {
        final String state =
                switch (state(word)) {
                    case FREE -> "FREE";
                    case FILLING -> "FILLING";
                    case READABLE -> "READABLE";
                    case DEAD -> "DEAD";
                    default -> "state " + state(word);
                };
        return "#" + sequence(word) + " " + state + (isHeld(word) ? " HOLD" : "") + " readers "
                + Long.toBinaryString(word & READER_MASK);
    }
}
