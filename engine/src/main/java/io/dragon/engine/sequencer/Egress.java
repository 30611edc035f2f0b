package io.dragon.engine.sequencer;

/**
 * What is owed to every party: events, acknowledgements, refusals. Events are given their counters at the end of a step,
 * stay in the party's list until acknowledged, and are emitted again from there under new counters.
 *
 * <pre>
 *   add -> pending --(end of step: counter given)--> open --(acknowledged)--> gone
 *                                                     |  ^
 *                                     Resume, or lag  v  |  at most a batch a step, new counters
 *                                                    stale
 * </pre>
 */
final class Egress {
    /** Commands of one party in the same millisecond that are acknowledged together. */
    private static final int ACK_BATCH = 16;

    private static final int MOST_BACKOFF = 5;

    /** Events a party may leave unacknowledged before its commands are refused, so that no list grows without end. */
    private static final int MOST_OWED = 1 << 17;

    /** How often a step looks through all that is owed to a party for what the end of a job has to wait for. */
    private static final int MOST_LOOKS = 4;

    private final Core core;
    private final Encoder encoder;
    private Outgoing free;
    private Party touched;
    private Party lastTouched;
    private Party owing;
    private int looks;

    Egress(final Core core) {
        this.core = core;
        encoder = new Encoder(core);
    }

    Outgoing outgoing(final int kind) {
        final Outgoing outgoing = free == null ? new Outgoing() : free;
        free = outgoing.next;
        outgoing.kind = kind;
        outgoing.event = 0;
        outgoing.task = null;
        outgoing.subject = 0;
        outgoing.a = 0;
        outgoing.b = 0;
        outgoing.c = 0;
        outgoing.d = 0;
        outgoing.reason = 0;
        outgoing.next = null;
        return outgoing;
    }

    private void recycle(final Outgoing outgoing) {
        outgoing.task = null;
        outgoing.next = free;
        free = outgoing;
    }

    void add(final Party party, final Outgoing outgoing) {
        if (party.isAlive) {
            party.pending.add(outgoing);
            touch(party);
        } else {
            recycle(outgoing);
        }
    }

    /** The party has something to be emitted at the end of this step. */
    void touch(final Party party) {
        if (!party.isTouched) {
            party.isTouched = true;
            party.nextTouched = null;
            if (touched == null) {
                touched = party;
            } else {
                lastTouched.nextTouched = party;
            }
            lastTouched = party;
        }
    }

    /**
     * Takes a cumulative acknowledgement. A number below the base of the last Resumed was sent before that was heard, and
     * speaks of what was emitted between the two last bases; a later one says nothing of what was emitted before the base.
     */
    void acknowledge(final Party party, final long lastEvent) {
        final long upTo = Math.min(lastEvent, party.lastEvent);
        if (upTo <= party.acknowledgedEvent) {
            return;
        }
        party.acknowledgedEvent = upTo;
        party.lagSinceMs = core.upMs();
        if (upTo == party.lastEvent) {
            party.lagBackoff = 0;
        }
        if (upTo < party.base) {
            if (upTo > party.previousBase) {
                acknowledgeStale(party, upTo);
            }
            return;
        }
        while (party.open.first != null && party.open.first.event <= upTo) {
            acknowledged(party.open.poll());
        }
    }

    private void acknowledgeStale(final Party party, final long upTo) {
        final OutgoingList stale = party.stale;
        int left = stale.size;
        while (left-- > 0) {
            final Outgoing outgoing = stale.poll();
            if (outgoing.event > 0 && outgoing.event <= upTo) {
                acknowledged(outgoing);
            } else {
                stale.add(outgoing);
            }
        }
    }

    private void acknowledged(final Outgoing outgoing) {
        if (outgoing.task != null) {
            core.tasks.acknowledged(outgoing.task);
        }
        recycle(outgoing);
    }

    /** Heartbeats acknowledge too, so a party that lives comes out of this without a command being taken. */
    boolean owesTooMuch(final Party party) {
        return party.open.size + party.stale.size >= MOST_OWED;
    }

    /** Whether the node has not acknowledged yet that this incarnation of a worker is to be killed. */
    boolean owesKill(final Party node, final Party worker) {
        return hasKill(node.pending, worker) || hasKill(node.open, worker) || hasKill(node.stale, worker);
    }

    private static boolean hasKill(final OutgoingList list, final Party worker) {
        for (Outgoing each = list.first; each != null; each = each.next) {
            if (each.kind == Outgoing.KILL
                    && each.subject == worker.id
                    && each.a == Integer.toUnsignedLong(worker.incarnation)) {
                return true;
            }
        }
        return false;
    }

    /** A command that was taken before came again: its acknowledgement must have been lost. */
    void acknowledgeAgain(final Party party) {
        party.ackSentSeq = Math.min(party.ackSentSeq, party.lastSeq - 1);
        touch(party);
    }

    /** Says so once; what follows in the same burst is refused for the same reason and needs no answer of its own. */
    void refuse(final Party party, final long seq, final int reason, final int retryAfterMs) {
        core.increment(Counters.REFUSALS);
        final long expected = party.lastSeq + 1;
        final long pauseMs = Math.max(retryAfterMs, core.config.tickMs);
        if (party.refusedSeq == expected && seq != expected && core.upMs() - party.refusedMs < pauseMs) {
            return;
        }
        party.refusedSeq = expected;
        party.refusedMs = core.upMs();
        encoder.refused(party, seq, expected, retryAfterMs, reason);
    }

    void resume(final Party party, final long correlationId) {
        core.increment(Counters.RESUMES);
        emitAgain(party, correlationId);
    }

    private void emitAgain(final Party party, final long correlationId) {
        party.previousBase = party.base;
        party.base = count(party);
        encoder.resumed(party, party.base, correlationId);
        for (Outgoing outgoing = party.stale.first; outgoing != null; outgoing = outgoing.next) {
            outgoing.event = 0; // Two bases ago: no acknowledgement can mean it any more.
        }
        party.stale.takeAll(party.open);
        for (Task task = party.assigned.first; task != null; task = task.next) {
            task.assignEvent = 0;
        }
        touch(party);
    }

    /** The next counter; the time since when an acknowledgement is due. */
    private long count(final Party party) {
        if (party.lastEvent == party.acknowledgedEvent) {
            party.lagSinceMs = core.upMs();
        }
        return ++party.lastEvent;
    }

    /** The party is gone: nothing is owed to it any more. */
    void drop(final Party party) {
        party.stale.takeAll(party.open);
        party.stale.takeAll(party.pending);
        while (party.stale.first != null) {
            recycle(party.stale.poll());
        }
        party.acknowledgedEvent = party.lastEvent;
        party.lagBackoff = 0;
        party.ackSentSeq = party.lastSeq;
    }

    /** Acknowledges the last command of a party that leaves. */
    void farewell(final Party party) {
        encoder.ack(party);
    }

    void tick(final Party party) {
        if (party.stale.first != null || hasUnsentAssignment(party)) {
            touch(party);
        } else if (party.lastEvent > party.acknowledgedEvent
                && core.upMs() - party.lagSinceMs > (long) core.config.eventLagMs << party.lagBackoff
                && (party.open.first != null || hasUnacknowledgedAssignment(party))) {
            core.increment(Counters.LAG_RESUMES);
            party.lagBackoff = Math.min(MOST_BACKOFF, party.lagBackoff + 1);
            party.lagSinceMs = core.upMs();
            emitAgain(party, 0);
        }
    }

    private static boolean hasUnsentAssignment(final Party party) {
        for (Task task = party.assigned.first; task != null; task = task.next) {
            if (task.assignEvent == 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasUnacknowledgedAssignment(final Party party) {
        for (Task task = party.assigned.first; task != null; task = task.next) {
            if (task.assignEvent > party.acknowledgedEvent) {
                return true;
            }
        }
        return false;
    }

    /** The end of a step. */
    void flush() {
        while (touched != null) {
            final Party party = touched;
            touched = party.nextTouched;
            party.isTouched = false;
            party.nextTouched = null;
            if (party.isAlive) {
                flush(party);
            }
        }
        if (core.hasAdvanced) {
            payAll();
        }
    }

    private void flush(final Party party) {
        looks = MOST_LOOKS;
        while (party.pending.first != null) {
            emitInTurn(party, party.pending);
        }
        int budget = core.config.resumeBatch;
        while (party.stale.first != null && budget > 0) {
            emitInTurn(party, party.stale);
            budget--;
        }
        for (Task task = party.assigned.first; task != null && budget > 0; task = task.next) {
            if (task.assignEvent == 0) {
                task.assignEvent = count(party);
                encoder.assign(party, task);
                budget--;
            }
        }
        if (party.lastSeq > party.ackSentSeq) {
            if (party.ackSentMs != core.nowMs() || party.lastSeq - party.ackSentSeq >= ACK_BATCH) {
                encoder.ack(party);
            } else {
                owe(party);
            }
        }
    }

    /** Acknowledged when the millisecond is over, together with what else comes in it. */
    void owe(final Party party) {
        if (party.isAlive && party.lastSeq > party.ackSentSeq && !party.isOwing) {
            party.isOwing = true;
            party.nextOwing = owing;
            owing = party;
        }
    }

    private void payAll() {
        while (owing != null) {
            final Party party = owing;
            owing = party.nextOwing;
            party.isOwing = false;
            party.nextOwing = null;
            if (party.isAlive && party.lastSeq > party.ackSentSeq) {
                encoder.ack(party);
            }
        }
    }

    /**
     * The end of a job is told behind all else of it, also where that waits to be emitted again, or ended with the last of its steps:
     * who hears it awaits no more. Where many jobs have ended with much to be told, most wait for a later step without a look.
     */
    private void emitInTurn(final Party party, final OutgoingList list) {
        final Outgoing first = list.first;
        if (first.kind == Outgoing.JOB_CLOSED
                && party.pending.ofJobs + party.stale.ofJobs > 0
                && (--looks < 0 || hasOfJob(party.pending, first.subject) || hasOfJob(party.stale, first.subject))) {
            party.stale.add(list.poll());
        } else {
            emitFirst(party, list);
        }
    }

    private static boolean hasOfJob(final OutgoingList list, final long jobId) {
        for (Outgoing each = list.first; each != null; each = each.next) {
            final boolean isResult = each.kind == Outgoing.RESULT && each.task.job != null && each.task.job.id == jobId;
            if (isResult || each.kind == Outgoing.JOB_STARTED && each.subject == jobId) {
                return true;
            }
        }
        return false;
    }

    /** Emits the first of a list under a new counter, released frames with as many of the same kind as fit. */
    private void emitFirst(final Party party, final OutgoingList list) {
        final Outgoing outgoing = list.poll();
        if (outgoing.kind == Outgoing.KILL && !core.hung.holds(outgoing)) {
            recycle(outgoing);
            return;
        }
        outgoing.event = count(party);
        party.open.add(outgoing);
        if (core.trace != null && outgoing.kind == Outgoing.RESULT) {
            core.trace.told(outgoing.subject, party.id, outgoing.event);
        }
        if (outgoing.kind == Outgoing.RELEASE) {
            int frames = 1;
            while (frames < Encoder.MOST_RELEASES && list.first != null && list.first.kind == Outgoing.RELEASE) {
                final Outgoing more = list.poll();
                more.event = outgoing.event;
                party.open.add(more);
                frames++;
            }
            encoder.release(party, outgoing, frames);
        } else {
            encoder.encode(party, outgoing);
        }
    }

    void restore(final Party party, final Outgoing outgoing, final boolean isStale) {
        (isStale ? party.stale : party.open).add(outgoing);
    }
}
