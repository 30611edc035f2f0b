package io.dragon.worker.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The report of a check for people: as tables of a terminal, or of a page in Markdown. */
public final class ReportText {
    /** A table; its rows may be fewer than one. */
    private record Table(String title, List<String> headers, List<List<String>> rows) {}

    private ReportText() {}

    /**
     * For a terminal.
     *
     * @param report of a check.
     * @return lines.
     */
    public static String plain(final GpuReport report) {
        final StringBuilder text = new StringBuilder();
        for (final Table table : tables(report)) {
            text.append(text.isEmpty() ? "" : "\n").append(table.title).append('\n');
            final int[] widths = new int[table.headers.size()];
            final List<List<String>> lines = new ArrayList<>();
            lines.add(table.headers);
            lines.addAll(table.rows);
            lines.forEach(line -> {
                for (int i = 0; i < line.size(); i++) {
                    widths[i] = Math.max(widths[i], line.get(i).length());
                }
            });
            for (final List<String> line : lines) {
                final StringBuilder row = new StringBuilder(" ");
                for (int i = 0; i < line.size(); i++) {
                    row.append(' ')
                            .append(line.get(i))
                            .append(" ".repeat(widths[i] - line.get(i).length() + 1));
                }
                text.append(row.toString().stripTrailing()).append('\n');
            }
        }
        return text.toString();
    }

    /**
     * For a page.
     *
     * @param report of a check.
     * @param title  of the page.
     * @return Markdown.
     */
    public static String markdown(final GpuReport report, final String title) {
        final StringBuilder text = new StringBuilder("# ").append(title).append('\n');
        for (final Table table : tables(report)) {
            text.append("\n## ").append(table.title).append("\n\n");
            line(text, table.headers);
            line(text, table.headers.stream().map(header -> "---").toList());
            table.rows.forEach(row -> line(text, row));
        }
        return text.toString();
    }

    private static void line(final StringBuilder text, final List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static List<Table> tables(final GpuReport report) {
        final List<Table> tables = new ArrayList<>();
        add(
                tables,
                "The GPU",
                List.of("what", "is"),
                report.facts().entrySet().stream()
                        .map(fact -> List.of(fact.getKey(), fact.getValue()))
                        .toList());
        add(
                tables,
                "Faults",
                List.of("what went wrong"),
                report.faults().stream().map(List::of).toList());
        add(
                tables,
                "Answers, against the processor",
                List.of("work", "cases", "different", "remark"),
                report.comparisons().stream()
                        .map(each -> List.of(
                                each.work(),
                                Integer.toString(each.cases()),
                                Integer.toString(each.different()),
                                each.isOnDevice() ? each.first() : "not done by the GPU" + after(each.first())))
                        .toList());
        add(
                tables,
                "Kernels ready, ms",
                List.of("when", "module", "ms"),
                report.starts().stream()
                        .flatMap(start -> start.modules().entrySet().stream()
                                .map(module ->
                                        List.of(start.when(), module.getKey(), number("%.1f", module.getValue()))))
                        .toList());
        final GpuReport.Pinning pinning = report.pinning();
        add(
                tables,
                "Pinning of a frame pool",
                List.of("bytes", "ms", "ms for 100 MB", "remark"),
                pinning == null
                        ? List.of()
                        : List.of(List.of(
                                Long.toString(pinning.bytes()),
                                number("%.2f", pinning.millis()),
                                number("%.2f", pinning.millis() * 1e8 / pinning.bytes()),
                                pinning.refusal())));
        add(
                tables,
                "Copies, GB/s (10^9 bytes), median (least to most)",
                List.of("way", "bytes", "GB/s"),
                report.copies().stream()
                        .map(row -> List.of(
                                row.way(),
                                Long.toString(row.bytes()),
                                row.gigabytesPerSecond().words("%.2f")))
                        .toList());
        add(
                tables,
                "Work, from the frame pool to the answer, median (least to most)",
                List.of("work", "bytes", "tasks/s", "GB/s", "copies alone, GB/s", "share of the copies"),
                report.rates().stream()
                        .map(row -> List.of(
                                row.work(),
                                Long.toString(row.bytes()),
                                row.tasksPerSecond().words("%.1f"),
                                row.gigabytesPerSecond().words("%.2f"),
                                row.ceiling() == null ? "-" : row.ceiling().words("%.2f"),
                                row.shareOfCopy() == null
                                        ? "-"
                                        : row.shareOfCopy().words("%.3f")))
                        .toList());
        add(
                tables,
                "On the device alone, for a task",
                List.of(
                        "work",
                        "copied in, bytes",
                        "kernels and zeroing, ms",
                        "GB/s",
                        "longest gap",
                        "idle share",
                        "of which"),
                report.rates().stream().map(ReportText::device).toList());
        add(
                tables,
                "Targets",
                List.of("what", "wanted", "measured", "state"),
                report.targets().stream()
                        .map(target -> List.of(target.words(), target.wanted(), target.measured(), target.state()))
                        .toList());
        return tables;
    }

    private static List<String> device(final GpuReport.RateRow row) {
        final StringBuilder kernels = new StringBuilder();
        row.kernels().forEach((name, ms) -> kernels.append(kernels.isEmpty() ? "" : ", ")
                .append(name)
                .append(' ')
                .append(number("%.3f", ms)));
        return List.of(
                row.work(),
                Long.toString(row.copiedBytes()),
                number("%.3f", row.computeMs()),
                number("%.1f", row.bytes() / row.computeMs() / 1e6),
                row.largestGap() < 0 ? "-" : number("%.3f", row.largestGap()),
                row.idleShare() < 0 ? "-" : number("%.3f", row.idleShare()),
                kernels.toString());
    }

    private static void add(
            final List<Table> tables,
            final String title,
            final List<String> headers,
            final List<? extends List<String>> rows) {
        if (!rows.isEmpty()) {
            tables.add(new Table(title, headers, List.copyOf(rows)));
        }
    }

    private static String after(final String text) {
        return text.isEmpty() ? "" : "; " + text;
    }

    private static String number(final String format, final double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
