package io.dragon.engine.sequencer;

import io.dragon.engine.sequencer.balance.Demand;
import io.dragon.engine.sequencer.balance.Links;
import java.util.ArrayList;
import org.agrona.collections.Int2IntHashMap;

/**
 * Where a task is to run, as far as its inputs decide that: on the node that holds most of them, unless a worker there would be
 * longer in coming than the inputs on their way to another.
 *
 * <pre>
 *   a worker is expected after   the mean times of all tasks it has, less the time that the first of them has run; 0 when it has none.
 *                                One that runs for longer than its mean takes as much again as it is over
 *   a local worker after         the shortest of these times on the node, and the mean time of the type for each task that waits
 *                                for a worker there, shared among them; and the time that the task has waited for one already
 *   a transfer takes             the latency of the way, and the length of the inputs on the node at the rate of the way
 * </pre>
 *
 * So nobody waits longer for a local worker than a transfer takes, whatever becomes of what was expected.
 */
final class Locality {
    private static final long NS_PER_MS = 1_000_000;
    private static final long NS_PER_SECOND = 1_000_000_000;

    /** Tasks of a worker that are looked at; beyond, as many of the same mean. */
    private static final int MOST_EXAMINED = 8;

    /** A transfer that takes longer is not to keep a task from being tried elsewhere. */
    private static final long MOST_TRANSFER_MS = 60_000;

    private static final int NOBODY = -1;

    /** Not to any remote worker, however long that takes. */
    private static final long ONLY_HERE = 0;

    private final Core core;

    /** Tasks parked for want of a worker on their node, by its id; it follows from the tasks. */
    private final Int2IntHashMap awaiting = new Int2IntHashMap(NOBODY);

    Locality(final Core core) {
        this.core = core;
    }

    // ---- who waits

    /** It stands aside until a worker on its node is free, or the others are nearer. */
    void awaits(final Task task) {
        if (task.awaitsHomeMs < 0) {
            task.awaitsHomeMs = core.upMs();
        }
    }

    /** A task was parked, now or in a snapshot. */
    void parked(final Task task) {
        if (task.awaitsHomeMs >= 0) {
            awaiting.put(task.homeNodeId, awaiting(task.homeNodeId) + 1);
        }
    }

    void unparked(final Task task) {
        if (task.awaitsHomeMs >= 0) {
            final int others = awaiting(task.homeNodeId) - 1;
            if (others > 0) {
                awaiting.put(task.homeNodeId, others);
            } else {
                awaiting.remove(task.homeNodeId);
            }
        }
    }

    int awaiting(final int nodeId) {
        return Math.max(0, awaiting.get(nodeId));
    }

    // ---- the rule

    /** Tells the demand of a task how long it would wait for a worker on its own node. */
    void restrict(final Task task, final Demand demand, final int exceptWorkerId) {
        if (task.homeNodeId == 0 || task.homeBytes == 0 || !core.topology.isSeveral()) {
            return;
        }
        final ArrayList<Party> workers = core.parties.workersOn(task.homeNodeId);
        long shortestNs = Long.MAX_VALUE;
        int local = 0;
        for (int i = 0; workers != null && i < workers.size(); i++) {
            final Party worker = workers.get(i);
            final WorkerType workerType = worker.isUsable() ? worker.workerType(task.type) : null;
            if (workerType != null && worker.id != exceptWorkerId && task.type.strategy.suits(demand, workerType)) {
                local++;
                shortestNs = Math.min(shortestNs, waitNs(worker));
            }
        }
        if (local == 0) {
            demand.localWait(isAnyInReach(task, demand, exceptWorkerId) ? Links.UNREACHABLE_NS : Demand.ANYWHERE);
        } else if (task.prefersHome && core.upMs() < task.avoidUntilMs) {
            demand.localWait(ONLY_HERE);
        } else {
            final int others = awaiting(task.homeNodeId) - (task.parked && task.awaitsHomeMs >= 0 ? 1 : 0);
            final long waitedMs = task.awaitsHomeMs < 0 ? 0 : core.upMs() - task.awaitsHomeMs;
            final long ns = shortestNs + others * task.type.execution.meanNs / local + waitedMs * NS_PER_MS;
            demand.localWait(Math.min(ns, Links.UNREACHABLE_NS));
        }
    }

    private long waitNs(final Party worker) {
        final Task running = worker.assigned.first;
        if (running == null) {
            return 0;
        }
        final long meanNs = meanNs(worker, running);
        final long ranNs = (core.upMs() - running.startedMs) * NS_PER_MS;
        long queuedNs = 0;
        int examined = 0;
        for (Task task = running.next; task != null && examined < MOST_EXAMINED; task = task.next) {
            queuedNs += meanNs(worker, task);
            examined++;
        }
        final int queued = worker.assigned.size - 1;
        return Math.abs(meanNs - ranNs) + (queued > examined ? queuedNs / examined * queued : queuedNs);
    }

    /** 0 while nobody has done one. */
    private static long meanNs(final Party worker, final Task task) {
        final WorkerType workerType = worker.workerType(task.type);
        return workerType == null ? task.type.execution.meanNs : Math.max(0, workerType.meanNs());
    }

    /** Where the task's own node has nobody: whether one of the others that can have it can be sent its inputs. Where none can, any may try. */
    private boolean isAnyInReach(final Task task, final Demand demand, final int exceptWorkerId) {
        for (int i = 0; i < core.topology.end; i++) {
            final NodePlace place = core.topology.places[i];
            final boolean isInReach = place != null
                    && place.node.isAlive
                    && core.routes.latencyNs(task.homeNodeId, place.node.id) < Links.UNREACHABLE_NS;
            if (isInReach && hasWorker(place.node.id, task, demand, exceptWorkerId)) {
                return true;
            }
        }
        return false;
    }

    private boolean hasWorker(final int nodeId, final Task task, final Demand demand, final int exceptWorkerId) {
        final ArrayList<Party> workers = core.parties.workersOn(nodeId);
        for (int i = 0; workers != null && i < workers.size(); i++) {
            final Party worker = workers.get(i);
            final WorkerType workerType = worker.isUsable() ? worker.workerType(task.type) : null;
            if (workerType != null && worker.id != exceptWorkerId && task.type.strategy.suits(demand, workerType)) {
                return true;
            }
        }
        return false;
    }

    // ---- how long inputs take to a worker that has the task

    /** Until all inputs that are elsewhere are on the worker's host: their length at the rates of their ways, twice, and the longest latency. */
    long transferMs(final Task task, final Party worker) {
        if (task.inputBytes == 0 || worker.nodeId == 0 || !core.topology.isSeveral()) {
            return 0;
        }
        core.inputs.gather(task);
        long ns = 0;
        long latencyNs = 0;
        for (int i = 0; i < core.inputs.count; i++) {
            final int nodeId = core.inputs.nodeId(i);
            if (nodeId != 0 && nodeId != worker.nodeId) {
                final long rate = core.routes.bytesPerSecond(nodeId, worker.nodeId);
                ns += Math.min(MOST_TRANSFER_MS * NS_PER_MS, 2 * (core.inputs.length(i) * NS_PER_SECOND / rate));
                latencyNs = Math.max(latencyNs, core.routes.latencyNs(nodeId, worker.nodeId));
            }
        }
        return Math.min(MOST_TRANSFER_MS, (ns + latencyNs + NS_PER_MS - 1) / NS_PER_MS);
    }
}
