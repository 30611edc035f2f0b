package io.dragon.tools.chaos;

/**
 * What became of accepted work, since the run began or between two moments.
 *
 * @param accepted   tasks of the client, and frames and steps that jobs made of.
 * @param completed  of these, ended with the right result.
 * @param failed     ended otherwise: failed, expired, cancelled, or with a result that is not the right one.
 * @param lost       of which nothing will be heard any more.
 * @param duplicated results that came again.
 */
record Counts(long accepted, long completed, long failed, long lost, long duplicated) {
    static final Counts NONE = new Counts(0, 0, 0, 0, 0);

    Counts since(final Counts before) {
        return new Counts(
                accepted - before.accepted,
                completed - before.completed,
                failed - before.failed,
                lost - before.lost,
                duplicated - before.duplicated);
    }

    Counts plus(final Counts other) {
        return new Counts(
                accepted + other.accepted,
                completed + other.completed,
                failed + other.failed,
                lost + other.lost,
                duplicated + other.duplicated);
    }

    /** So many failures were promised: they count as neither failed nor completed. */
    Counts without(final long promised) {
        return new Counts(accepted - promised, completed, failed - promised, lost, duplicated);
    }

    boolean isClean() {
        return failed == 0 && lost == 0 && duplicated == 0;
    }
}
