package io.dragon.engine.sequencer.balance;

/** Arithmetic in integers that is the same on every machine. Scores are in millionths. */
final class Fixed {
    static final long ONE = 1_000_000;
    static final long NS_PER_SECOND = 1_000_000_000;

    /** One, divided by a nanosecond in seconds. */
    static final long ONE_PER_NS = ONE * NS_PER_SECOND;

    private static final int FRACTION_BITS = 20;
    private static final long LONGEST = Long.MAX_VALUE >> 8;

    private Fixed() {}

    /** Value x part / whole for what is not negative and a whole above 0; when it is large, part / whole is rounded to millionths. */
    static long scaled(final long value, final long part, final long whole) {
        final long product = value * part;
        if (product >= 0 && Math.multiplyHigh(value, part) == 0) {
            return product / whole;
        }
        final long ratio = Math.min(part, Long.MAX_VALUE >> FRACTION_BITS) * (1L << FRACTION_BITS) / whole;
        final long high = Math.multiplyHigh(value, ratio);
        if (high >> (FRACTION_BITS - 9) != 0) {
            return LONGEST;
        }
        return high << (Long.SIZE - FRACTION_BITS) | value * ratio >>> FRACTION_BITS;
    }

    /** Millionths as a decimal number. */
    static String text(final long millionths) {
        final long whole = millionths / ONE;
        final long fraction = Math.abs(millionths % ONE);
        final String sign = millionths < 0 && whole == 0 ? "-" : "";
        if (fraction == 0) {
            return sign + whole;
        }
        final String digits = Long.toString(ONE + fraction);
        int end = digits.length();
        while (digits.charAt(end - 1) == '0') {
            end--;
        }
        return sign + whole + '.' + digits.substring(1, end);
    }
}
