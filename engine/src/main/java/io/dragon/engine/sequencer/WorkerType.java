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

    /** {@link Fitness}: tasks of the type that all workers had completed when this one last answered. */
    long typeSamples;

    /** As read from a snapshot, until it is offered. */
    long loadedStamp;

    WorkerType(final Party worker, final TaskType type) {
        super(worker.id);
        this.worker = worker;
        this.type = type;
    }

    /** Its own history, or that of all workers while it has none. */
    private Execution history() {
        return execution.samples > 0 ? execution : type.execution;
    }

    @Override
    public int assigned() {
        return worker.assigned.size;
    }

    @Override
    public int window() {
        return worker.window;
    }

    @Override
    public int assignedAtLeast(final int priority) {
        return worker.assignedAtLeast[priority];
    }

    @Override
    public int nodeId() {
        return worker.nodeId;
    }

    @Override
    public long memoryBytes() {
        return worker.memoryBytes;
    }

    @Override
    public long freeBytes() {
        return worker.freeBytes;
    }

    @Override
    public int pieces() {
        return split;
    }

    @Override
    public long meanNs() {
        final Execution history = history();
        return history.samples > 0 ? history.meanNs : -1;
    }

    @Override
    public long meanBytes() {
        return history().meanBytes;
    }

    @Override
    public long erredMs() {
        return worker.erredMs;
    }
}
