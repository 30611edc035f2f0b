package io.dragon.worker.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** What is to be reached on a GPU, held against what was. */
final class Targets {
    private static final double SHARE_OF_COPY = 0.9;
    private static final double GATHER_MS = 10;
    private static final int GATHER_CELLS = 512;
    private static final String PAIR = "two GPUs over one: hash, both at the same time over the faster one alone";
    private static final double TWO = 1.8;

    /** Events cost some of what they measure: a stream that is never without a copy still shows a few parts of a hundred. */
    private static final double IDLE = 0.05;

    private Targets() {}

    /** Targets; {@code refusal} says why pools cannot be pinned, and is empty where they can; {@code pair} is null where it was not measured. */
    static List<GpuReport.Target> of(final List<GpuReport.RateRow> rates, final String refusal, final Spread pair) {
        final List<GpuReport.Target> targets = new ArrayList<>();
        for (final String work : List.of("hash", "mask, RGB8", "mask, GREY8")) {
            targets.add(target(
                    rates,
                    work,
                    work + ": rate from the pool to the answer over that of pinned copies",
                    "at least " + SHARE_OF_COPY,
                    row -> GpuReport.Target.of(
                            "",
                            "",
                            row.shareOfCopy().words("%.3f")
                                    + (refusal.isEmpty() ? "" : "; frame pools are not pinned: " + refusal),
                            refusal.isEmpty() && row.shareOfCopy().median() >= SHARE_OF_COPY)));
            targets.add(target(
                    rates,
                    work,
                    work + ": time between copies over all time of the copies",
                    "no gaps: at most " + IDLE + ", which the timing itself can cost",
                    row -> row.idleShare() < 0
                            ? null
                            : GpuReport.Target.of(
                                    "",
                                    "",
                                    String.format(
                                            Locale.ROOT,
                                            "%.3f (the longest: %.3f of the copies of a task)",
                                            row.idleShare(),
                                            row.largestGap()),
                                    row.idleShare() <= IDLE)));
        }
        targets.add(target(
                rates,
                "gather, " + GATHER_CELLS + " ",
                "gather of " + GATHER_CELLS
                        + "^3 voxels over 20 masks: levels of the masks, counts made zero, and votes",
                "below " + (int) GATHER_MS + " ms (on an H200)",
                row -> {
                    final double ms = WorkRates.kernelMs(row, "levels", Timeline.Span.FILL, "gather");
                    return GpuReport.Target.of("", "", String.format(Locale.ROOT, "%.2f ms", ms), ms < GATHER_MS);
                }));
        targets.add(
                pair == null
                        ? new GpuReport.Target(
                                PAIR, "at least " + TWO, "there is no second GPU here", GpuReport.Target.NOT_MEASURED)
                        : GpuReport.Target.of(PAIR, "at least " + TWO, pair.words("%.2f"), pair.median() >= TWO));
        return targets;
    }

    private static GpuReport.Target target(
            final List<GpuReport.RateRow> rates,
            final String work,
            final String words,
            final String wanted,
            final Function<GpuReport.RateRow, GpuReport.Target> judge) {
        return rates.stream()
                .filter(row -> row.work().startsWith(work))
                .findFirst()
                .map(judge)
                .map(target -> new GpuReport.Target(words, wanted, target.measured(), target.state()))
                .orElse(new GpuReport.Target(words, wanted, "", GpuReport.Target.NOT_MEASURED));
    }
}
