package io.dragon.engine.sequencer;

import java.util.Arrays;

/** A camera in its job: where it stands, and the frames that its next ones may be compared with. */
final class JobCamera {
    final Party camera;
    final int index;
    final int pair;
    long lastStep = -1;

    /** Newest first; a step of -1 is an empty place. */
    final long[] historySteps;

    /** Frame references of 24 bytes each. */
    final byte[] history;

    JobCamera(final Party camera, final int index, final int pair, final int places) {
        this.camera = camera;
        this.index = index;
        this.pair = pair;
        historySteps = new long[places];
        Arrays.fill(historySteps, -1);
        history = new byte[places * Task.REF];
    }
}
