package io.dragon.engine.config;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes and times with their units, as files, environment and command line write them. A bare number is refused. */
public final class Quantity {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,19}(?:\\.[0-9]{1,9})?) ?([A-Za-zµ]+)?");
    private static final Map<String, Long> SIZES = Map.ofEntries(
            Map.entry("B", 1L),
            Map.entry("kB", 1_000L),
            Map.entry("KB", 1_000L),
            Map.entry("MB", 1_000_000L),
            Map.entry("GB", 1_000_000_000L),
            Map.entry("TB", 1_000_000_000_000L),
            Map.entry("KiB", 1L << 10),
            Map.entry("MiB", 1L << 20),
            Map.entry("GiB", 1L << 30),
            Map.entry("TiB", 1L << 40));
    private static final Map<String, Long> TIMES = Map.ofEntries(
            Map.entry("ns", 1L),
            Map.entry("us", 1_000L),
            Map.entry("µs", 1_000L),
            Map.entry("ms", 1_000_000L),
            Map.entry("s", 1_000_000_000L),
            Map.entry("min", 60_000_000_000L),
            Map.entry("h", 3_600_000_000_000L));
    private static final String SIZE_EXAMPLE = "a size with its unit, as in 64MiB";
    private static final String TIME_EXAMPLE = "a time with its unit, as in 250ms";

    private Quantity() {}

    /**
     * A size.
     *
     * @param text a number and one of B, kB, MB, GB, TB, KiB, MiB, GiB, TiB.
     * @return bytes.
     * @throws IllegalArgumentException saying what is wrong and what was expected.
     */
    public static long bytes(final String text) {
        return parse(text, SIZES, SIZE_EXAMPLE);
    }

    /**
     * A time.
     *
     * @param text a number and one of ns, us, ms, s, min, h.
     * @return nanoseconds.
     * @throws IllegalArgumentException saying what is wrong and what was expected.
     */
    public static long nanos(final String text) {
        return parse(text, TIMES, TIME_EXAMPLE);
    }

    /**
     * A size as its shortest exact text.
     *
     * @param bytes the size.
     * @return what {@link #bytes} reads back.
     */
    public static String sizeText(final long bytes) {
        for (final String unit : new String[] {"TiB", "GiB", "MiB", "KiB"}) {
            if (bytes != 0 && bytes % SIZES.get(unit) == 0) {
                return bytes / SIZES.get(unit) + unit;
            }
        }
        return bytes + "B";
    }

    /**
     * A time as its shortest exact text.
     *
     * @param nanos the time, nanoseconds.
     * @return what {@link #nanos} reads back.
     */
    public static String timeText(final long nanos) {
        for (final String unit : new String[] {"h", "min", "s", "ms", "us"}) {
            if (nanos != 0 && nanos % TIMES.get(unit) == 0) {
                return nanos / TIMES.get(unit) + unit;
            }
        }
        return nanos == 0 ? "0s" : nanos + "ns";
    }

    private static long parse(final String text, final Map<String, Long> units, final String example) {
        final Matcher matcher = FORM.matcher(text.trim());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not " + example);
        }
        final String unit = matcher.group(2);
        if (unit == null) {
            throw new IllegalArgumentException("'" + text + "' has no unit, expected " + example);
        }
        final Long factor = units.get(unit);
        if (factor == null) {
            throw new IllegalArgumentException("'" + text + "' has the unknown unit '" + unit + "', expected " + example
                    + Suggestion.of(unit, units.keySet()));
        }
        final BigDecimal value = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(factor));
        if (value.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new IllegalArgumentException("'" + text + "' is too large");
        }
        try {
            return value.setScale(0, RoundingMode.UNNECESSARY).longValueExact();
        } catch (final ArithmeticException ex) {
            throw new IllegalArgumentException("'" + text + "' is not a whole number of the smallest unit");
        }
    }
}
