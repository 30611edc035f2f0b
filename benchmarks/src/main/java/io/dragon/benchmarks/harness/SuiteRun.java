package io.dragon.benchmarks.harness;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** One run of a suite: how long it may measure, and what it has found. */
public final class SuiteRun {
    /** A side's recording under the name of the suite. */
    record Named(String suite, Contest.Recording recording) {}

    private final Settings settings;
    private final Consumer<String> progress;
    private final List<Row> rows = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();
    private final List<Named> recordings = new ArrayList<>();

    /**
     * How every suite runs.
     *
     * @param seconds for which a side is measured in a round; 0: what the suite likes
     * @param rounds  of every contest; 0: what the suite likes
     * @param gigabytes that suites about bulk data take; 0: what the suite likes
     * @param dragon  the command line's script; null where there is none
     */
    public record Settings(double seconds, int rounds, double gigabytes, Path dragon) {}

    /**
     * A run that has found nothing yet.
     *
     * @param settings how it runs
     * @param progress told what runs, for people
     */
    public SuiteRun(final Settings settings, final Consumer<String> progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * How it runs.
     *
     * @return as they were given
     */
    public Settings settings() {
        return settings;
    }

    /**
     * For how long a side is measured in a round.
     *
     * @param byDefault what the suite likes
     * @return seconds
     */
    public double seconds(final double byDefault) {
        return settings.seconds > 0 ? settings.seconds : byDefault;
    }

    /**
     * Rounds of a contest.
     *
     * @param byDefault what the suite likes, five at least
     * @return rounds
     */
    public int rounds(final int byDefault) {
        return settings.rounds > 0 ? settings.rounds : byDefault;
    }

    /**
     * Data of suites about bulk data.
     *
     * @param byDefault what the suite likes
     * @return gigabytes
     */
    public double gigabytes(final double byDefault) {
        return settings.gigabytes > 0 ? settings.gigabytes : byDefault;
    }

    /**
     * The command line, for suites that run other commands.
     *
     * @return the script
     */
    public Optional<Path> dragon() {
        return Optional.ofNullable(settings.dragon);
    }

    /**
     * Tells people what runs.
     *
     * @param text one line
     */
    public void say(final String text) {
        progress.accept(text);
    }

    /**
     * Says what could not be measured, or what one must know to read the figures.
     *
     * @param text a sentence
     */
    public void remark(final String text) {
        remarks.add(text);
        progress.accept(text);
    }

    /**
     * Takes a row.
     *
     * @param row of the report
     */
    public void add(final Row row) {
        rows.add(row);
    }

    /**
     * Keeps every value of a contest, for the files of the report.
     *
     * @param suite   the contest's
     * @param contest that has run
     */
    public void keep(final String suite, final Contest contest) {
        keep(suite, contest, name -> true);
    }

    /**
     * Keeps every value of some cases of a contest, for the files of the report.
     *
     * @param suite   the contest's
     * @param contest that has run
     * @param isKept  by the name of the case
     */
    public void keep(final String suite, final Contest contest, final Predicate<String> isKept) {
        for (final Contest.Recording recording : contest.recordings()) {
            if (recording.sample().histogram() != null && isKept.test(recording.name())) {
                recordings.add(new Named(suite, recording));
            }
        }
    }

    /**
     * Keeps the values of one case that has no rounds, for the files of the report.
     *
     * @param suite  that has measured it
     * @param side   what was measured
     * @param name   of the case
     * @param sample the values
     */
    public void keep(final String suite, final String side, final String name, final Sample sample) {
        recordings.add(new Named(suite, new Contest.Recording(side, name, 0, sample)));
    }

    /**
     * Takes what another process has found, and has said already.
     *
     * @param findings of its run
     */
    public void take(final Findings findings) {
        rows.addAll(findings.rows());
        remarks.addAll(findings.remarks());
        findings.kept().forEach(kept -> recordings.add(kept.toNamed()));
    }

    /**
     * What was found.
     *
     * @return the rows so far
     */
    public List<Row> rows() {
        return rows;
    }

    /**
     * What was said.
     *
     * @return the sentences so far
     */
    public List<String> remarks() {
        return remarks;
    }

    List<Named> recordings() {
        return recordings;
    }
}
