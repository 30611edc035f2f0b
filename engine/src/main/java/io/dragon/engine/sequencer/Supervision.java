package io.dragon.engine.sequencer;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.ReportIncidentDecoder;
import io.dragon.codecs.control.ReportWorkerDecoder;
import io.dragon.codecs.control.SupervisedState;
import java.util.ArrayList;

/** What node agents, masters and workers report: the processes that agents supervise, and incidents seen elsewhere. */
final class Supervision {
    private static final int MOST_OF_A_NODE = 64;
    private static final int MOST = 4_096;

    /** Values are 1, 2, 3 ... and the null value. */
    private static final int LAST_KIND = IncidentKind.values().length - 1;

    private static final int LAST_RULE = IncidentRule.values().length - 1;

    private final Core core;

    /** By number. */
    final ArrayList<SupervisedProcess> all = new ArrayList<>();

    Supervision(final Core core) {
        this.core = core;
    }

    /** What a party saw and did by itself. Without a known subject of its own host it is about the one that reports. */
    void report(final Party reporter, final ReportIncidentDecoder command) {
        final int kind = command.kindRaw();
        final int rule = command.ruleRaw();
        if (kind < 1 || kind > LAST_KIND || rule < 1 || rule > LAST_RULE) {
            core.increment(Counters.MALFORMED);
            return;
        }
        final Party named = core.parties.get((int) command.subjectId());
        final Party subject = named == null || !mayTellOf(reporter, named) ? reporter : named;
        final long detectedMs = Math.max(Incidents.UNKNOWN_MS, command.detectedMs());
        final long moved = command.moved();
        final String text = Incidents.fitting(command.text());
        final boolean isFlood = kind == IncidentKind.FRAME_CORRUPT.value() || kind == IncidentKind.INTRUDER.value();
        if (isFlood && core.incidents.fold(kind, rule, subject, 0) > 0) {
            return;
        }
        if (isFlood) {
            core.incidents.record(kind, rule, subject, detectedMs, moved, 0, 0, text);
        } else if (!core.incidents.complete(kind, rule, subject, detectedMs, text)) {
            core.incidents.reported(kind, rule, subject, detectedMs, moved, Incidents.about(text), text);
        }
    }

    /** A node agent and a master see what happens on their host, a worker only itself. */
    private static boolean mayTellOf(final Party reporter, final Party subject) {
        return reporter == subject || (reporter.kind != Party.WORKER && Parties.isOfHost(reporter, subject));
    }

    /** The state of a process that the node supervises; what an earlier incarnation of the node told goes. */
    void report(final Party node, final ReportWorkerDecoder command) {
        final int state = command.stateRaw();
        final int restarts = (int) command.restarts();
        final int waitMs = (int) command.waitMs();
        final long processId = command.processId();
        final String name = command.name();
        if (state < 1 || state > SupervisedState.STOPPED.value() || !Parties.isValidName(name)) {
            core.increment(Counters.MALFORMED);
            return;
        }
        forgetEarlier(node);
        SupervisedProcess process = find(node, name);
        if (process == null) {
            if (count(node) >= MOST_OF_A_NODE || (all.size() >= MOST && !forgetOne())) {
                core.faults.full("all entries for supervised processes are in use");
                return;
            }
            final int number = (int) core.increment(Counters.SUPERVISED);
            process = new SupervisedProcess(number, node, node.incarnation, name);
            all.add(process);
        }
        if (process.state != state || process.processId != processId || process.restarts != restarts) {
            process.sinceMs = core.upMs();
        }
        process.state = state;
        process.restarts = restarts;
        process.waitMs = waitMs;
        process.processId = processId;
        process.text = Incidents.fitting(command.text());
    }

    private SupervisedProcess find(final Party node, final String name) {
        for (int i = 0; i < all.size(); i++) {
            final SupervisedProcess process = all.get(i);
            if (process.node == node && process.name.equals(name)) {
                return process;
            }
        }
        return null;
    }

    private int count(final Party node) {
        int count = 0;
        for (int i = 0; i < all.size(); i++) {
            count += all.get(i).node == node ? 1 : 0;
        }
        return count;
    }

    private void forgetEarlier(final Party node) {
        all.removeIf(process -> process.node == node && process.nodeIncarnation != node.incarnation);
    }

    /** The oldest entry of a node that is not alive. */
    private boolean forgetOne() {
        for (int i = 0; i < all.size(); i++) {
            if (!all.get(i).node.isAlive) {
                all.remove(i);
                return true;
            }
        }
        return false;
    }

    /** The node's name is forgotten. */
    void forget(final Party node) {
        all.removeIf(process -> process.node == node);
    }
}
