package io.dragon.engine.sequencer;

import io.dragon.codecs.control.*;
import io.dragon.engine.sequencer.Messages.Frame;
import io.dragon.engine.sequencer.balance.Strategy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Clients, workers, cameras and a node around one sequencer, everything going wrong that can; one seed, one history. */
final class Simulation implements EventSink {
    private static final String[] TYPES = {"mask", "carve", "plain"};

    /** A task of the usual size takes 5 ms: 1000 / 5 = 200, and half of it, 100, after an error. */
    private static final int THRESHOLD_BETWEEN_AN_ERROR_AND_NONE = 150_000;

    /** Of a device; tasks need less, but for a few that fit nowhere. */
    private static final int MEMORY = 1_000;

    private final SplittableRandom random;
    private final SequencerConfig config;
    private final List<Proc> procs = new ArrayList<>();
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[Sequencer.MAX_MESSAGE_LENGTH]);
    private final Set<Long> orphans = new HashSet<>();
    private final Map<Long, Integer> deadParties = new HashMap<>();
    private final List<Task> assignedNow = new ArrayList<>();
    private final Set<String> assignments = new HashSet<>();
    private long placeBefore;
    private long failedBefore;
    private Sequencer sequencer;
    private Sequencer replica;
    private final boolean isStrict;
    private final EventSink nowhere = new EventSink() {
        private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[Sequencer.MAX_MESSAGE_LENGTH]);

        @Override
        public MutableDirectBuffer claim(final int maxLength) {
            return buffer;
        }

        @Override
        public void emit(final int partyId, final int length) {}

        @Override
        public void reply(final long sessionId, final int length) {}
    };

    /** Only the replica is traced: a trace that changed a decision would make the two differ. */
    private final TraceNotes trace = new TraceNotes();

    private Proc speaking;
    private boolean isQuiet;
    private long nowMs = 10_000;
    private long lastTickMs;
    private long nextPool = 1;
    private long correlation;
    int results;
    int restarts;
    int changes;
    int jobResults;
    int deaths;

    Simulation(final long seed) {
        this(seed, false);
    }

    /** A strict one takes the replica through a snapshot before every step, and compares it after. */
    Simulation(final long seed, final boolean isStrict) {
        this.isStrict = isStrict;
        random = new SplittableRandom(seed);
        config = new SequencerConfig()
                .taskCapacity(64)
                .maxOpenTasksPerClient(24)
                .taskTimeoutFloorMs(400)
                .taskTimeoutInitialMs(800)
                .workerTimeoutMs(2_000)
                .nodeTimeoutMs(1_500)
                .clientTimeoutMs(3_000)
                .cameraTimeoutMs(3_000)
                .maxOpenSteps(4)
                .resumeBatch(4)
                .strategy("plain", "round-robin");
        sequencer = new Sequencer(new SequencerConfig(), this);
        replica = new Sequencer(new SequencerConfig(), nowhere);
        replica.trace(trace);
        changeSettings();
        procs.add(new Proc(PartyKind.NODE, "node"));
        for (int i = 0; i < 2; i++) {
            procs.add(new Proc(PartyKind.CLIENT, "client" + i));
        }
        for (int i = 0; i < 3; i++) {
            procs.add(new Proc(PartyKind.WORKER, "worker" + i));
        }
        for (int i = 0; i < 3; i++) {
            procs.add(new Proc(PartyKind.CAMERA, "camera" + i));
        }
    }

    void run(final int steps) {
        for (int i = 0; i < steps; i++) {
            step();
            fault();
        }
        isQuiet = true;
        config.scoredThreshold(0); // A task larger than most may be below any other for ever.
        changeSettings();
        for (final Proc proc : procs) {
            proc.hangUntilMs = 0;
            if (proc.jobId != 0 && proc.isActive) {
                proc.send(Messages.closeJob(proc.jobId));
                proc.jobId = 0;
            }
        }
        for (int i = 0; i < 40_000 && !isDone(); i++) {
            step();
        }
        if (!isDone()) {
            throw new AssertionError("did not come to rest: " + describe());
        }
        Invariants.check(sequencer.core());
        compare();
    }

    private boolean isDone() {
        if (nowMs - lastFaultMs < 3_500 || !sequencer.core().tasks.table.isEmpty()) {
            return false;
        }
        for (final Proc proc : procs) {
            if (!proc.isActive || !proc.unacked.isEmpty() || !proc.expected.isEmpty() || !proc.held.isEmpty()) {
                return false;
            }
        }
        return true;
    }

    private String describe() {
        final StringBuilder text =
                new StringBuilder(" tasks " + sequencer.core().tasks.table.size());
        for (final Proc proc : procs) {
            text.append("; ").append(proc.name).append(" active ").append(proc.isActive);
            text.append(" unacked ").append(proc.unacked.size());
            text.append(" expects ").append(proc.expected.size());
            text.append(" holds ").append(proc.held.size());
            final Party party = sequencer.core().parties.get(proc.id);
            if (party != null) {
                text.append(" last event ")
                        .append(proc.lastEvent)
                        .append(" of ")
                        .append(party.lastEvent);
                text.append(" acknowledged ")
                        .append(party.acknowledgedEvent)
                        .append(" queue ")
                        .append(proc.down.size());
                text.append(" up ").append(proc.up.size());
                int n = 0;
                for (Outgoing o = party.open.first; o != null; o = o.next) {
                    n++;
                }
                int m = 0;
                for (Outgoing o = party.stale.first; o != null; o = o.next) {
                    m++;
                }
                text.append(" open ").append(n).append(" stale ").append(m);
                text.append(" seq ").append(proc.acked).append("/").append(party.lastSeq);
            }
        }
        return text.toString();
    }

    private long lastFaultMs;

    private void step() {
        nowMs += random.nextInt(isQuiet ? 8 : 4);
        if (nowMs - lastTickMs >= 50) {
            lastTickMs = nowMs;
            reload();
            sequencer.onTick(nowMs);
            replica.onTick(nowMs);
            check();
        }
        final Proc proc = procs.get(random.nextInt(procs.size()));
        for (int burst = random.nextInt(3); burst > 0 && !proc.up.isEmpty(); burst--) {
            deliver(proc, proc.up.poll());
        }
        for (int burst = random.nextInt(5); burst > 0 && !proc.down.isEmpty(); burst--) {
            proc.on(proc.down.poll());
        }
        proc.act();
    }

    private void deliver(final Proc proc, final byte[] message) {
        speaking = proc;
        reload();
        assignedNow.clear();
        placeBefore = sequencer.core().counters[Counters.PLACE];
        failedBefore = sequencer.core().counters[Counters.FAILED];
        final UnsafeBuffer buffer = new UnsafeBuffer(message);
        sequencer.onCommand(proc.session, buffer, 0, message.length, nowMs);
        replica.onCommand(proc.session, buffer, 0, message.length, nowMs);
        checkPriorities();
        check();
    }

    private void reload() {
        if (isStrict) {
            final Sequencer loaded = new Sequencer(new SequencerConfig(), nowhere);
            Snapshots.copy(replica, loaded);
            replica = loaded;
            replica.trace(trace);
        }
    }

    private void check() {
        if (random.nextInt(24) == 0) {
            Invariants.check(sequencer.core());
        }
        if (random.nextInt(150) == 0 || isStrict) {
            compare();
        }
    }

    /** What was assigned in this step, not only told in it, was at least as urgent as everything of its type that waits. */
    private void checkPriorities() {
        if (sequencer.core().counters[Counters.FAILED] != failedBefore) {
            return; // An input found lost while assigning fails a task, and what depends on it is ready only then.
        }
        for (final Task task : assignedNow) {
            if (task.state == Task.ASSIGNED && task.place > placeBefore) {
                final int waiting = 31 - Integer.numberOfLeadingZeros(task.type.readyPriorities);
                Invariants.that(task.priority >= waiting, "the most urgent first");
            }
        }
    }

    private void compare() {
        trace.lines.clear();
        if (sequencer.stateHash() != replica.stateHash()) {
            throw new AssertionError("replicas differ: " + Snapshots.difference(sequencer, replica));
        }
    }

    private void fault() {
        final Proc proc = procs.get(random.nextInt(procs.size()));
        switch (random.nextInt(400)) {
            case 0, 1 -> proc.disconnect();
            case 2 -> proc.die();
            case 3 -> {
                if (proc.kind == PartyKind.WORKER) {
                    proc.hangUntilMs = nowMs + 200 + random.nextInt(2_500);
                }
            }
            case 4 -> {
                final Sequencer loaded = new Sequencer(new SequencerConfig(), this);
                Snapshots.copy(sequencer, loaded);
                sequencer = loaded;
                restarts++;
                compare();
            }
            case 5 -> {
                if (proc.isActive && proc.kind != PartyKind.NODE) {
                    proc.send(Messages.unregister());
                    proc.die();
                }
            }
            case 6 -> nowMs += 3_000; // The masters were away: nobody may be taken for dead.
            case 7 -> {
                reload();
                randomSettings();
                changeSettings();
                check();
            }
            default -> {
                return;
            }
        }
        lastFaultMs = nowMs;
    }

    private void randomSettings() {
        config.taskCapacity(32 + random.nextInt(64))
                .maxOpenTasksPerClient(4 + random.nextInt(28))
                .taskTimeoutFloorMs(200 + random.nextInt(400))
                .maxOpenSteps(1 + random.nextInt(6))
                .resumeBatch(1 + random.nextInt(8))
                .eventLagMs(100 + random.nextInt(200))
                .retryAfterMs(1 + random.nextInt(50))
                .maxWorkerLosses(4 + random.nextInt(20))
                .workerTimeoutMs(1_000 + random.nextInt(2_000))
                .scoredThreshold(random.nextInt(3) == 0 ? THRESHOLD_BETWEEN_AN_ERROR_AND_NONE : 0)
                .recentErrorMs(random.nextInt(600))
                .spillPercent(1 + random.nextInt(100))
                .defaultStrategy(randomStrategy())
                .strategy("plain", randomStrategy());
        changes++;
    }

    private String randomStrategy() {
        return Strategy.NAMES.get(random.nextInt(Strategy.NAMES.size()));
    }

    private void changeSettings() {
        final byte[] message = Messages.settings(config);
        sequencer.onSettings(new UnsafeBuffer(message), 0, message.length, nowMs);
        replica.onSettings(new UnsafeBuffer(message), 0, message.length, nowMs);
    }

    // ---- the sink of the sequencer under test

    @Override
    public MutableDirectBuffer claim(final int maxLength) {
        return scratch;
    }

    private byte[] taken(final int length) {
        final byte[] bytes = new byte[length];
        scratch.getBytes(0, bytes);
        return bytes;
    }

    @Override
    public void emit(final int partyId, final int length) {
        final Event event = new Event(taken(length));
        final Party party = sequencer.core().parties.get(partyId);
        if (event.is(AssignTaskDecoder.TEMPLATE_ID)) {
            final Task task = sequencer.core().tasks.table.get(event.taskId);
            Invariants.that(party.isAlive && task.worker == party, "assigned to the living");
            if (assignments.add(event.taskId + "/" + event.attempt)) {
                assignedNow.add(task);
            }
        }
        Invariants.that(party.incarnation == event.incarnation, "no event to an old incarnation");
        for (final Proc proc : procs) {
            // The shell drops what it cannot offer; a process that is away hears nothing.
            if (proc.id == partyId && proc.incarnation == event.incarnation && (isQuiet || random.nextInt(25) != 0)) {
                proc.down.add(event);
            }
        }
    }

    @Override
    public void reply(final long sessionId, final int length) {
        if (speaking.session == sessionId) {
            speaking.down.add(new Event(taken(length)));
        }
    }

    /** A process with one party, behind a session that may break. */
    private final class Proc {
        final PartyKind kind;
        final String name;
        final long memoryBytes;
        final ArrayDeque<byte[]> up = new ArrayDeque<>();
        final ArrayDeque<Event> down = new ArrayDeque<>();
        final ArrayDeque<byte[]> unacked = new ArrayDeque<>();
        final Map<Long, Long> expected = new HashMap<>();
        final Map<Long, String> delivered = new HashMap<>();
        final Set<String> known = new HashSet<>();
        final Set<Frame> held = new HashSet<>();
        final ArrayList<Long> recent = new ArrayList<>();
        final ArrayDeque<Event> queue = new ArrayDeque<>();
        long session = random.nextLong();
        boolean isActive;
        boolean isRunning = true;
        long restartMs;
        long registerMs;
        int id;
        int incarnation;
        long seq;
        long acked;
        long lastEvent;
        long beatMs;
        long resumeMs;
        long resendMs;
        long hangUntilMs;
        long doneMs;
        long pool;
        long frames;
        long step;
        long jobId;
        long jobSeq;

        Proc(final PartyKind kind, final String name) {
            this.kind = kind;
            this.name = name;
            memoryBytes = kind == PartyKind.WORKER && !name.endsWith("0") ? MEMORY : 0;
        }

        long freeBytes() {
            return memoryBytes == 0 ? -1 : isQuiet ? memoryBytes : random.nextInt(MEMORY);
        }

        void disconnect() {
            session = random.nextLong();
            up.clear();
            down.clear();
            if (isActive) {
                resend();
                up.add(unsequenced(Messages.resume(++correlation)));
            }
        }

        void die() {
            deaths++;
            isRunning = false;
            restartMs = nowMs + random.nextInt(3_000);
            if (id != 0 && random.nextBoolean()) {
                deadParties.put((long) id, incarnation);
            }
            forget();
            session = random.nextLong();
            up.clear();
            down.clear();
        }

        void forget() {
            if (pool != 0) {
                orphans.add(pool);
            }
            isActive = false;
            unacked.clear();
            expected.clear();
            delivered.clear();
            known.clear();
            held.clear();
            recent.clear();
            queue.clear();
            pool = 0;
            jobId = 0;
            jobSeq = 0;
            step = 0;
        }

        byte[] unsequenced(final byte[] message) {
            Messages.address(message, id, incarnation, 0, lastEvent);
            return message;
        }

        long send(final byte[] message) {
            Messages.address(message, id, incarnation, ++seq, lastEvent);
            unacked.add(message);
            up.add(message.clone());
            return seq;
        }

        void resend() {
            if (up.size() > 60) {
                return; // What was sent last has not left yet.
            }
            unacked.forEach(message -> up.add(message.clone()));
            resendMs = nowMs;
        }

        void act() {
            if (!isRunning) {
                if (nowMs >= restartMs) {
                    isRunning = true;
                }
                return;
            }
            if (!isActive) {
                if (nowMs - registerMs > 150) {
                    registerMs = nowMs;
                    up.add(Messages.register(++correlation, kind, name, 2, 1, memoryBytes));
                }
                return;
            }
            if (nowMs - beatMs > 100) {
                beatMs = nowMs;
                final long computing = queue.isEmpty() ? 0 : queue.peek().taskId;
                up.add(unsequenced(Messages.heartbeat(0, computing, freeBytes())));
            }
            if (!unacked.isEmpty() && nowMs - resendMs > 300) {
                resend();
            }
            if (unacked.size() < 40) {
                switch (kind) {
                    case CLIENT -> actAsClient();
                    case WORKER -> actAsWorker();
                    case CAMERA -> actAsCamera();
                    default -> actAsNode();
                }
            }
        }

        Frame frame() {
            final Frame frame = new Frame(pool, ++frames, (int) (frames % 16), 100);
            held.add(frame);
            return frame;
        }

        void actAsClient() {
            if (isQuiet) {
                return;
            }
            if (jobId == 0 && jobSeq == 0 && name.equals("client0")) {
                final int[] cameras = procs.stream()
                        .filter(p -> p.kind == PartyKind.CAMERA && p.id != 0)
                        .mapToInt(p -> p.id)
                        .toArray();
                if (cameras.length == 3) {
                    jobSeq = send(Messages.job()
                            .cameras(cameras)
                            .pairs(1, 1, 65_534)
                            .with(j -> {
                                j.skewNs = 50;
                                j.deadlineMs = 150;
                                j.deliver = true;
                                j.inputs = new Frame[] {frame()};
                            })
                            .encode());
                    jobId = Tasks.id(id, jobSeq);
                }
            } else if (jobId != 0 && random.nextInt(200) == 0) {
                send(Messages.closeJob(jobId));
                jobId = 0;
            }
            if (random.nextInt(3) != 0 || expected.size() > 30) {
                return;
            }
            final Messages.Submit task = Messages.task()
                    .type(1 + random.nextInt(3))
                    .priority(random.nextInt(8))
                    .deadlineMs(random.nextInt(6) == 0 ? 1 + random.nextInt(400) : 0);
            if (random.nextInt(4) == 0) {
                task.memoryBytes(random.nextInt(MEMORY + MEMORY / 10));
            }
            if (random.nextInt(3) == 0 && !recent.isEmpty()) {
                task.after(recent.get(random.nextInt(recent.size())), recent.get(recent.size() - 1));
            }
            if (random.nextBoolean()) {
                task.optional();
            }
            if (random.nextInt(3) == 0) {
                task.inputs(frame());
            }
            final long number = send(task.encode());
            final long taskId = Tasks.id(id, number);
            expected.put(taskId, nowMs);
            recent.add(taskId);
            if (recent.size() > 6) {
                recent.remove(0);
            }
            if (random.nextInt(15) == 0) {
                send(Messages.cancel(recent.get(random.nextInt(recent.size()))));
            }
        }

        void actAsWorker() {
            if (nowMs < hangUntilMs || queue.isEmpty()) {
                return;
            }
            if (doneMs == 0) {
                doneMs = nowMs + random.nextInt(30);
            } else if (nowMs >= doneMs) {
                doneMs = 0;
                final Event task = queue.poll();
                if (random.nextInt(isQuiet ? 1_000 : 12) == 0) {
                    send(Messages.complete(task.taskId, task.attempt, Reason.HANDLER_FAILED, "no"));
                } else {
                    final Frame[] outputs =
                            random.nextInt(3) == 0 ? new Frame[] {frame(), frame()} : new Frame[] {frame()};
                    send(Messages.complete(task.taskId, task.attempt, Reason.NONE, "ok", 5_000_000, outputs));
                }
            }
        }

        void actAsCamera() {
            if (!isQuiet && random.nextInt(6) == 0 && held.size() < 12) {
                step = Math.max(step + (random.nextInt(8) == 0 ? 2 : 1), nowMs / 60 - 3);
                final long jitter = random.nextInt(10) == 0 ? 1_000 : random.nextInt(40);
                send(Messages.published(step, step * 1_000_000 + jitter, frame()));
            }
        }

        void actAsNode() {
            if (random.nextInt(4) == 0) {
                deadParties.forEach((party, number) -> send(Messages.dead((int) (long) party, number)));
                deadParties.clear();
                orphans.forEach(orphan -> send(Messages.orphaned(orphan)));
                orphans.clear();
            }
        }

        void on(final Event event) {
            if (!isRunning) {
                return;
            }
            switch (event.template) {
                case RegisteredDecoder.TEMPLATE_ID -> registered(event.as(new RegisteredDecoder()));
                case FencedDecoder.TEMPLATE_ID -> {
                    final FencedDecoder fenced = event.as(new FencedDecoder());
                    if (isActive && fenced.incarnation() == incarnation) {
                        forget();
                    }
                }
                default -> {
                    if (isActive && event.partyId == id && event.incarnation == incarnation) {
                        counted(event);
                    }
                }
            }
        }

        void registered(final RegisteredDecoder reply) {
            if (isActive) {
                return;
            }
            isActive = true;
            id = (int) reply.partyId();
            incarnation = (int) reply.incarnation();
            seq = reply.lastSeq();
            acked = seq;
            lastEvent = reply.lastEvent();
            if (kind == PartyKind.CLIENT) {
                for (final String type : TYPES) {
                    send(Messages.type(type));
                }
            }
            if (kind == PartyKind.WORKER) {
                for (final String type : TYPES) {
                    send(Messages.type(type));
                }
            }
            if (kind != PartyKind.NODE) {
                pool = 0x1000 + nextPool++;
                send(Messages.pool(pool));
            }
        }

        void counted(final Event event) {
            while (!unacked.isEmpty() && acked < event.ackSeq) {
                unacked.poll();
                acked++;
            }
            if (event.number > 0) {
                if (event.is(ResumedDecoder.TEMPLATE_ID)) {
                    lastEvent = Math.max(lastEvent, event.number);
                } else if (event.number == lastEvent + 1) {
                    lastEvent++;
                } else if (event.number > lastEvent + 1) {
                    if (nowMs - resumeMs > 100) {
                        resumeMs = nowMs;
                        up.add(unsequenced(Messages.resume(++correlation)));
                    }
                    if (random.nextBoolean()) {
                        return;
                    }
                } else {
                    return; // Heard before, in this order.
                }
            }
            switch (event.template) {
                case AssignTaskDecoder.TEMPLATE_ID -> {
                    if (known.add(event.taskId + "/" + event.attempt)) {
                        queue.add(event);
                    }
                }
                case RevokeTaskDecoder.TEMPLATE_ID -> {
                    if (random.nextBoolean()) {
                        queue.removeIf(e -> e.taskId == event.taskId && e.attempt == event.attempt);
                    }
                }
                case TaskResultDecoder.TEMPLATE_ID -> result(event);
                case ReleaseFramesDecoder.TEMPLATE_ID -> held.removeAll(event.frames);
                case JobClosedDecoder.TEMPLATE_ID -> {
                    if (event.jobId == Tasks.id(id, jobSeq)) {
                        jobSeq = 0;
                        jobId = 0;
                    }
                }
                case CommandRefusedDecoder.TEMPLATE_ID -> {
                    if (nowMs - resendMs > 20) {
                        resend();
                    }
                }
                default -> {}
            }
        }

        void result(final Event event) {
            final String text = event.state + " " + event.reason + " " + event.attempt;
            final String before = delivered.put(event.taskId, text);
            Invariants.that(before == null || before.equals(text), "one result a task");
            if (expected.remove(event.taskId) != null) {
                results++;
            } else if (before == null) {
                Invariants.that(event.jobId != 0, "a result of a task that was submitted");
                jobResults++;
            }
        }
    }
}
