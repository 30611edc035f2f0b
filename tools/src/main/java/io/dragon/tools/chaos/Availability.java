package io.dragon.tools.chaos;

import java.util.BitSet;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** How much of the time work was done, and how much of the work in its time. One thread. */
final class Availability {
    private final long startNs;
    private final long withinNs;
    private final BitSet seconds = new BitSet();
    private long tasks;
    private long inTime;

    /**
     * @param startNs  {@link System#nanoTime} from which it counts.
     * @param withinNs the time of a task, from its submit to its result.
     */
    Availability(final long startNs, final long withinNs) {
        this.startNs = startNs;
        this.withinNs = withinNs;
    }

    void note(final Ended ended) {
        final long sinceNs = ended.passport().deliveredNs() - startNs;
        if (ended.kind() == Ended.Kind.TASK && sinceNs >= 0) {
            seconds.set(Math.toIntExact(TimeUnit.NANOSECONDS.toSeconds(sinceNs)));
            tasks++;
            inTime += ended.passport().deliveredNs() - ended.passport().submittedNs() <= withinNs ? 1 : 0;
        }
    }

    /** Share of the whole seconds so far in which a task ended; 1 when there was none yet. */
    double share(final long nowNs) {
        final int whole = Math.toIntExact(TimeUnit.NANOSECONDS.toSeconds(nowNs - startNs));
        return whole == 0 ? 1 : (double) seconds.get(0, whole).cardinality() / whole;
    }

    /** Share of the tasks that ended in their time. */
    double inTime() {
        return tasks == 0 ? 1 : (double) inTime / tasks;
    }

    String text(final long nowNs) {
        return String.format(
                Locale.ROOT,
                "after %d min: work was done in %.2f %% of the seconds, %.2f %% of %d tasks ended within %d s",
                TimeUnit.NANOSECONDS.toMinutes(nowNs - startNs),
                100 * share(nowNs),
                100 * inTime(),
                tasks,
                TimeUnit.NANOSECONDS.toSeconds(withinNs));
    }
}
