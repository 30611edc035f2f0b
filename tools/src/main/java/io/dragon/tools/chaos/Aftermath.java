package io.dragon.tools.chaos;

import java.util.List;
import java.util.function.Predicate;

/**
 * What the results that came since a fault tell about it.
 *
 * @param ended    results, in the order of their coming.
 * @param struckNs when the fault struck.
 */
record Aftermath(List<Ended> ended, long struckNs) {
    /** When the first of some results was delivered; 0 when there was none. */
    long first(final Predicate<Ended> condition) {
        long firstNs = 0;
        for (final Ended each : ended) {
            final long ns = each.passport().deliveredNs();
            if (condition.test(each) && (firstNs == 0 || ns - firstNs < 0)) {
                firstNs = ns;
            }
        }
        return firstNs;
    }

    /** When the next command was sequenced; 0 when none was. */
    long sequencedNs() {
        long sequencedNs = 0;
        for (final Ended each : ended) {
            final long ns = each.passport().sequencedNs();
            if (ns - struckNs > 0 && (sequencedNs == 0 || ns - sequencedNs < 0)) {
                sequencedNs = ns;
            }
        }
        return sequencedNs;
    }

    /** The longest time in which no task ended. */
    long stalledNs() {
        long lastNs = struckNs;
        long stalledNs = 0;
        for (final Ended each : ended) {
            if (each.kind() == Ended.Kind.TASK) {
                stalledNs = Math.max(stalledNs, each.passport().deliveredNs() - lastNs);
                lastNs = Math.max(lastNs, each.passport().deliveredNs());
            }
        }
        return stalledNs;
    }

    /** Whether a task of the client was submitted after the fault. */
    boolean isOfAfter(final Ended each) {
        return each.kind() == Ended.Kind.TASK && each.passport().submittedNs() - struckNs > 0;
    }

    /** Milliseconds from the fault; -1 for a moment that never came. */
    double millisTo(final long ns) {
        return ns == 0 ? -1 : (ns - struckNs) / 1e6;
    }
}
