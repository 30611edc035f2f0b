package io.dragon.engine.sequencer;

import io.dragon.engine.sequencer.balance.Candidate;
import io.dragon.engine.sequencer.balance.Demand;
import io.dragon.engine.sequencer.balance.Strategy;

/** What a trace is told about a choice, in words. Never called without a trace, so it may allocate. */
final class TraceWords {
    private TraceWords() {}

    /** Every worker of the task's type, just before one is chosen. */
    static void candidates(final Core core, final Task task, final Demand demand) {
        for (int i = 0; i < core.parties.all.size(); i++) {
            final Party worker = core.parties.all.get(i);
            final WorkerType workerType = worker.isAlive ? worker.workerType(task.type) : null;
            if (workerType != null && !workerType.isOffered()) {
                core.trace.excluded(task.id, worker.id, whyNotOffered(worker));
            }
        }
        task.type.strategy.explain(demand, new Strategy.Explanation() {
            @Override
            public void considered(final Candidate candidate, final long millionths, final String factors) {
                core.trace.considered(task.id, candidate.workerId(), task.type.strategyName, millionths, factors);
            }

            @Override
            public void excluded(final Candidate candidate, final String why) {
                core.trace.excluded(task.id, candidate.workerId(), why);
            }
        });
    }

    private static String whyNotOffered(final Party worker) {
        if (worker.suspect) {
            return "it hangs";
        }
        if (worker.isUnfit()) {
            return "its device must not be used";
        }
        if (worker.drained) {
            return "it failed too often, and is to wait";
        }
        return "no free place: " + worker.assigned.size + " of " + worker.window + " taken";
    }
}
