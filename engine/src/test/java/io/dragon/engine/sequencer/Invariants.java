package io.dragon.engine.sequencer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What is true of the state between any two steps. */
final class Invariants {
    private Invariants() {}

    static void check(final Core core) {
        final Map<String, Long> holds = new HashMap<>();
        final Map<Party, Integer> assigned = new HashMap<>();
        final Map<Party, Integer> reserved = new HashMap<>();
        final int[] states = new int[8];
        for (final Task task : core.tasks.table.values()) {
            states[task.state]++;
            checkTask(core, task);
            count(core, holds, task.payload, task.inputs);
            count(core, holds, task.result, task.outputs);
            if (task.state == Task.ASSIGNED) {
                assigned.merge(task.worker, 1, Integer::sum);
            }
        }
        that(states[Task.WAITING] == core.counters[Counters.WAITING], "waiting counter");
        that(states[Task.READY] == core.counters[Counters.READY], "ready counter");
        that(states[Task.ASSIGNED] == core.counters[Counters.ASSIGNED], "assigned counter");
        long ready = 0;
        for (final TaskType type : core.types.all) {
            ready += type.queued + type.parked.size;
        }
        that(ready == states[Task.READY], "queued and parked tasks of the types");
        for (final Job job : core.jobs.all) {
            count(core, holds, job.inputs, job.inputs.length / Task.REF);
            for (final JobCamera camera : job.cameras) {
                for (int i = 0; i < camera.historySteps.length; i++) {
                    if (camera.historySteps[i] >= 0) {
                        final byte[] one = new byte[Task.REF];
                        System.arraycopy(camera.history, i * Task.REF, one, 0, Task.REF);
                        count(core, holds, one, 1);
                    }
                }
            }
            that(!job.closing || !job.open.isEmpty(), "a closed job without steps is gone");
        }
        for (final Job job : core.jobs.all) {
            for (final Step step : job.open.values()) {
                reserved.merge(job.client, Steps.toCome(step), Integer::sum);
            }
        }
        that(
                core.jobs.steps.reserved
                        == reserved.values().stream().mapToInt(n -> n).sum(),
                "tasks reserved");
        for (final TaskType type : core.types.all) {
            that(type.usable == usable(core, type), "usable workers of a type");
        }
        long held = 0;
        for (final Pool pool : core.frames.pools.values()) {
            held += pool.holds.size();
            for (final long key : Sorted.keys(pool.holds)) {
                that(
                        holds.getOrDefault(pool.id + "/" + key, 0L) == (pool.holds.get(key) & 0xFFFF_FFFFL),
                        "hold count of a frame");
            }
        }
        checkBounds(core);
        checkWays(core);
        that(held == holds.size(), "every held frame is named and every named frame held");
        for (final Party party : core.parties.all) {
            checkParty(core, party, assigned);
            that(party.reserved == reserved.getOrDefault(party, 0), "tasks reserved for a client's steps");
            that(!party.drained || party.isAlive && party.kind == Party.WORKER, "only living workers are drained");
            that(!party.isUnfit() || party.isAlive && party.kind == Party.WORKER, "only living workers are unfit");
            that(!party.isUnfit() || party.assigned.size == 0, "a worker whose device is unfit has no task");
            that(!party.drained || party.assigned.size <= party.window, "a drained worker's window");
        }
    }

    /** Whoever follows the ways comes to where the frames are, by nodes that are alive and links that are not known to be down. */
    private static void checkWays(final Core core) {
        final Topology topology = core.topology;
        int alive = 0;
        for (int i = 0; i < Topology.MOST; i++) {
            final NodePlace from = topology.places[i];
            that(from == null || i < topology.end && from.index == i && from.node.nodePlace == from, "places of nodes");
            that(from == null || core.parties.get(from.node.id) == from.node, "a place is a node's that is known");
            alive += from != null && from.node.isAlive ? 1 : 0;
            for (int j = 0; from != null && j < topology.end; j++) {
                if (topology.places[j] != null && j != i) {
                    checkWay(core, from, topology.places[j]);
                }
            }
        }
        that(alive == topology.alive, "nodes alive");
    }

    private static void checkWay(final Core core, final NodePlace from, final NodePlace to) {
        final boolean areAlive = from.node.isAlive && to.node.isAlive;
        final boolean isComputed = core.counters[Counters.ROUTES_DIRTY] == 0;
        NodePlace at = from;
        for (int hops = 0; at != to && at.link(to.index).hop != Link.NONE; hops++) {
            final Link link = at.link(at.link(to.index).hop);
            that(hops < core.topology.end, "ways do not turn in circles");
            that(areAlive, "no way from or to a dead node");
            that(link.state != Link.DOWN || !isComputed, "no way over a link that is down");
            at = core.topology.places[at.link(to.index).hop];
            that(at != null && at.node.isAlive, "the next node on a way is alive");
        }
        that(at == to || at == from, "who is asked knows whom to ask");
        that(
                at == to || !areAlive || from.link(to.index).state == Link.DOWN || !isComputed,
                "the direct way is there unless it is down");
    }

    /** Every table within what it is allowed to grow to. */
    private static void checkBounds(final Core core) {
        long timeMs = 0;
        for (long number = core.incidents.oldest(); number <= core.incidents.newest(); number++) {
            final Incident incident = core.incidents.get(number);
            that(incident.number == number, "incidents: by number");
            that(incident.timeMs >= timeMs && incident.lastMs >= incident.timeMs, "incidents: in the order of time");
            that(
                    incident.text.getBytes(StandardCharsets.UTF_8).length <= Incidents.MOST_TEXT,
                    "incidents: length of their text");
            timeMs = incident.timeMs;
        }
        that(
                core.incidents.newest() - core.incidents.oldest() < core.config.get(Setting.INCIDENT_CAPACITY),
                "bounded tables: incidents");
        int last = 0;
        final Map<Party, Integer> supervised = new HashMap<>();
        for (final SupervisedProcess process : core.supervision.all) {
            that(process.number > last, "supervised processes by number");
            that(core.parties.get(process.node.id) == process.node, "supervised by a node that is known");
            that(supervised.merge(process.node, 1, Integer::sum) <= 64, "bounded tables: supervised of a node");
            last = process.number;
        }
        that(core.supervision.all.size() <= 4_096, "bounded tables: supervised");
        final Map<Party, Integer> pools = new HashMap<>();
        for (final Pool pool : core.frames.pools.values()) {
            that(pool.holds.size() <= Math.max(1_024, 4 * pool.slotCount), "bounded tables: held frames of a pool");
            that(
                    pools.merge(pool.owner, 1, Integer::sum) <= Frames.MAX_POOLS_OF_PARTY,
                    "bounded tables: pools of a party");
        }
        final Map<Party, Integer> jobs = new HashMap<>();
        for (final Job job : core.jobs.all) {
            jobs.merge(job.client, 1, Integer::sum);
            int collecting = 0;
            for (final Step step : job.open.values()) {
                collecting += step.isSealed ? 0 : 1;
            }
            that(job.collecting == collecting, "steps that collect");
            for (final JobCamera camera : job.cameras) {
                jobs.merge(camera.camera, 1, Integer::sum);
                that(camera.historySteps.length < job.depth, "bounded tables: history of a camera");
            }
        }
        for (final Party party : core.parties.all) {
            that(party.pools == pools.getOrDefault(party, 0), "pools of a party");
            that(party.jobs == jobs.getOrDefault(party, 0), "jobs of a party");
            that(
                    party.kind != Party.CLIENT || party.jobs <= Jobs.MAX_JOBS_OF_CLIENT,
                    "bounded tables: jobs of a client");
            that(party.hungMs < 0 || party.kind == Party.WORKER, "only workers hang");
        }
    }

    private static int usable(final Core core, final TaskType type) {
        int usable = 0;
        for (final Party party : core.parties.alive) {
            usable += party.workerType(type) != null && party.isUsable() ? 1 : 0;
        }
        return usable;
    }

    private static void checkTask(final Core core, final Task task) {
        int waitingOn = 0;
        for (Edge edge = task.dependencies; edge != null; edge = edge.nextOfDependant) {
            waitingOn += edge.dependency.isTerminal() ? 0 : 1;
            that(core.tasks.table.get(edge.dependency.id) == edge.dependency, "a dependency is held");
        }
        that(task.state != Task.READY && task.state != Task.ASSIGNED || waitingOn == 0, "dependencies respected");
        that(task.state != Task.WAITING || task.waitingOn == waitingOn && waitingOn > 0, "waiting for something");
        that(task.failures < Math.max(1, task.maxAttempts) || task.isTerminal(), "attempts bounded");
        that(task.failures + task.losses <= task.attempt, "nothing counted that was no attempt");
        that(!task.isTerminal() || task.dependencies == null, "a terminal task holds no dependency");
        that(
                !task.isTerminal() || !task.acknowledged || task.dependants != null || task.pinned,
                "a terminal task is held by somebody");
        if (task.state == Task.ASSIGNED) {
            that(task.worker.isAlive, "assigned to the living");
        }
        if (task.state == Task.READY && !task.parked) {
            that(task.type.strategy.isEmpty(), "a ready task waits only while no worker is free");
        }
        if (task.parked) {
            that(
                    task.type.usable > 1 || task.type.strategy.isChoosy() || task.awaitsHomeMs >= 0,
                    "parked only while there are other workers, or it may be welcome later");
        }
    }

    private static void checkParty(final Core core, final Party party, final Map<Party, Integer> assigned) {
        that(party.assigned.size == assigned.getOrDefault(party, 0), "assigned in a worker's list");
        that(party.assigned.size <= Math.max(1, party.window), "window");
        final int[] atLeast = new int[TaskType.PRIORITIES];
        for (Task task = party.assigned.first; task != null; task = task.next) {
            for (int i = 0; i <= task.priority; i++) {
                atLeast[i]++;
            }
        }
        that(Arrays.equals(atLeast, party.assignedAtLeast), "assigned tasks by priority");
        that(party.pending.first == null, "nothing pending between steps");
        final Set<Long> results = new HashSet<>();
        checkOwed(core, party.open, results);
        checkOwed(core, party.stale, results);
        long last = 0;
        for (Outgoing outgoing = party.open.first; outgoing != null; outgoing = outgoing.next) {
            that(outgoing.event >= last && outgoing.event > party.acknowledgedEvent, "open events in order");
            last = outgoing.event;
        }
        if (!party.isAlive) {
            that(
                    party.open.first == null && party.stale.first == null && party.assigned.size == 0,
                    "dead owes nothing");
            that(party.openTasks == 0 || party.tasks > 0, "tasks of the dead");
        }
        int tasks = 0;
        for (final Task first : party.firstTask) {
            for (Task task = first; task != null; task = task.nextOfClient) {
                tasks++;
                that(task.client == party && core.tasks.table.get(task.id) == task, "client's list");
            }
        }
        that(tasks == party.tasks, "client's task count");
    }

    /** A result is owed once, for a task that is there: so no list is longer than the tables. */
    private static void checkOwed(final Core core, final OutgoingList list, final Set<Long> results) {
        int size = 0;
        for (Outgoing outgoing = list.first; outgoing != null; outgoing = outgoing.next) {
            size++;
            if (outgoing.kind == Outgoing.RESULT) {
                that(results.add(outgoing.subject), "a result is owed once");
                final Task task = core.tasks.table.get(outgoing.subject);
                that(
                        task != null && task == outgoing.task && task.isTerminal() && !task.acknowledged,
                        "a result that is owed is there");
            }
        }
        that(size == list.size, "size of a list of events");
    }

    private static void count(
            final Core core, final Map<String, Long> holds, final byte[] references, final int number) {
        for (int i = 0; i < number; i++) {
            core.view.wrap(references);
            final long pool = core.view.getLong(i * Task.REF);
            if (pool != 0) {
                final long key = Pool.key(core.view.getLong(i * Task.REF + 8), core.view.getInt(i * Task.REF + 16));
                holds.merge(pool + "/" + key, 1L, Long::sum);
            }
        }
    }

    static void that(final boolean condition, final String what) {
        if (!condition) {
            throw broken(what);
        }
    }

    /** For a text that is not made while all is well. */
    static AssertionError broken(final String what) {
        return new AssertionError("broken: " + what);
    }
}
