package io.dragon.tools.doctor;

import java.util.List;
import java.util.Locale;

/** Numbers for people. */
final class Words {
    private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"};

    private Words() {}

    static String bytes(final long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 || value == Math.rint(value)
                ? Math.round(value) + " " + UNITS[unit]
                : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
    }

    static String millis(final long nanos) {
        return String.format(Locale.ROOT, nanos < 1_000_000 ? "%.2f ms" : "%.1f ms", nanos / 1e6);
    }

    static String megabits(final long megabits) {
        return megabits >= 1_000 && megabits % 100 == 0
                ? (megabits % 1_000 == 0 ? Long.toString(megabits / 1_000) : Double.toString(megabits / 1e3))
                        + " Gbit/s"
                : megabits + " Mbit/s";
    }

    /** The smallest power of two that is not below a number. */
    static long roundUp(final long number) {
        return number <= 1 ? 1 : Long.highestOneBit(number - 1) << 1;
    }

    static String list(final List<?> things) {
        return things.toString().replaceAll("[\\[\\]]", "");
    }
}
