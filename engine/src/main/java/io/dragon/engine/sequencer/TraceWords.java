package io.dragon.engine.sequencer;

/** What a trace is told about a choice, in words. Never called without a trace, so it may allocate. */
final class TraceWords {
    private TraceWords() {}

    /** Every worker of the task's type, just before one is chosen. */
    static void candidates(final Core core, final Task task) {
        for (int i = 0; i < core.parties.alive.size(); i++) {
            final Party worker = core.parties.alive.get(i);
            final WorkerType workerType = worker.workerType(task.type);
            if (workerType == null) {
                continue;
            }
            final String load = worker.assigned.size + " of " + worker.window;
            if (worker.suspect) {
                core.trace.excluded(task.id, worker.id, "it hangs");
            } else if (!workerType.isOffered()) {
                core.trace.excluded(task.id, worker.id, "no free place: " + load + " taken");
            } else if (task.type.usable > 1 && task.avoidWorkerId == worker.id) {
                core.trace.excluded(task.id, worker.id, "the task failed there just before");
            } else {
                core.trace.considered(
                        task.id,
                        worker.id,
                        task.type.strategyName,
                        1_000_000L * worker.assigned.size / worker.window,
                        "load " + load + ", turn " + workerType.stamp());
            }
        }
    }
}
