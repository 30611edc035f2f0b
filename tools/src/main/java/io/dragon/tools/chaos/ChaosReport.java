package io.dragon.tools.chaos;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** What came out of a chaos run. */
public final class ChaosReport {
    private final ChaosSettings settings;
    private final List<FaultLine> lines;
    private final Map<String, String> skipped;
    private final Map<String, Long> failures;
    private final Counts total;
    private final Availability availability;
    private final long endNs = System.nanoTime();

    ChaosReport(
            final ChaosSettings settings,
            final List<FaultLine> lines,
            final Map<String, String> skipped,
            final Map<String, Long> failures,
            final Counts total,
            final Availability availability) {
        this.settings = settings;
        this.lines = List.copyOf(lines);
        this.skipped = new LinkedHashMap<>(skipped);
        this.failures = new TreeMap<>(failures);
        this.total = total;
        this.availability = availability;
    }

    /**
     * Whether nothing was lost, doubled or failed, everything worked again after each fault, and each fault was seen to have happened.
     *
     * @return false for exit code 3.
     */
    public boolean isGood() {
        return total.isClean() && lines.stream().allMatch(FaultLine::isGood);
    }

    /**
     * Whether everything came as soon as it was to come: a mark missed is no loss.
     *
     * @return true for exit code 0, when nothing was lost either.
     */
    public boolean isInTime() {
        return lines.stream().allMatch(FaultLine::isInTime);
    }

    /**
     * The sums, the figures and what went wrong, for a person; the lines of the faults were told as they happened.
     *
     * @return lines of text.
     */
    public String text() {
        final StringBuilder text = new StringBuilder();
        figures().forEach((label, figure) -> text.append(figure.text(label)));
        skipped.forEach((label, reason) -> text.append("skipped: ")
                .append(label)
                .append(": ")
                .append(reason)
                .append('\n'));
        failures.forEach((what, count) -> text.append("failed ")
                .append(count)
                .append(" times: ")
                .append(what)
                .append('\n'));
        lines.stream()
                .flatMap(line -> Stream.concat(line.missed().stream(), line.unproven().stream()))
                .forEach(sentence -> text.append(sentence).append('\n'));
        if (settings.soakSeconds() > 0) {
            text.append(availability.text(endNs)).append('\n');
        }
        text.append(String.format(
                Locale.ROOT,
                "%d faults: %d accepted, %d completed, %d failed, %d lost, %d duplicated%n",
                lines.size(),
                total.accepted(),
                total.completed(),
                total.failed(),
                total.lost(),
                total.duplicated()));
        return text.toString();
    }

    /**
     * The report as a tree of maps and lists.
     *
     * @return what {@code --json} writes.
     */
    public Map<String, Object> json() {
        final Map<String, Object> json = new LinkedHashMap<>();
        final List<Object> faults = new ArrayList<>();
        for (final FaultLine line : lines) {
            final Map<String, Object> each = new LinkedHashMap<>();
            each.put("kind", line.fault().label());
            each.put("target", line.victim());
            each.put("detectedMillis", line.detectedMillis());
            each.put("recoveredMillis", line.recoveredMillis());
            each.put("lost", line.counts().lost());
            each.put("duplicated", line.counts().duplicated());
            each.put("retried", line.retried());
            each.put("failed", line.counts().failed());
            each.put("moved", line.moved());
            each.put("restoredMillis", line.restoredMillis());
            each.put("sequencedMillis", line.sequencedMillis());
            each.put("gapMillis", line.gapMillis());
            each.put("elections", line.elections());
            each.put("stalledMillis", line.stalledMillis());
            each.put("accepted", line.counts().accepted());
            each.put("detectedBy", line.detectedBy());
            each.put("incidents", line.incidents());
            each.put("remark", line.remark());
            each.put("missed", line.missed());
            each.put("unproven", line.unproven());
            faults.add(each);
        }
        json.put("faults", faults);
        json.put("skipped", skipped);
        final Map<String, Object> figures = new LinkedHashMap<>();
        figures().forEach((label, figure) -> figures.put(label, figure.json()));
        json.put("figures", figures);
        final Map<String, Object> sums = new LinkedHashMap<>();
        sums.put("accepted", total.accepted());
        sums.put("completed", total.completed());
        sums.put("failed", total.failed());
        sums.put("lost", total.lost());
        sums.put("duplicated", total.duplicated());
        json.put("total", sums);
        if (settings.soakSeconds() > 0) {
            json.put("availability", availability.share(endNs));
            json.put("inTime", availability.inTime());
        }
        json.put("failures", failures);
        json.put("masters", settings.masters());
        json.put("workers", settings.workers());
        json.put("profile", settings.profile());
        json.put("rate", settings.rate());
        json.put("seed", settings.seed());
        if (settings.hosts() > 0) {
            json.put("slack", settings.slack());
        }
        return json;
    }

    /** Of each fault that befell more than once. */
    private Map<String, Figure> figures() {
        final Map<String, List<FaultLine>> byLabel = new LinkedHashMap<>();
        lines.forEach(line -> byLabel.computeIfAbsent(line.fault().label(), label -> new ArrayList<>())
                .add(line));
        final Map<String, Figure> figures = new LinkedHashMap<>();
        byLabel.forEach((label, all) -> {
            if (all.size() > 1) {
                figures.put(label, new Figure(all));
            }
        });
        return figures;
    }

    /**
     * The middle and the worst of several lines.
     *
     * @param lines of one fault.
     */
    private record Figure(List<FaultLine> lines) {
        private double[] sorted(final ToDoubleFunction<FaultLine> value) {
            return lines.stream()
                    .mapToDouble(value)
                    .filter(each -> each >= 0)
                    .sorted()
                    .toArray();
        }

        private static double middle(final double[] sorted) {
            return sorted.length == 0 ? -1 : sorted[(sorted.length - 1) / 2];
        }

        private static double most(final double[] sorted) {
            return Arrays.stream(sorted).max().orElse(-1);
        }

        String text(final String label) {
            return text(label, "detected", sorted(FaultLine::detectedMillis))
                    + text(label, "recovered", sorted(FaultLine::recoveredMillis))
                    + text(label, "next command sequenced", sorted(FaultLine::sequencedMillis));
        }

        private String text(final String label, final String what, final double[] sorted) {
            return String.format(
                    Locale.ROOT,
                    "%s, %d times, %s: p50 %.0f ms, max %.0f ms (%d values)%n",
                    label,
                    lines.size(),
                    what,
                    middle(sorted),
                    most(sorted),
                    sorted.length);
        }

        Map<String, Object> json() {
            final Map<String, Object> json = new LinkedHashMap<>();
            json.put("times", lines.size());
            put(json, "detected", sorted(FaultLine::detectedMillis));
            put(json, "recovered", sorted(FaultLine::recoveredMillis));
            put(json, "sequenced", sorted(FaultLine::sequencedMillis));
            return json;
        }

        private static void put(final Map<String, Object> json, final String name, final double[] sorted) {
            json.put(name + "P50Millis", middle(sorted));
            json.put(name + "MaxMillis", most(sorted));
        }
    }
}
