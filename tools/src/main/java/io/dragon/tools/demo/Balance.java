package io.dragon.tools.demo;

import java.util.ArrayList;
import java.util.List;

/**
 * What went into a demo against what came out of it. Every difference counts, also one to the good: more results than frames means
 * that one of the two was counted wrongly, and would hide a loss.
 *
 * @param expected       frames that all cameras were to offer; 0 when the run was stopped.
 * @param published      frames published, and not given back since.
 * @param dropped        frames for which there was no slot or no room.
 * @param refused        frames that the sequencer gave back.
 * @param nearTheKill    of the dropped and refused ones, those close enough to a kill to be its fault.
 * @param completed      frames whose task completed.
 * @param failed         frames whose task failed explicitly.
 * @param duplicated     results that came more than once.
 * @param stepsLost      steps that took a frame, or that the sequencer says it ran, and never came out.
 */
record Balance(
        long expected,
        long published,
        long dropped,
        long refused,
        long nearTheKill,
        long completed,
        long failed,
        long duplicated,
        long stepsLost) {
    private static final double MAX_DROPPED = 0.05;

    /** Accepted work that neither completed nor failed explicitly: frames and steps. */
    long lost() {
        return Math.max(0, difference()) + stepsLost;
    }

    /** Frames that did not get in. */
    long droppedOrRefused() {
        return dropped + refused;
    }

    private long difference() {
        return published - refused - completed - failed;
    }

    /** What does not hold, a sentence each. */
    List<String> faults(final boolean killed) {
        final List<String> faults = new ArrayList<>();
        final long offered = published + dropped;
        check(faults, difference() <= 0, difference() + " frames lost");
        check(faults, difference() >= 0, -difference() + " more results than frames that were taken");
        check(faults, stepsLost == 0, stepsLost + " steps lost");
        check(faults, duplicated == 0, duplicated + " results delivered twice");
        check(faults, offered > 0, "no frame was published");
        check(
                faults,
                expected == 0 || offered == expected,
                "the cameras offered " + offered + " frames instead of " + expected);
        check(
                faults,
                droppedOrRefused() <= MAX_DROPPED * offered,
                droppedOrRefused() + " of " + offered + " frames dropped, more than 5 %");
        final long apart = droppedOrRefused() - nearTheKill;
        check(faults, !killed || apart == 0, apart + " frames dropped more than 2 s from the kill");
        return faults;
    }

    private static void check(final List<String> faults, final boolean holds, final String fault) {
        if (!holds) {
            faults.add(fault);
        }
    }
}
