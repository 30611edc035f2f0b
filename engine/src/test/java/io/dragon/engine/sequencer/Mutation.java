package io.dragon.engine.sequencer;

import java.util.List;

/**
 * A rule of the sequencer, and how to break it: text of one source file, and what stands in its place.
 *
 * @param rule  in words
 * @param file  below io/dragon/engine/sequencer
 * @param edits each must be found
 */
record Mutation(String rule, String file, List<Edit> edits) {
    record Edit(String snippet, String replacement) {}

    private static Mutation of(final String rule, final String file, final String... edits) {
        final Edit[] all = new Edit[edits.length / 2];
        for (int i = 0; i < all.length; i++) {
            all[i] = new Edit(edits[2 * i], edits[2 * i + 1]);
        }
        return new Mutation(rule, file, List.of(all));
    }

    static final List<Mutation> ALL = List.of(
            of(
                    "a command's number is taken once",
                    "Sequencer.java",
                    "if (seq <= party.lastSeq) {",
                    "if (seq < party.lastSeq) {",
                    "} else if (seq != party.lastSeq + 1) {",
                    "} else if (seq > party.lastSeq + 1) {"),
            of(
                    "an incarnation that is over is fenced",
                    "Sequencer.java",
                    "if (party == null || !party.isAlive || party.incarnation != incarnation) {",
                    "if (party == null || !party.isAlive) {"),
            of("the silent are given up", "Sequencer.java", "core.parties.checkSilence();", ""),
            of("an outage of the masters kills nobody", "Core.java", "Math.min(passed, config.maxStallMs)", "passed"),
            of(
                    "no decision looks at a wall clock",
                    "Core.java",
                    "return counters[Counters.NOW_MS];",
                    "return counters[Counters.NOW_MS] + (System.nanoTime() >>> 10 & 1);"),
            of("a dead worker's tasks go elsewhere", "Parties.java", "core.scheduler.workerGone(party);", ""),
            of(
                    "only the worker that has a task completes it",
                    "Completions.java",
                    " || task.worker != worker || task.attempt != command.attempt()",
                    ""),
            of(
                    "a report of an old attempt does not count",
                    "Completions.java",
                    " || task.attempt != command.attempt()",
                    ""),
            of(
                    "attempts are bounded",
                    "Scheduler.java",
                    "if (task.failures >= task.maxAttempts) {",
                    "if (task.failures >= 1_000) {"),
            of(
                    "a worker has no more than its window",
                    "Fitness.java",
                    "return worker.window - worker.assigned.size;",
                    "return worker.window + 1 - worker.assigned.size;"),
            of(
                    "the most urgent first",
                    "ReadyQueue.java",
                    "31 - Integer.numberOfLeadingZeros(type.readyPriorities)",
                    "Integer.numberOfTrailingZeros(type.readyPriorities)"),
            of("clients take turns", "ReadyQueue.java", "client.served[priority] = core.increment(Counters.TURN);", ""),
            of("a task waits for what it depends on", "Tasks.java", "dependant.waitingOn++;", ""),
            of("what a dependant needs is kept", "Tasks.java", "                || task.dependants != null\n", ""),
            of(
                    "a task that is cancelled lets its frames go",
                    "Tasks.java",
                    "core.frames.release(task.payload, task.inputs);",
                    "if (state != Task.CANCELLED) { core.frames.release(task.payload, task.inputs); }"),
            of(
                    "a frame is released when nothing names it any more",
                    "Frames.java",
                    "if ((held & 0xFFFF_FFFFL) > 1) {",
                    "if ((held & 0xFFFF_FFFFL) > 2) {"),
            of(
                    "what was acknowledged is not emitted again",
                    "Egress.java",
                    "party.open.first.event <= upTo",
                    "party.open.first.event < upTo"),
            of(
                    "what was lost on its way is emitted again",
                    "Egress.java",
                    "        party.stale.takeAll(party.open);\n        for (Task task",
                    "        for (Task task"),
            of(
                    "the end of a job comes behind what is to be told of it",
                    "Egress.java",
                    "                && party.pending.ofJobs + party.stale.ofJobs > 0\n",
                    "                && false\n"),
            of(
                    "the snapshot has the event counters",
                    "SnapshotParties.java",
                    ".lastEvent(party.lastEvent)",
                    ".lastEvent(party.acknowledgedEvent)"),
            of(
                    "the snapshot has the turns of the clients",
                    "SnapshotParties.java",
                    "served.next().turn(party.served[i]);",
                    "served.next().turn(0);"),
            of(
                    "nobody waits longer for a local worker than for its inputs elsewhere",
                    "Locality.java",
                    "demand.localWait(Math.min(ns, Links.UNREACHABLE_NS));",
                    "demand.localWait(ns > 0 ? 1 : 0);"),
            of(
                    "ways do not turn in circles",
                    "Routes.java",
                    "                && shortest[before * n + to] < best\n                && !isMuchBetter(best, cost[from * n + before] + shortest[before * n + to])) {",
                    "                && shortest[before * n + to] < NO_WAY) {"),
            of(
                    "no way over a node that is dead",
                    "Routes.java",
                    "!areAlive ? NO_WAY : i == j ? 0 : cost(from.links[j])",
                    "from == null || to == null ? NO_WAY : i == j ? 0 : cost(from.links[j])"),
            of(
                    "a node that others reach is not given up for their sake",
                    "Topology.java",
                    "                        return false;\n",
                    "                        continue;\n"),
            of(
                    "the snapshot has what ways were computed with",
                    "SnapshotTopology.java",
                    ".countedNs(link.countedNs)",
                    ".countedNs(0)"),
            of(
                    "a worker whose device is unfit loses its tasks",
                    "Devices.java",
                    "        core.scheduler.takeBack(worker);\n",
                    ""),
            of(
                    "a worker whose device is well again gets tasks again",
                    "Devices.java",
                    "        core.scheduler.moreUsable(worker);\n        core.scheduler.offer(worker, null);\n",
                    ""),
            of(
                    "the snapshot has which devices are unfit",
                    "SnapshotParties.java",
                    ".state((short) told.state)",
                    ".state((short) 0)"),
            of("the order of a hash table decides nothing", "Sorted.java", "return sort(keys);", "return keys;"));
}
