package io.dragon.engine.sequencer;

/** The frames of one instant, the tasks made of them, and the tasks of the step itself. */
final class Step {
    Job job;
    long number;
    long firstMs;
    int arrivedBits;
    int includedBits;

    /** No frame is taken any more. */
    boolean isSealed;

    /** The per-step tasks exist. */
    boolean ran;

    int openParts;
    final Task[] masks = new Task[Job.MAX_CAMERAS];
    final long[] captureEpochNs = new long[Job.MAX_CAMERAS];
    Step previous;
    Step next;
}
