package io.dragon.tools;

import java.io.PrintStream;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Plain tables for people: two spaces between columns, numbers to the right, no lines. */
final class Tables {
    private static final String[] BINARY_UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    /** Of a number with decimals, as far as it matters to how wide its column becomes. */
    private static final int DECIMAL_WIDTH = 8;

    private static final int SHORTEST = 10;

    private Tables() {}

    /**
     * Prints a table.
     *
     * @param out     where to.
     * @param headers the titles of the columns.
     * @param rows    one list of cells a row; missing cells stay empty.
     */
    static void print(final PrintStream out, final List<String> headers, final List<? extends List<?>> rows) {
        lines(headers, rows).forEach(out::println);
    }

    /** The same as lines. */
    static List<String> lines(final List<String> headers, final List<? extends List<?>> rows) {
        final int columns = headers.size();
        final int[] widths = new int[columns];
        final boolean[] numeric = new boolean[columns];
        for (int c = 0; c < columns; c++) {
            widths[c] = headers.get(c).length();
            numeric[c] = !rows.isEmpty();
            for (final List<?> row : rows) {
                final String cell = cell(row, c);
                widths[c] = Math.max(widths[c], cell.length());
                numeric[c] &= cell.isEmpty()
                        || cell.equals("-")
                        || Character.isDigit(cell.charAt(cell.length() > 1 && cell.charAt(0) == '-' ? 1 : 0));
            }
        }
        final List<String> lines = new ArrayList<>();
        lines.add(line(headers, widths, numeric));
        for (final List<?> row : rows) {
            lines.add(line(row, widths, numeric));
        }
        return lines;
    }

    /** Rows with names, devices and words cut until the table fits a width; the columns in the order given. */
    static List<List<Object>> fitting(
            final List<String> headers, final List<List<Object>> rows, final int width, final int... cuttable) {
        final int[] widths = new int[headers.size()];
        int over = 2 * (widths.length - 1) - width;
        for (int c = 0; c < widths.length; c++) {
            widths[c] = headers.get(c).length();
            for (final List<Object> row : rows) {
                final Object cell = row.get(c);
                widths[c] = Math.max(
                        widths[c],
                        cell instanceof Double ? DECIMAL_WIDTH : cell.toString().length());
            }
            over += widths[c];
        }
        final List<List<Object>> fitting = new ArrayList<>();
        for (final int column : cuttable) {
            final int less = Math.max(0, Math.min(over, widths[column] - SHORTEST));
            widths[column] -= less;
            over -= less;
        }
        for (final List<Object> row : rows) {
            final List<Object> cells = new ArrayList<>(row);
            for (final int column : cuttable) {
                cells.set(column, StatusReport.cut(row.get(column).toString(), widths[column]));
            }
            fitting.add(cells);
        }
        return fitting;
    }

    /** Prints a table whose cells are text, numbers or not. */
    static void printLeft(final PrintStream out, final List<String> headers, final List<? extends List<?>> rows) {
        final int[] widths = new int[headers.size()];
        for (int c = 0; c < widths.length; c++) {
            widths[c] = headers.get(c).length();
            for (final List<?> row : rows) {
                widths[c] = Math.max(widths[c], cell(row, c).length());
            }
        }
        final boolean[] numeric = new boolean[widths.length];
        out.println(line(headers, widths, numeric));
        rows.forEach(row -> out.println(line(row, widths, numeric)));
    }

    private static String cell(final List<?> row, final int column) {
        final Object cell = column < row.size() ? row.get(column) : null;
        return cell == null
                ? ""
                : cell instanceof Double value ? String.format(Locale.ROOT, "%.2f", value) : cell.toString();
    }

    private static String line(final List<?> row, final int[] widths, final boolean[] numeric) {
        final StringBuilder text = new StringBuilder();
        for (int c = 0; c < widths.length; c++) {
            final String cell = cell(row, c);
            final String pad = " ".repeat(widths[c] - cell.length());
            text.append(c == 0 ? "" : "  ").append(numeric[c] ? pad + cell : cell + pad);
        }
        return text.toString().stripTrailing();
    }

    /** A number and what is counted, {@code 1 file} or {@code 2 files}. */
    static String count(final long number, final String noun) {
        return count(number, noun, noun + "s");
    }

    /** The same for what does not end in an s. */
    static String count(final long number, final String one, final String many) {
        return number + " " + (number == 1 ? one : many);
    }

    /** A time for people, {@code 2026-03-01 14:02:11}. */
    static String time(final long epochMillis, final ZoneId zone) {
        return TIME.withZone(zone).format(Instant.ofEpochMilli(epochMillis));
    }

    /** A size for people, {@code 64.0 MiB}. */
    static String bytes(final long bytes) {
        double value = bytes;
        int unit = 0;
        while (Math.abs(value) >= 1024 && unit < BINARY_UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, BINARY_UNITS[unit]);
    }

    /** A duration for people, {@code 12.3 us}; NaN or negative gives a dash. */
    static String nanos(final double nanos) {
        if (!(nanos >= 0)) {
            return "-";
        }
        if (nanos < 1_000) {
            return String.format(Locale.ROOT, "%.0f ns", nanos);
        }
        if (nanos < 1e6) {
            return String.format(Locale.ROOT, "%.1f us", nanos / 1e3);
        }
        return nanos < 1e9
                ? String.format(Locale.ROOT, "%.1f ms", nanos / 1e6)
                : String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }
}
