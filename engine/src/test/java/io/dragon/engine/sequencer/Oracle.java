package io.dragon.engine.sequencer;

import static io.dragon.engine.sequencer.Invariants.broken;
import static io.dragon.engine.sequencer.Invariants.that;

import io.dragon.codecs.control.AssignTaskDecoder;
import io.dragon.codecs.control.CloseJobDecoder;
import io.dragon.codecs.control.CompleteTaskDecoder;
import io.dragon.codecs.control.DeviceReportDecoder;
import io.dragon.codecs.control.FencedDecoder;
import io.dragon.codecs.control.HeartbeatDecoder;
import io.dragon.codecs.control.KillWorkerDecoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.PartyDeadDecoder;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.RegisterDecoder;
import io.dragon.codecs.control.RegisteredDecoder;
import io.dragon.codecs.control.ReleaseFramesDecoder;
import io.dragon.codecs.control.ResumeDecoder;
import io.dragon.codecs.control.SenderDecoder;
import io.dragon.codecs.control.StatusQueryDecoder;
import io.dragon.codecs.control.SubmitTaskDecoder;
import io.dragon.codecs.control.TaskResultDecoder;
import io.dragon.codecs.control.TaskState;
import io.dragon.codecs.control.UnregisterDecoder;
import io.dragon.engine.sequencer.Messages.Frame;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Watches each log entry where it is applied first: what is sequenced, what is emitted, and the state before and after. It
 * keeps its own books, from the messages alone, and holds the sequencer to them.
 */
final class Oracle {
    private static final int DEEP_EVERY = 53;

    /** Splits of a task for want of memory, and what it may still fail for it: more would be a loop. */
    private static final int MOST_SHORTAGES = 16;

    /** What the sequencer counts itself. */
    private static final int[] COUNTED = {
        Counters.RETRIED, Counters.REASSIGNED, Counters.CANCELLED, Counters.EXPIRED, Counters.IGNORED, Counters.SPLIT
    };

    private static final Covered[] COUNTED_AS = {
        Covered.RETRIED, Covered.REASSIGNED, Covered.CANCELLED, Covered.EXPIRED, Covered.IGNORED, Covered.SPLITS
    };

    private final Simulation simulation;
    private final long[] countedBefore = new long[COUNTED.length];
    private final Long2ObjectHashMap<Known> tasks = new Long2ObjectHashMap<>();
    private final Map<Integer, ArrayDeque<Known>> unacknowledged = new HashMap<>();
    private final Set<Long> dead = new HashSet<>();
    private final Set<Frame> released = new HashSet<>();
    private final List<Known> assignedNow = new ArrayList<>();
    private final Fairness fairness = new Fairness();
    private final Silence silence;
    private final Changes changes;
    private final Ways ways;
    private final StatusCheck status = new StatusCheck();
    private final SenderDecoder sender = new SenderDecoder();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final SubmitTaskDecoder submit = new SubmitTaskDecoder();
    private final CompleteTaskDecoder complete = new CompleteTaskDecoder();
    private final PartyDeadDecoder partyDead = new PartyDeadDecoder();
    private long entries;

    // Of the entry that is being applied.
    private int template;
    private Party party;
    private boolean isFromParty;
    private boolean isCurrent;
    private boolean counts;
    private long seqBefore;
    private long submittedBefore;
    private long endedBefore;
    private long completedBefore;
    private long failedBefore;
    private long placeBefore;
    private boolean isFencedNow;
    private boolean isTooLargeNow;
    private boolean wasSuspect;

    Oracle(final Simulation simulation) {
        this.simulation = simulation;
        silence = new Silence(simulation);
        changes = new Changes(simulation);
        ways = new Ways(simulation);
    }

    static String content(final Event result) {
        return result.state + " " + result.reason + " attempt " + result.attempt + " '" + result.text + "' step "
                + result.step + " part " + result.part + " bits " + result.cameraBits + " " + result.frames;
    }

    private static long ended(final Core core) {
        return core.counters[Counters.COMPLETED]
                + core.counters[Counters.FAILED]
                + core.counters[Counters.CANCELLED]
                + core.counters[Counters.EXPIRED];
    }

    // ---- before

    void before(final LogEntry entry, final Core core) {
        simulation.trace(entry);
        silence.before(entry, core);
        changes.before(core);
        template = entry.kind == LogEntry.COMMAND ? entry.template() : 0;
        isFromParty = entry.kind == LogEntry.COMMAND
                && template != RegisterDecoder.TEMPLATE_ID
                && template != StatusQueryDecoder.TEMPLATE_ID;
        party = null;
        isCurrent = false;
        counts = false;
        isFencedNow = false;
        isTooLargeNow = false;
        assignedNow.clear();
        submittedBefore = core.counters[Counters.SUBMITTED];
        endedBefore = ended(core);
        completedBefore = core.counters[Counters.COMPLETED];
        failedBefore = core.counters[Counters.FAILED];
        placeBefore = core.counters[Counters.PLACE];
        for (int i = 0; i < COUNTED.length; i++) {
            countedBefore[i] = core.counters[COUNTED[i]];
        }
        if (isFromParty) {
            sender.wrap(entry.buffer, MessageHeaderDecoder.ENCODED_LENGTH);
            party = core.parties.get((int) sender.partyId());
            wasSuspect = party != null && party.suspect;
            seqBefore = party == null ? 0 : party.lastSeq;
            isCurrent = party != null
                    && party.isAlive
                    && party.incarnation == (int) sender.incarnation()
                    && !dead.contains(key(party.id, party.incarnation));
            if (isCurrent) {
                silence.heard(party.id);
                acknowledge(sender.lastEvent());
            }
            if (template == SubmitTaskDecoder.TEMPLATE_ID && isCurrent && sender.seq() == seqBefore + 1) {
                enter(entry);
            } else if (template == CompleteTaskDecoder.TEMPLATE_ID) {
                complete.wrapAndApplyHeader(entry.buffer, 0, header);
                final Task task = core.tasks.table.get(complete.taskId());
                counts = isCurrent
                        && sender.seq() == seqBefore + 1
                        && task != null
                        && task.state == Task.ASSIGNED
                        && task.worker == party
                        && task.attempt == complete.attempt();
                if (counts && complete.reason() == Reason.NONE) {
                    known(task.id, core).token = text();
                }
            }
        }
    }

    /** It may be refused; then it comes again. */
    private void enter(final LogEntry entry) {
        submit.wrapAndApplyHeader(entry.buffer, 0, header);
        final Known known = new Known(Tasks.id(party.id, sender.seq()), party.id, party.incarnation);
        tasks.put(known.id, known);
        known.isOptional = submit.flags().optionalDependencies();
        known.maxAttempts = submit.maxAttempts();
        final SubmitTaskDecoder.DependenciesDecoder dependencies = submit.dependencies();
        known.dependencies = new long[dependencies.count()];
        for (int i = 0; i < known.dependencies.length; i++) {
            known.dependencies[i] = dependencies.next().taskId();
        }
    }

    private String text() {
        complete.sbeRewind();
        complete.outputs().forEach(output -> {});
        final byte[] inline = new byte[complete.inlineResultLength()];
        complete.getInlineResult(inline, 0, inline.length);
        return new String(inline, java.nio.charset.StandardCharsets.UTF_8);
    }

    /** What was emitted up to a number that the client has heard in order is never emitted again. */
    private void acknowledge(final long lastEvent) {
        final ArrayDeque<Known> open = unacknowledged.get(party.id);
        if (open != null && lastEvent > party.acknowledgedEvent) {
            open.removeIf(known -> {
                // A number from before the last base but one says nothing any more.
                known.isClosed = known.event <= lastEvent
                        && known.event > (lastEvent < party.base ? party.previousBase : party.base);
                return known.isClosed;
            });
        }
    }

    // ---- emitted

    private static long key(final int partyId, final int incarnation) {
        return (long) partyId << 32 | incarnation;
    }

    void emitted(final Event event, final Core core) {
        final Party to = core.parties.get(event.partyId);
        that(to.incarnation == event.incarnation, "no event to an old incarnation");
        if (event.is(AssignTaskDecoder.TEMPLATE_ID)) {
            assigned(event, to, core);
        } else if (event.is(TaskResultDecoder.TEMPLATE_ID)) {
            result(event, to, core);
        } else if (event.is(ReleaseFramesDecoder.TEMPLATE_ID)) {
            released.addAll(event.frames);
            simulation.count(
                    Covered.STEPS_REFUSED,
                    event.reasons.stream().filter(Reason.OVERLOADED::equals).count());
        } else if (event.is(KillWorkerDecoder.TEMPLATE_ID)) {
            kill(event, core);
        }
    }

    void replied(final Event event) {
        isFencedNow |= event.is(FencedDecoder.TEMPLATE_ID);
    }

    private void assigned(final Event event, final Party to, final Core core) {
        if (!(to.isAlive && !dead.contains(key(event.partyId, event.incarnation)))) {
            throw broken("no assignment to a dead incarnation: task " + Long.toHexString(event.taskId));
        }
        final Known known = known(event.taskId, core);
        if (!(!known.isTerminal())) {
            throw broken("none runs once its result is known: task " + Long.toHexString(event.taskId));
        }
        if (event.attempt == known.attempt) {
            that(
                    known.workerId == event.partyId && known.workerIncarnation == event.incarnation,
                    "an attempt is one worker's");
            that(known.assignBase != to.base, "an assignment is emitted again only behind a Resumed");
        } else {
            that(event.attempt > known.attempt, "attempts are numbered upwards");
            known.attempt = event.attempt;
            known.workerId = event.partyId;
            known.workerIncarnation = event.incarnation;
            assignedNow.add(known);
            for (int i = 0; i < event.frames.size(); i++) {
                if (!(event.absent.get(i) || !released.contains(event.frames.get(i)))) {
                    throw broken("no input was released before its task ran: " + event.frames.get(i));
                }
            }
        }
        known.assignBase = to.base;
    }

    private void kill(final Event event, final Core core) {
        simulation.count(Covered.KILLS_ASKED);
        final KillWorkerDecoder kill = event.as(new KillWorkerDecoder());
        final Party worker = core.parties.get((int) kill.workerId());
        that(
                worker != null
                        && worker.incarnation == (int) kill.workerIncarnation()
                        && worker.nodeId == event.partyId
                        && (worker.suspect || !worker.isAlive),
                "only a worker that hangs is killed, by its own node");
        that(kill.hungMs() >= core.config.get(Setting.HANG_KILL_AFTER_MS), "no worker is killed early");
    }

    private void result(final Event event, final Party to, final Core core) {
        final String content = content(event);
        Known known = tasks.get(event.taskId);
        if (known == null) {
            known = new Known(event.taskId, event.partyId, event.incarnation);
            tasks.put(event.taskId, known);
        }
        if (known.content == null) {
            known.content = content;
            known.isCompleted = event.state == TaskState.COMPLETED;
            if (event.state == TaskState.FAILED && event.reason == Reason.OUT_OF_MEMORY) {
                final boolean isTooLarge = event.text.startsWith("the task needs");
                isTooLargeNow |= isTooLarge;
                simulation.count(isTooLarge ? Covered.TOO_LARGE : Covered.SPLIT_IN_VAIN);
                that(
                        isTooLarge || event.split == core.config.get(Setting.MAX_SPLIT),
                        "out of memory in the most pieces only");
            }
            if (known.isCompleted) {
                if (!(event.text.equals(known.token))) {
                    throw broken("a result is what the present attempt reported: " + event);
                }
            }
            unacknowledged
                    .computeIfAbsent(event.partyId, id -> new ArrayDeque<>())
                    .add(known);
        } else {
            if (!(known.content.equals(content))) {
                throw broken("none delivered twice: another result, " + event);
            }
            if (!(!known.isClosed)) {
                throw broken("none delivered twice: emitted after it was acknowledged, " + event);
            }
            if (!(known.resultBase != to.base)) {
                throw broken("none delivered twice: emitted again without a Resumed, " + event);
            }
        }
        known.event = event.number;
        known.resultBase = to.base;
    }

    private Known known(final long taskId, final Core core) {
        Known known = tasks.get(taskId);
        if (known == null) {
            final Task task = core.tasks.table.get(taskId);
            that(task != null && task.kind != Task.SUBMITTED, "what is assigned was submitted");
            known = new Known(taskId, task.client.id, task.client.incarnation);
            known.maxAttempts = task.maxAttempts;
            tasks.put(taskId, known);
        }
        return known;
    }

    // ---- after

    void after(final LogEntry entry, final Core core) {
        if (isFromParty) {
            afterCommand(entry, core);
        } else if (template == RegisterDecoder.TEMPLATE_ID) {
            afterRegister(entry);
        } else if (template == StatusQueryDecoder.TEMPLATE_ID) {
            status.check(entry, core);
        }
        changes.after(entry, core);
        ways.after(entry, core);
        that(
                core.counters[Counters.SUBMITTED]
                        == ended(core)
                                + core.counters[Counters.WAITING]
                                + core.counters[Counters.READY]
                                + core.counters[Counters.ASSIGNED],
                "no accepted task lost: the counters do not add up");
        if (entry.kind == LogEntry.TICK) {
            for (final Party silent : silence.afterTick(core)) {
                over(core, silent.id, silent.incarnation);
            }
        }
        for (int i = 0; i < COUNTED.length; i++) {
            simulation.count(COUNTED_AS[i], core.counters[COUNTED[i]] - countedBefore[i]);
        }
        checkAssigned(core);
        fairness.after(core, placeBefore);
        if (++entries % DEEP_EVERY == 0 || simulation.isThorough()) {
            checkDeep(core);
        }
    }

    private void afterCommand(final LogEntry entry, final Core core) {
        if (!isCurrent) {
            that(isFencedNow, "a command of an incarnation that is over is fenced");
            that(
                    (party == null || party.lastSeq == seqBefore)
                            && core.counters[Counters.SUBMITTED] == submittedBefore
                            && ended(core) == endedBefore,
                    "a command of an incarnation that is over changes nothing");
            return;
        }
        if (template == HeartbeatDecoder.TEMPLATE_ID || template == ResumeDecoder.TEMPLATE_ID) {
            if (template == ResumeDecoder.TEMPLATE_ID) {
                simulation.count(Covered.RESUMES);
            }
            that(party.lastSeq == seqBefore, "a command without a number takes none");
            return;
        }
        if (template == DeviceReportDecoder.TEMPLATE_ID) {
            // Tasks that it takes away may fail, and steps that waited for them be made.
            that(party.lastSeq == seqBefore, "a report of a device takes no number");
            return;
        }
        if (template == UnregisterDecoder.TEMPLATE_ID && !party.isAlive) {
            that(party.lastSeq >= seqBefore, "no number is used twice");
            over(core, party.id, party.incarnation);
            return;
        }
        final boolean isNext = sender.seq() == seqBefore + 1;
        final boolean isTaken = party.lastSeq == seqBefore + 1;
        that(party.lastSeq == seqBefore || isNext && isTaken, "each number is taken once, in order");
        if (!isTaken) {
            // What makes room, cancels and the ends of jobs, is done ahead of its turn.
            that(
                    core.counters[Counters.SUBMITTED] == submittedBefore || template == CloseJobDecoder.TEMPLATE_ID,
                    "a command that is not taken does nothing");
            if (!isNext) {
                simulation.count(Covered.COMMANDS_TWICE);
            }
            return;
        }
        switch (template) {
            case SubmitTaskDecoder.TEMPLATE_ID -> tasks.get(Tasks.id(party.id, sender.seq())).isSubmitted = true;
            case CompleteTaskDecoder.TEMPLATE_ID -> completed(core);
            case PartyDeadDecoder.TEMPLATE_ID -> {
                partyDead.wrapAndApplyHeader(entry.buffer, 0, header);
                over(core, (int) partyDead.partyId(), (int) partyDead.incarnation());
            }
            default -> {}
        }
    }

    private void completed(final Core core) {
        if (!counts) {
            final Known late = tasks.get(complete.taskId());
            if (late != null && late.attempt != complete.attempt()) {
                simulation.count(wasSuspect ? Covered.LATE_BY_THE_HUNG : Covered.LATE_REFUSED);
            }
            if (!(core.counters[Counters.COMPLETED] == completedBefore
                    && (core.counters[Counters.FAILED] == failedBefore
                            || core.parties.deadNodes > 0
                            || isTooLargeNow))) {
                throw broken("a report of an old attempt ends nothing: task " + Long.toHexString(complete.taskId()));
            }
            return;
        }
        final Task task = core.tasks.table.get(complete.taskId());
        final Known known = known(complete.taskId(), core);
        switch (complete.reason()) {
            case NONE, INPUT_LOST, BAD_INPUT, INPUT_CORRUPT -> {}
                // What is known to be lost by then is no attempt.
            case INPUT_UNREACHABLE -> known.failures += core.parties.deadNodes > 0 ? 0 : 1;
            case OUT_OF_MEMORY -> known.shortages++;
            default -> known.failures++;
        }
        final boolean isOver = task == null || task.isTerminal();
        if (!(known.failures < Math.max(1, known.maxAttempts) || known.maxAttempts == 0 || isOver)) {
            throw broken("attempts bounded: task " + Long.toHexString(known.id) + " failed " + known.failures
                    + " times of " + known.maxAttempts);
        }
        that(known.shortages < MOST_SHORTAGES || isOver, "attempts bounded: short of memory again and again");
    }

    private void afterRegister(final LogEntry entry) {
        for (final Event event : entry.out) {
            if (event.is(RegisteredDecoder.TEMPLATE_ID)) {
                final RegisteredDecoder reply = event.as(new RegisteredDecoder());
                silence.heard((int) reply.partyId());
                dead.add(key((int) reply.partyId(), (int) reply.incarnation() - 1));
            }
        }
    }

    private void over(final Core core, final int id, final int incarnation) {
        dead.add(key(id, incarnation));
        final Party gone = core.parties.get(id);
        that(
                gone == null || gone.incarnation != incarnation || gone.assigned.size == 0,
                "no assignment to a dead incarnation: it keeps what it had");
    }

    private void checkAssigned(final Core core) {
        for (final Known known : assignedNow) {
            for (final long id : known.dependencies) {
                final Known dependency = tasks.get(id);
                final boolean isAbandoned =
                        dependency != null && dead.contains(key(dependency.clientId, dependency.clientIncarnation));
                if (!(dependency != null && (dependency.isTerminal() || isAbandoned))) {
                    throw broken("dependencies respected: " + Long.toHexString(known.id) + " runs before "
                            + Long.toHexString(id) + " has ended");
                }
                if (!(known.isOptional || isAbandoned || dependency.isCompleted)) {
                    throw broken("dependencies respected: " + Long.toHexString(known.id) + " runs though "
                            + Long.toHexString(id) + " has failed");
                }
            }
            final Task task = core.tasks.table.get(known.id);
            // An input found lost while assigning fails a task, and what depends on it is ready only then.
            if (task != null
                    && task.state == Task.ASSIGNED
                    && task.place > placeBefore
                    && core.counters[Counters.FAILED] == failedBefore) {
                final int waiting = 31 - Integer.numberOfLeadingZeros(task.type.readyPriorities);
                if (!(task.priority >= waiting)) {
                    throw broken("priorities respected: " + task.priority + " before " + waiting);
                }
            }
        }
    }

    private void checkDeep(final Core core) {
        Invariants.check(core);
        for (final Known known : tasks.values()) {
            if (!known.isTerminal() && known.isSubmitted) {
                final Party client = core.parties.get(known.clientId);
                if (!(client == null
                        || !client.isAlive
                        || client.incarnation != known.clientIncarnation
                        || core.tasks.table.containsKey(known.id))) {
                    throw broken("no accepted task lost: " + Long.toHexString(known.id) + " is not known any more");
                }
            }
        }
    }

    /** Nothing is needed any more. */
    void atRest() {
        for (final SimulatedMember member : simulation.masters.members) {
            final Core core = member.sequencer.core();
            Invariants.check(core);
            that(core.tasks.table.isEmpty(), "no task is left");
            that(core.jobs.all.isEmpty(), "no job is left");
            for (final Pool pool : core.frames.pools.values()) {
                if (!(pool.holds.isEmpty())) {
                    throw broken("no held slot forgotten: pool " + pool.id);
                }
                if (!(pool.isOwned())) {
                    throw broken("no pool of the dead forgotten: " + pool.id);
                }
            }
        }
    }
}
