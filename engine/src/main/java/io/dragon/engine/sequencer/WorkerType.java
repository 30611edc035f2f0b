package io.dragon.engine.sequencer;

import io.dragon.engine.sequencer.balance.Candidate;

/** That a worker can run a type, and how fast it is at it. */
final class WorkerType extends Candidate {
    final Party worker;
    final TaskType type;
    final Execution execution = new Execution();

    /** {@link Splits}. */
    int split = 1;

    int splitSuccesses;
    int splitPatience = Splits.LEAST_PATIENCE;

    /** As read from a snapshot, until it is offered. */
    long loadedStamp;

    WorkerType(final Party worker, final TaskType type) {
        super(worker.id);
        this.worker = worker;
        this.type = type;
    }
}
