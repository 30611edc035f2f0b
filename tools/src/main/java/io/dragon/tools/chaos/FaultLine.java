package io.dragon.tools.chaos;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What one fault did.
 *
 * @param fault           the fault.
 * @param victim          name of the process.
 * @param detectedMillis  from the fault until the system showed it; -1 when it never did.
 * @param detectedBy      how.
 * @param recoveredMillis from the fault until work flowed again that needed what was struck; -1 when it did not.
 * @param restoredMillis  from the fault until the part that was struck worked again itself; -1 when it did not.
 * @param sequencedMillis from the fault to the next command sequenced; -1 when there was none.
 * @param gapMillis       the longest time between two commands that were sequenced; -1 when it was not looked at.
 * @param elections       terms of leadership that began while it lasted.
 * @param stalledMillis   the longest time in which no task ended.
 * @param moved           tasks that ran elsewhere because of it.
 * @param retried         attempts that failed and were made again.
 * @param incidents       records that the masters made of it, in words.
 * @param counts          what became of the work accepted until everything was quiet again.
 * @param remark          what else happened; may be empty.
 * @param missed          what came, but too late, one sentence each.
 * @param unproven        what should have been counted and was not, one sentence each.
 */
record FaultLine(
        Mishap fault,
        String victim,
        double detectedMillis,
        String detectedBy,
        double recoveredMillis,
        double restoredMillis,
        double sequencedMillis,
        double gapMillis,
        int elections,
        double stalledMillis,
        long moved,
        long retried,
        List<String> incidents,
        Counts counts,
        String remark,
        List<String> missed,
        List<String> unproven) {
    private static final String ROW = "%-12s %-30s %9s %9s %9s %9s %9s %6s %7s %5s %5s %6s  %s";

    /** What else there is to say of a fault stands below its name. */
    private static final int INDENT = 13;

    /** A line of what is not held against a time or a count. */
    FaultLine(
            final Mishap fault,
            final String victim,
            final double detectedMillis,
            final String detectedBy,
            final double recoveredMillis,
            final double restoredMillis,
            final double sequencedMillis,
            final double gapMillis,
            final int elections,
            final double stalledMillis,
            final long moved,
            final long retried,
            final List<String> incidents,
            final Counts counts,
            final String remark) {
        this(
                fault,
                victim,
                detectedMillis,
                detectedBy,
                recoveredMillis,
                restoredMillis,
                sequencedMillis,
                gapMillis,
                elections,
                stalledMillis,
                moved,
                retried,
                incidents,
                counts,
                remark,
                List.of(),
                List.of());
    }

    static String header() {
        return String.format(
                Locale.ROOT,
                ROW,
                "target",
                "fault",
                "detected",
                "sequenced",
                "recovered",
                "restored",
                "stalled",
                "moved",
                "retried",
                "lost",
                "dupl.",
                "failed",
                "seen by");
    }

    String text() {
        return String.format(
                        Locale.ROOT,
                        ROW,
                        victim,
                        fault.words(),
                        millis(detectedMillis),
                        millis(sequencedMillis),
                        millis(recoveredMillis),
                        millis(restoredMillis),
                        millis(stalledMillis),
                        moved,
                        retried,
                        counts.lost(),
                        counts.duplicated(),
                        counts.failed(),
                        (detectedBy.isEmpty() ? "-" : detectedBy))
                + below(remark)
                + missed.stream().map(FaultLine::below).collect(Collectors.joining())
                + unproven.stream().map(FaultLine::below).collect(Collectors.joining());
    }

    private static String below(final String words) {
        return words.isEmpty() ? "" : System.lineSeparator() + " ".repeat(INDENT) + words;
    }

    /**
     * Whether nothing was lost, doubled or failed, everything works again, and what was to be counted was; without a fault nobody may have been
     * elected.
     */
    boolean isGood() {
        final boolean isElectionNone = !fault.isCalm() || elections == 0;
        return counts.isClean() && recoveredMillis >= 0 && restoredMillis >= 0 && isElectionNone && unproven.isEmpty();
    }

    /** Whether everything came as soon as it was to come. */
    boolean isInTime() {
        return missed.isEmpty();
    }

    private static String millis(final double value) {
        return value < 0 ? "-" : String.format(Locale.ROOT, "%.0f ms", value);
    }
}
