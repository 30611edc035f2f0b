package io.dragon.engine.node;

/** Which of the last 64 numbers of a sender were used: datagrams overtake each other, and none counts twice. One thread. */
final class ReplayWindow {
    private static final int SIZE = Long.SIZE;

    private long highest;
    private long used;

    /** Whether a number, 1 or more, is used for the first time. */
    boolean isNew(final long number) {
        if (number <= 0 || number <= highest - SIZE) {
            return false;
        }
        if (number > highest) {
            final long ahead = number - highest;
            used = ahead >= SIZE ? 0 : used << ahead;
            highest = number;
            used |= 1;
            return true;
        }
        final long bit = 1L << (highest - number);
        final boolean isNew = (used & bit) == 0;
        used |= bit;
        return isNew;
    }
}
