package io.dragon.engine.sequencer;

import static io.dragon.engine.sequencer.Invariants.broken;
import static io.dragon.engine.sequencer.Invariants.that;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * What a log entry changes of the parties and the tables: each fault that was detected has its record, no table grows beyond its
 * bound. Counts what of it occurs.
 */
final class Changes {
    /** A party before the entry. */
    private static final class Was {
        int incarnation;
        boolean isAlive;
        boolean suspect;
        boolean drained;
        boolean probing;
        boolean unfit;
        int nodeId;
        int openTasks;
    }

    private static final IncidentKind[] KINDS = IncidentKind.values();

    private final Simulation simulation;
    private final Int2ObjectHashMap<Was> parties = new Int2ObjectHashMap<>();
    private long newest;
    private long oldest;
    private int taken;
    private int names;
    private int memberId;
    private long leadershipTermId;
    private long terms;
    private long lastId;

    Changes(final Simulation simulation) {
        this.simulation = simulation;
    }

    void before(final Core core) {
        for (int i = 0; i < core.parties.all.size(); i++) {
            final Party party = core.parties.all.get(i);
            Was was = parties.get(party.id);
            if (was == null) {
                was = new Was();
                parties.put(party.id, was);
            }
            was.incarnation = party.incarnation;
            was.isAlive = party.isAlive;
            was.suspect = party.suspect;
            was.drained = party.drained;
            was.probing = party.probing;
            was.unfit = party.isUnfit();
            was.nodeId = party.allocatedNodeId;
            was.openTasks = party.openTasks;
        }
        newest = core.incidents.newest();
        oldest = core.incidents.oldest();
        taken = core.tasks.taken();
        names = core.parties.all.size();
        memberId = core.config.get(Setting.MEMBER_ID);
        leadershipTermId = core.config.get(Setting.LEADERSHIP_TERM_ID);
        lastId = core.counters[Counters.LAST_PARTY_ID];
        terms = core.counters[Counters.TERMS];
    }

    void after(final LogEntry entry, final Core core) {
        for (int i = 0; i < core.parties.all.size(); i++) {
            final Party party = core.parties.all.get(i);
            final Was was = parties.get(party.id);
            if (was != null) {
                compare(party, was, entry, core);
            }
        }
        if (terms > 0
                && (memberId != core.config.get(Setting.MEMBER_ID)
                        || leadershipTermId != core.config.get(Setting.LEADERSHIP_TERM_ID))) {
            simulation.count(
                    memberId == core.config.get(Setting.MEMBER_ID)
                            ? Covered.SAME_LEADER_AGAIN
                            : Covered.ANOTHER_LEADER);
            recorded(core, IncidentRule.NEW_TERM, null);
        }
        if (core.counters[Counters.LAST_PARTY_ID] > lastId && core.parties.all.size() <= names) {
            simulation.count(Covered.NAMES_FORGOTTEN);
        }
        that(core.incidents.newest() >= newest, "incidents: numbers grow");
        for (long number = Math.max(newest + 1, core.incidents.oldest()); number <= core.incidents.newest(); number++) {
            final Incident incident = core.incidents.get(number);
            simulation.incident(incident.kind);
            if (incident.text.startsWith("all entries")) {
                simulation.count(Covered.SUPERVISED_REFUSED);
            }
        }
        that(
                core.incidents.newest() - core.incidents.oldest() < core.config.get(Setting.INCIDENT_CAPACITY),
                "bounded tables: incidents");
        that(core.tasks.taken() <= Math.max(taken, core.config.get(Setting.TASK_CAPACITY)), "bounded tables: tasks");
        that(
                core.parties.all.size() <= Math.max(names, core.config.get(Setting.MAX_PARTIES)),
                "bounded tables: parties");
    }

    private void compare(final Party party, final Was was, final LogEntry entry, final Core core) {
        if (was.isAlive && (!party.isAlive || party.incarnation != was.incarnation)) {
            gone(party, entry, core);
        }
        if (party.openTasks > was.openTasks) {
            that(
                    party.openTasks <= core.config.get(Setting.MAX_OPEN_TASKS_PER_CLIENT),
                    "bounded tables: open tasks of a client");
        }
        if (party.kind == Party.WORKER && party.isAlive && was.isAlive && party.incarnation == was.incarnation) {
            worker(party, was, core);
        }
        if (was.nodeId != 0 && party.allocatedNodeId != 0 && was.nodeId != party.allocatedNodeId) {
            simulation.count(Covered.CAMERAS_MOVED);
        }
    }

    private void gone(final Party party, final LogEntry entry, final Core core) {
        if (entry.kind == LogEntry.TICK) {
            if (!hasRecord(core, IncidentRule.LINK_PROBE, party)) {
                recorded(core, IncidentRule.SILENCE, party);
            }
        } else if (party.incarnation > 0 && party.isAlive) {
            simulation.count(Covered.REPLACED);
            recorded(core, IncidentRule.REGISTERED_ANEW, party);
        } else if (!party.hasLeft) {
            recorded(core, IncidentRule.LOCK_IS_FREE, party);
        }
    }

    private void worker(final Party worker, final Was was, final Core core) {
        if (worker.suspect && !was.suspect) {
            simulation.count(Covered.HUNG);
            recorded(core, IncidentRule.TASK_TIMEOUT, worker);
        } else if (was.suspect && !worker.suspect) {
            simulation.count(Covered.WOKEN);
            recorded(core, IncidentRule.ANSWERED, worker);
        }
        if (worker.drained && !was.drained) {
            simulation.count(Covered.DRAINED);
            recorded(core, IncidentRule.FAILURES_IN_A_ROW, worker);
        } else if (was.drained && !worker.drained) {
            final boolean isProven = hasRecord(core, IncidentRule.PROBE_SUCCEEDED, worker);
            simulation.count(isProven ? Covered.RESTORED_BY_PROBES : Covered.RESTORED_BLAMELESS);
            if (!isProven) {
                recorded(core, IncidentRule.HANDLER_REPORT, worker);
            }
        }
        if (worker.isUnfit() != was.unfit) {
            simulation.count(was.unfit ? Covered.DEVICES_WELL : Covered.DEVICES_UNFIT);
            recorded(core, IncidentRule.DEVICE_HEALTH, worker);
        }
        if (worker.probing && !was.probing) {
            simulation.count(Covered.PROBES);
        } else if (was.probing && worker.drained && !worker.probing) {
            simulation.count(Covered.PROBES_FAILED);
        }
    }

    private boolean hasRecord(final Core core, final IncidentRule rule, final Party subject) {
        final int id = subject == null ? 0 : subject.id;
        for (long number = core.incidents.newest(); number >= core.incidents.oldest(); number--) {
            final Incident incident = core.incidents.get(number);
            if (incident.rule == rule.value()
                    && (subject == null || incident.subjectId == id)
                    && incident.lastMs == core.nowMs()) {
                return true;
            }
        }
        return false;
    }

    private void recorded(final Core core, final IncidentRule rule, final Party subject) {
        // What is counted with an earlier record may have gone with that, when the same entry led to others.
        final boolean isGone = rule == IncidentRule.REGISTERED_ANEW && core.incidents.oldest() > oldest;
        if (!isGone
                && core.incidents.newest() - newest < core.config.get(Setting.INCIDENT_CAPACITY)
                && !hasRecord(core, rule, subject)) {
            throw broken("every fault that is detected leaves a record: " + rule
                    + (subject == null ? "" : " of " + subject.name));
        }
    }

    /** In words, for a kind that has never occurred. */
    static String words(final int kind) {
        for (final IncidentKind each : KINDS) {
            if (each.value() == kind && each != IncidentKind.NULL_VAL) {
                return "incidents " + each;
            }
        }
        return null;
    }
}
