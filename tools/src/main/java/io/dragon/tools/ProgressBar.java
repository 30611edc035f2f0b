package io.dragon.tools;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * The progress of something that may take longer than two seconds, on standard error. Nothing is shown in the first two
 * seconds; then a bar that is drawn over at most ten times a second on a terminal, and a plain line every five seconds
 * elsewhere. One thread.
 */
final class ProgressBar implements AutoCloseable {
    private static final long QUIET_NS = 2_000_000_000L;
    private static final long REDRAW_NS = 100_000_000L;
    private static final long LINE_NS = 5_000_000_000L;
    private static final int BAR_WIDTH = 24;

    private final PrintStream err;
    private final String label;
    private final long total;
    private final String unit;
    private final LongSupplier nanoClock;
    private final boolean redraws;
    private final int columns;
    private long startNs;
    private long nextNs;
    private long done;
    private boolean shown;
    private long told = -1;
    private String remark = "";

    /**
     * @param label what goes on, a word or two.
     * @param total how much there is to do; 0 or less where nobody knows.
     * @param unit  what is counted; {@code B} shows binary sizes.
     */
    ProgressBar(final String label, final long total, final String unit) {
        this(System.err, label, total, unit, System::nanoTime, Terminal.canRedraw(), 0);
    }

    ProgressBar(
            final PrintStream err,
            final String label,
            final long total,
            final String unit,
            final LongSupplier nanoClock,
            final boolean redraws,
            final int columns) {
        this.err = err;
        this.label = label;
        this.total = total;
        this.unit = unit;
        this.nanoClock = nanoClock;
        this.redraws = redraws;
        this.columns = columns > 0 ? columns : redraws ? Terminal.columns() : 80;
        this.startNs = nanoClock.getAsLong();
        this.nextNs = startNs + QUIET_NS;
    }

    /** Tells how much is done; cheap, so call it as often as you like. */
    void update(final long nowDone) {
        done = nowDone;
        final long nowNs = nanoClock.getAsLong();
        if (nowDone == 0) {
            startNs = nowNs; // preparation says nothing about the rate
        }
        if (nowNs - nextNs >= 0) {
            show(nowNs);
            nextNs = nowNs + (redraws ? REDRAW_NS : LINE_NS);
        }
    }

    /** What stands at the end of the line from now on; empty for nothing. */
    void remark(final String text) {
        remark = text;
    }

    /** Takes the bar away to print a line for good, then it comes back with the next update. */
    void line(final String text) {
        clear();
        err.println(text);
    }

    @Override
    public void close() {
        if (shown && redraws) {
            show(nanoClock.getAsLong());
            err.println();
            err.flush();
            shown = false;
        } else if (told >= 0 && told != done) {
            show(nanoClock.getAsLong());
        }
    }

    private void clear() {
        if (shown && redraws) {
            err.print("\r\u001b[K");
            shown = false;
        }
    }

    private void show(final long nowNs) {
        final double seconds = Math.max(1e-9, (nowNs - startNs) / 1e9);
        final double rate = done / seconds;
        final StringBuilder text = new StringBuilder(label).append(' ');
        if (total > 0) {
            final double share = Math.min(1.0, done / (double) total);
            if (redraws) {
                final int full = (int) Math.round(share * BAR_WIDTH);
                text.append('[')
                        .append("#".repeat(full))
                        .append("-".repeat(BAR_WIDTH - full))
                        .append("] ");
            }
            text.append(String.format(Locale.ROOT, "%3d %% ", Math.min(100, 100 * done / total)));
            text.append(amount(done)).append(" of ").append(amount(total));
        } else {
            text.append(amount(done));
        }
        text.append(", ").append(amount((long) rate)).append("/s");
        if (total > 0 && done > 0 && done < total) {
            text.append(", ").append(duration((total - done) / rate)).append(" left");
        }
        if (!remark.isEmpty()) {
            text.append("; ").append(remark);
        }
        if (redraws) {
            final int width = Math.max(10, columns - 1);
            err.print("\r" + (text.length() > width ? text.substring(0, width) : text) + "\u001b[K");
            err.flush();
            shown = true;
        } else {
            err.println(text);
            told = done;
        }
    }

    private String amount(final long value) {
        return "B".equals(unit) ? Tables.bytes(value) : value + (unit.isEmpty() ? "" : " " + unit);
    }

    private static String duration(final double seconds) {
        final long whole = (long) Math.ceil(seconds);
        return whole < 60 ? whole + " s" : whole / 60 + " min " + whole % 60 + " s";
    }
}
