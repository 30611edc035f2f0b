package io.dragon.tools.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a fault between hosts is held against: how soon the system has to answer it, and what has to have been counted for the fault to have
 * happened at all.
 *
 * @param slack how many times its mark an answer may take; 1 where the machine is not the limit.
 */
record HostProof(int slack) {
    /** Each host of a run needs a core or so of its own. */
    private static final int ENOUGH_CORES = 4;

    private static final double REROUTED_MILLIS = 3_000;
    private static final double ELSEWHERE_MILLIS = 5_000;
    private static final double FOUND_MILLIS = 3_000;

    /**
     * What was seen of a fault, beside the times.
     *
     * @param packetsDropped on purpose, while it lasted.
     * @param chunksRepeated asked for again because they came damaged.
     * @param intruders      packets of strangers that were ignored.
     * @param framesRelayed  that went by way of a third host.
     * @param waysRelayed    that {@code dragon routes --optimize} gave by way of a third host meanwhile; -1 when it gave no answer.
     */
    record Evidence(long packetsDropped, long chunksRepeated, long intruders, long framesRelayed, long waysRelayed) {}

    /** As long as they are meant; twice as long where the processes of all hosts wait for less than four cores. */
    static int usualSlack() {
        return Runtime.getRuntime().availableProcessors() < ENOUGH_CORES ? 2 : 1;
    }

    /** The marks, in words. */
    String words() {
        return String.format(
                Locale.ROOT,
                "Marks%s: frames flow another way within %s of a cut, the work of a dead host is elsewhere within %s, a host that starts is found within %s.",
                slack == 1 ? "" : ", each counted " + slack + " times",
                seconds(slack * REROUTED_MILLIS),
                seconds(slack * ELSEWHERE_MILLIS),
                seconds(slack * FOUND_MILLIS));
    }

    /** The marks that were missed, one sentence each. */
    List<String> missed(final HostFault fault, final double detectedMillis, final double recoveredMillis) {
        final List<String> missed = new ArrayList<>();
        switch (fault.kind()) {
            case CUT, NETWORK -> check(
                    missed, fault, "frames flowed another way", recoveredMillis, slack * REROUTED_MILLIS);
            case GONE -> check(
                    missed, fault, "the last of its work was elsewhere", recoveredMillis, slack * ELSEWHERE_MILLIS);
            case FOUND -> check(missed, fault, "the host was found", detectedMillis, slack * FOUND_MILLIS);
            case LOSS, DELAY, FLIPPED, INTRUDER -> {
                // nothing is to happen soon
            }
        }
        return missed;
    }

    private static void check(
            final List<String> missed,
            final HostFault fault,
            final String what,
            final double seenMillis,
            final double markMillis) {
        if (seenMillis < 0) {
            missed.add("mark missed: " + fault.label() + ": it was never seen that " + what + ", expected within "
                    + seconds(markMillis) + '.');
        } else if (seenMillis > markMillis) {
            missed.add("mark missed: " + fault.label() + ": " + what + " after " + seconds(seenMillis)
                    + ", expected within " + seconds(markMillis) + '.');
        }
    }

    /** What should have been counted and was not, one sentence each: the fault proves nothing then. */
    List<String> unproven(final HostFault fault, final Evidence seen) {
        final List<String> unproven = new ArrayList<>();
        switch (fault.kind()) {
            case FLIPPED -> check(
                    unproven, fault, seen.chunksRepeated(), "bits were turned, and no chunk was asked for again");
            case INTRUDER -> check(
                    unproven, fault, seen.intruders(), "a stranger sent, and no packet of his was counted");
            case LOSS -> {
                if (fault.number() > 0) {
                    check(unproven, fault, seen.packetsDropped(), "packets were to be lost, and none was dropped");
                }
            }
            case CUT -> {
                check(unproven, fault, seen.framesRelayed(), "no frame went by way of a third host");
                if (seen.waysRelayed() < 0) {
                    unproven.add("not proven: " + fault.label()
                            + ": 'dragon routes --optimize' gave no answer while the link was cut.");
                } else {
                    check(
                            unproven,
                            fault,
                            seen.waysRelayed(),
                            "'dragon routes --optimize' gave no way by a third host while the link was cut");
                }
            }
            case FOUND, DELAY, NETWORK, GONE -> {
                // the times tell
            }
        }
        return unproven;
    }

    private static void check(
            final List<String> unproven, final HostFault fault, final long count, final String sentence) {
        if (count <= 0) {
            unproven.add("not proven: " + fault.label() + ": " + sentence + '.');
        }
    }

    private static String seconds(final double millis) {
        return String.format(Locale.ROOT, "%.1f s", millis / 1e3);
    }
}
