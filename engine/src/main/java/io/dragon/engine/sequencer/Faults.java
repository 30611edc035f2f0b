package io.dragon.engine.sequencer;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.Reason;
import java.nio.charset.StandardCharsets;

/** What the sequencer itself sees go wrong, as incident records in words. */
final class Faults {
    /** Refusals that follow one another within this time are one spell. */
    private static final long SPELL_MS = 10_000;

    /** The first step of a new leader comes within this time after the gap that the old one left. */
    private static final long TERM_AFTER_GAP_MS = 1_000;

    // what an overload is about
    private static final long OWED = 0;
    private static final long SHARE_USED = 1;
    private static final long POOL_REFUSED = 2;

    private final Core core;

    Faults(final Core core) {
        this.core = core;
    }

    private long record(
            final IncidentKind kind,
            final IncidentRule rule,
            final Party subject,
            final long detectedMs,
            final String text) {
        return core.incidents.record(kind, rule, subject, detectedMs, 0, 0, text);
    }

    /** Of what comes in floods, however its text may differ. */
    private long fold(
            final IncidentKind kind,
            final IncidentRule rule,
            final Party subject,
            final long detectedMs,
            final String text) {
        final long folded = core.incidents.fold(kind.value(), rule.value(), subject, 0);
        return folded > 0
                ? folded
                : core.incidents.record(kind.value(), rule.value(), subject, detectedMs, 0, 0, 0, text);
    }

    static String time(final long ms) {
        final long tenths = (ms + 50) / 100;
        return ms < 1_000 ? ms + " ms" : tenths / 10 + "." + tenths % 10 + " s";
    }

    // ---- parties

    /** Before its work is given to others. The number of the record; 0 for one that leaves in order. */
    long gone(final Party party, final IncidentRule rule, final long detectedMs) {
        if (rule == IncidentRule.LEFT_IN_ORDER) {
            return 0;
        }
        final IncidentKind kind;
        if (rule == IncidentRule.REGISTERED_ANEW) {
            kind = IncidentKind.PARTY_REPLACED;
        } else if (party.kind == Party.NODE) {
            kind = IncidentKind.NODE_LOST;
        } else if (rule == IncidentRule.LOCK_IS_FREE) {
            kind = IncidentKind.PARTY_DIED;
        } else {
            kind = party.kind == Party.CLIENT ? IncidentKind.CLIENT_ABANDONED : IncidentKind.PARTY_SILENT;
        }
        final String text =
                switch (rule) {
                    case REGISTERED_ANEW -> "another process has registered under its name";
                    case LOCK_IS_FREE -> "its process has ended";
                    case LINK_PROBE -> (party.kind == Party.NODE
                                    ? "no other node reaches it, and it was"
                                    : "its host is not reached, and it was")
                            + " not heard for " + time(detectedMs);
                    default -> "not heard for " + time(detectedMs);
                };
        // Two processes that fight for one name do it again and again.
        return rule == IncidentRule.REGISTERED_ANEW
                ? fold(kind, rule, party, detectedMs, text)
                : record(kind, rule, party, detectedMs, text);
    }

    /** After that: what became of its work. */
    void moved(final long number, final long moved, final long retried, final long cancelled) {
        core.incidents.add(number, moved, retried);
        final Incident incident = core.incidents.get(number);
        if (incident != null && cancelled > 0 && incident.repeated == 0) {
            incident.text = Incidents.fitting(incident.text + "; " + cancelled + " of its tasks cancelled");
        }
    }

    /** A name that was lost registers again; the number of the record, or 0 when nobody missed it. */
    long returned(final Party party, final long awayMs) {
        if (party.kind != Party.NODE && party.kind != Party.MASTER) {
            return 0;
        }
        return record(
                party.kind == Party.NODE ? IncidentKind.NODE_RETURNED : IncidentKind.MEMBER_REJOINED,
                IncidentRule.REGISTERED,
                party,
                Incidents.UNKNOWN_MS,
                "not heard for " + time(awayMs) + " before");
    }

    // ---- workers

    long hung(final Task task, final long ranMs, final long allowedMs) {
        return record(
                IncidentKind.WORKER_HUNG,
                IncidentRule.TASK_TIMEOUT,
                task.worker,
                ranMs,
                "'" + task.type.name + "' ran for " + time(ranMs) + ", allowed are " + time(allowedMs) + "; task "
                        + task.id);
    }

    void woke(final Party worker) {
        record(
                IncidentKind.WORKER_WOKE,
                IncidentRule.ANSWERED,
                worker,
                Incidents.UNKNOWN_MS,
                "it moves again and gets tasks again");
    }

    /** Its device must not be used, for a reason that the worker gives. The number of the record. */
    long deviceUnfit(final Party worker, final long detectedMs, final String text) {
        return record(
                IncidentKind.DEVICE_UNFIT,
                IncidentRule.DEVICE_HEALTH,
                worker,
                detectedMs == 0 ? Incidents.UNKNOWN_MS : detectedMs,
                text.isEmpty() ? "its device must not be used" : text);
    }

    void deviceWell(final Party worker, final long awayMs) {
        record(
                IncidentKind.WORKER_RESTORED,
                IncidentRule.DEVICE_HEALTH,
                worker,
                Incidents.UNKNOWN_MS,
                "its device is well after " + time(awayMs) + ": it gets tasks again");
    }

    void drained(final Party worker, final long probeInMs) {
        record(
                IncidentKind.WORKER_DRAINED,
                IncidentRule.FAILURES_IN_A_ROW,
                worker,
                Incidents.UNKNOWN_MS,
                worker.failuresInARow + " failures in a row: one task in " + time(probeInMs)
                        + " as a probe, no others");
    }

    void restored(final Party worker, final int successes) {
        record(
                IncidentKind.WORKER_RESTORED,
                successes > 0 ? IncidentRule.PROBE_SUCCEEDED : IncidentRule.HANDLER_REPORT,
                worker,
                Incidents.UNKNOWN_MS,
                successes > 0
                        ? (successes == 1 ? "1 success: it gets" : successes + " successes in a row: it gets")
                                + " tasks again"
                        : "what it failed on fails elsewhere too: it gets tasks again");
    }

    /** A task is tried again in smaller pieces; the next ones of its type on the same worker are the same again. */
    void split(final Task task) {
        final Party worker = core.parties.get(task.workerId);
        final int kind = IncidentKind.OUT_OF_MEMORY.value();
        final int rule = IncidentRule.HANDLER_REPORT.value();
        if (core.incidents.fold(kind, rule, worker, task.type.id) == 0) {
            core.incidents.record(
                    kind,
                    rule,
                    worker,
                    Incidents.UNKNOWN_MS,
                    0,
                    0,
                    task.type.id,
                    "'" + task.type.name + "' does not fit its device memory: tried again in smaller pieces; task "
                            + task.id);
        }
    }

    // ---- ways between nodes

    /** That a way is measured for the first time and is good is no fault, nor that a node is not reached which is known to be lost. */
    void linkChanged(final Party from, final Party to, final Link link, final int before) {
        if ((before == Link.UNKNOWN && link.state == Link.UP) || link.state == Link.UNKNOWN || !to.isAlive) {
            return;
        }
        final int kind = IncidentKind.LINK_CHANGED.value();
        final int rule = IncidentRule.LINK_PROBE.value();
        if (core.incidents.fold(kind, rule, to, link.state) == 0) {
            final String text =
                    switch (link.state) {
                        case Link.UP -> "'" + from.name + "' reaches it well again";
                        case Link.DOWN -> "'" + from.name + "' does not reach it";
                        default -> "bad to reach from '" + from.name + "': "
                                + (link.spikeNs == 0
                                        ? link.lossPermille + " of 1000 probes lost, round trip "
                                                + link.roundTripNs / 1_000 + " us"
                                        : "round trips of up to " + link.spikeNs / 1_000 + " us, usually "
                                                + link.usualNs / 1_000 + " us");
                    };
            core.incidents.record(kind, rule, to, Incidents.UNKNOWN_MS, 0, 0, link.state, text);
        }
    }

    /** Frames of a node come to another by way of a third now, or directly, or not at all; and so do those of so many pairs in all. */
    void routesChanged(final Party to, final NodePlace holding, final NodePlace via, final int changed) {
        final int kind = IncidentKind.ROUTE_CHANGED.value();
        final int rule = IncidentRule.SHORTEST_WAY.value();
        final long about = (long) holding.node.id << Integer.SIZE | (via == null ? 0 : via.node.id);
        if (core.incidents.fold(kind, rule, to, about) == 0) {
            core.incidents.reported(
                    kind,
                    rule,
                    to,
                    Incidents.UNKNOWN_MS,
                    0,
                    about,
                    "frames of '" + holding.node.name + "' "
                            + (via == null
                                    ? "have no way to it"
                                    : via == holding ? "come to it directly" : "come to it by '" + via.node.name + "'")
                            + (changed > 1 ? "; other ways changed: " + (changed - 1) : ""));
        }
    }

    // ---- tasks

    /** Only what went wrong in the system: a task that nobody could have run is told to its submitter alone. */
    void failed(final Task task, final Reason reason) {
        final IncidentKind kind = reason == Reason.INPUT_LOST ? IncidentKind.INPUT_LOST : IncidentKind.TASK_FAILED;
        final IncidentRule rule;
        switch (reason) {
            case INPUT_LOST -> rule = IncidentRule.FRAME_GONE;
            case INPUT_CORRUPT -> rule = IncidentRule.CHECKSUM;
            case HANDLER_FAILED, OUT_OF_MEMORY, TIMED_OUT, WORKER_LOST, NO_OUTPUT_SLOT, INPUT_UNREACHABLE -> {
                if (task.attempt == 0) {
                    return;
                }
                rule = IncidentRule.RETRIES_USED;
            }
            case BAD_INPUT, MALFORMED, UNKNOWN_TASK_TYPE -> {
                if (task.attempt == 0) {
                    return;
                }
                rule = IncidentRule.HANDLER_REPORT;
            }
            default -> {
                return;
            }
        }
        final long about = (task.type == null ? 0 : (long) task.type.id) << Byte.SIZE | reason.value();
        if (core.incidents.fold(kind.value(), rule.value(), task.client, about) == 0) {
            core.incidents.record(
                    kind.value(),
                    rule.value(),
                    task.client,
                    Incidents.UNKNOWN_MS,
                    0,
                    0,
                    about,
                    "'" + (task.type == null ? "" : task.type.name) + "' failed: " + words(reason)
                            + (task.attempt == 0 ? "" : ", attempts: " + task.attempt) + "; task " + task.id
                            + error(task));
        }
    }

    private static String words(final Reason reason) {
        return switch (reason) {
            case INPUT_LOST -> "an input is lost";
            case INPUT_CORRUPT -> "an input came damaged from its host, again and again";
            case INPUT_UNREACHABLE -> "the host of an input cannot be reached";
            case OUT_OF_MEMORY -> "out of device memory";
            case TIMED_OUT -> "it ran for too long";
            case WORKER_LOST -> "too many workers died with it";
            case NO_OUTPUT_SLOT -> "no slot was free for its output";
            case BAD_INPUT -> "its handler cannot use the input";
            case MALFORMED -> "its result cannot be read";
            case UNKNOWN_TASK_TYPE -> "its worker does not know the type";
            default -> "its handler failed";
        };
    }

    private static String error(final Task task) {
        final int at = task.outputs * Task.REF + task.inlineLength;
        return task.errorLength == 0
                ? ""
                : ": " + new String(task.result, at, task.errorLength, StandardCharsets.UTF_8);
    }

    void orphaned(final Pool pool) {
        if (!pool.owner.hasLeft) {
            fold(
                    IncidentKind.POOL_ORPHANED,
                    IncidentRule.LOCK_IS_FREE,
                    pool.owner,
                    Incidents.UNKNOWN_MS,
                    "a pool without its owner; frames still needed: " + pool.holds.size());
        }
    }

    // ---- the masters

    /** Nothing was sequenced for longer than masters need to be taken for away, though there was something to do. */
    void gap(final long ms) {
        record(IncidentKind.MASTERS_AWAY, IncidentRule.GAP_OF_TIME, null, ms, "nothing was sequenced for " + time(ms));
    }

    /** A term of leadership begins. */
    void term(final SequencerConfig before, final SequencerConfig now) {
        if (core.increment(Counters.TERMS) == 1
                || (before.get(Setting.MEMBER_ID) == now.get(Setting.MEMBER_ID)
                        && before.get(Setting.LEADERSHIP_TERM_ID) == now.get(Setting.LEADERSHIP_TERM_ID))) {
            return;
        }
        final boolean isAfterGap = core.nowMs() - core.counters[Counters.GAP_END_MS] <= TERM_AFTER_GAP_MS;
        record(
                IncidentKind.LEADER_CHANGED,
                IncidentRule.NEW_TERM,
                core.parties.named(Party.MASTER, "member-" + now.get(Setting.MEMBER_ID)),
                isAfterGap ? core.counters[Counters.GAP_MS] : Incidents.UNKNOWN_MS,
                before.get(Setting.MEMBER_ID) == now.get(Setting.MEMBER_ID)
                        ? "member " + now.get(Setting.MEMBER_ID) + " leads again, in term "
                                + now.get(Setting.LEADERSHIP_TERM_ID)
                        : "member " + now.get(Setting.MEMBER_ID) + " leads after member "
                                + before.get(Setting.MEMBER_ID) + ", in term " + now.get(Setting.LEADERSHIP_TERM_ID));
    }

    /** A command was refused because the table of tasks is full. */
    void tableFull() {
        final long last = core.counters[Counters.OVERLOADED_MS];
        core.counters[Counters.OVERLOADED_MS] = core.upMs();
        if (last == 0 || core.upMs() - last > SPELL_MS) {
            full("the table of " + core.config.taskCapacity + " tasks is full: clients wait");
        }
    }

    /** Frames are refused because of their client's share, though there is room for those of others. */
    void shareUsed(final Party client) {
        if (isCounted(client, SHARE_USED)) {
            return;
        }
        overloaded(client, SHARE_USED, "its jobs have as many open tasks as it may have: frames are refused");
    }

    void full(final String text) {
        record(IncidentKind.OVERLOADED, IncidentRule.TABLE_FULL, null, Incidents.UNKNOWN_MS, text);
    }

    /** A pool beyond what one party, or all together, may have: its frames are given back unused. */
    void poolRefused(final Party owner, final String whose, final int most) {
        if (isCounted(owner, POOL_REFUSED)) {
            return;
        }
        overloaded(
                owner,
                POOL_REFUSED,
                whose + " " + most + " frame pools, which is the most: frames of one more are given back unused");
    }

    /** Commands of a party are refused until it acknowledges what waits for it. */
    void owesTooMuch(final Party party) {
        if (isCounted(party, OWED)) {
            return;
        }
        overloaded(party, OWED, "it takes no events: " + (party.open.size + party.stale.size) + " wait for it");
    }

    /** Whether the same came shortly before: it is counted there, before a text is made that nobody reads. */
    private boolean isCounted(final Party party, final long about) {
        return core.incidents.fold(IncidentKind.OVERLOADED.value(), IncidentRule.TABLE_FULL.value(), party, about) > 0;
    }

    private void overloaded(final Party party, final long about, final String text) {
        final int kind = IncidentKind.OVERLOADED.value();
        core.incidents.record(kind, IncidentRule.TABLE_FULL.value(), party, Incidents.UNKNOWN_MS, 0, 0, about, text);
    }
}
