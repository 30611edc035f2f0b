package io.dragon.engine.node;

/** Which of the last 64 numbers of a sender were used: datagrams overtake each other, and none counts twice. One thread. */
final class ReplayWindow {
    /** What comes again so soon was doubled by the network on its way, and is no work of anybody. */
    static final long TWICE_MS = 500;

    enum Verdict {
        NEW,
        /** The same once more, at once. */
        TWICE,
        USED_BEFORE
    }

    private static final int SIZE = Long.SIZE;
    private static final int MASK = SIZE - 1;

    private final long[] usedMs = new long[SIZE];
    private long highest;
    private long used;

    /** Judges a number, and uses it; the time is of any clock, milliseconds. */
    Verdict judge(final long number, final long nowMs) {
        if (number <= 0 || number <= highest - SIZE) {
            return Verdict.USED_BEFORE;
        }
        final int slot = (int) number & MASK;
        if (number > highest) {
            final long ahead = number - highest;
            used = ahead >= SIZE ? 0 : used << ahead;
            highest = number;
        }
        final long bit = 1L << (highest - number);
        if ((used & bit) != 0) {
            return Math.abs(nowMs - usedMs[slot]) <= TWICE_MS ? Verdict.TWICE : Verdict.USED_BEFORE;
        }
        used |= bit;
        usedMs[slot] = nowMs;
        return Verdict.NEW;
    }
}
