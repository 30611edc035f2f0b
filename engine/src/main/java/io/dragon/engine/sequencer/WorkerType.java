package io.dragon.engine.sequencer;

import io.dragon.engine.sequencer.balance.Candidate;

/** That a worker can run a type, and how fast it is at it. */
final class WorkerType extends Candidate {
    final Party worker;
    final TaskType type;
    final Execution execution = new Execution();

    /** As read from a snapshot, until it is offered. */
    long loadedStamp;

    WorkerType(final Party worker, final TaskType type) {
        super(worker.id);
        this.worker = worker;
        this.type = type;
    }
}
