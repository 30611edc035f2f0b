package io.dragon.engine.sequencer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A member of the simulated masters: the production sequencer, its place in the log, its snapshot, its own clock. */
final class SimulatedMember implements EventSink, Simulation.Actor {
    /** What a sequencer starts with before anything is in the log: small, because a simulation makes many of them. */
    private static final int FIRST_CAPACITY = 64;

    private static final long PRIME = 0x9E37_79B9_7F4A_7C15L;
    private static final int MOST_APPLIED = 64;

    final int id;
    final long clockOffsetMs;
    private final Simulation simulation;
    private final SimulatedMasters masters;
    private final SplittableRandom random;
    private final int reloadOneIn;
    private final boolean isTraced;
    private final TraceNotes notes = new TraceNotes();
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[Sequencer.MAX_MESSAGE_LENGTH]);
    private final Map<Integer, Long> sessionByParty = new HashMap<>();

    Sequencer sequencer;
    boolean isUp = true;

    /** It takes itself for the leader, and what it emits for an entry before this place went out already or never will. */
    boolean isLeader;

    int leadsFrom;

    /** Log entries that it has on disk, that it knows to be committed, that its sequencer has taken. */
    int received;

    int known;
    int applied;

    /** A member that lost its disk has no vote before it has everything that it had once acknowledged. */
    int votesFrom;

    long cutOffUntilUs;
    long restartUs;

    /** It will say so when it is there again. */
    boolean hasLostDisk;

    /** Of the same process: a session like any other. */
    SimulatedProcess process;

    private List<byte[]> snapshot;
    private int snapshotPosition;
    private long nextUs;

    private LogEntry entry;
    private boolean isFirst;
    private final List<Event> out = new ArrayList<>();
    private long digest;

    SimulatedMember(final int id, final Simulation simulation, final SimulatedMasters masters, final int reloadOneIn) {
        this.id = id;
        this.simulation = simulation;
        this.masters = masters;
        this.reloadOneIn = reloadOneIn;
        random = simulation.random;
        clockOffsetMs = random.nextInt(-40, 41);
        isTraced = random.nextInt(16) == 0;
        sequencer = blank();
    }

    private Sequencer blank() {
        final Sequencer made = new Sequencer(
                new SequencerConfig()
                        .set(Setting.TASK_CAPACITY, FIRST_CAPACITY)
                        .set(Setting.MAX_OPEN_TASKS_PER_CLIENT, FIRST_CAPACITY),
                this);
        if (isTraced) {
            made.trace(notes); // A trace that changed a decision would make this member differ.
        }
        return made;
    }

    boolean isCutOff() {
        return simulation.nowUs < cutOffUntilUs;
    }

    boolean isReachable() {
        return isUp && !isCutOff();
    }

    boolean votes() {
        return isReachable() && received >= votesFrom;
    }

    // ---- faults

    void kill(final long awayUs) {
        isUp = false;
        isLeader = false;
        restartUs = simulation.nowUs + awayUs;
        sessionByParty.clear();
        if (process.isRunning) {
            process.kill(awayUs);
        }
        masters.killed(this);
    }

    void cutOff(final long us) {
        cutOffUntilUs = simulation.nowUs + us;
        process.host.cutOffUntilUs = cutOffUntilUs;
    }

    /** It stands still, knowing what is committed, and goes on when another may lead already. */
    void stall(final long us) {
        known = Math.min(masters.commit, received);
        nextUs = simulation.nowUs + us;
    }

    /** Its disk is gone: it begins with the snapshot of another. */
    void wipe(final SimulatedMember other) {
        hasLostDisk = true;
        votesFrom = masters.commit;
        snapshot = other.snapshot;
        snapshotPosition = other.snapshot == null ? 0 : other.snapshotPosition;
        received = snapshotPosition;
    }

    private void start() {
        isUp = true;
        known = 0;
        sequencer = blank();
        applied = 0;
        if (snapshot != null) {
            Snapshots.load(snapshot, sequencer);
            applied = snapshotPosition;
            simulation.count(Covered.RESTORED);
        }
        nextUs = simulation.nowUs;
    }

    /** The state goes through a snapshot into a new sequencer, between two entries. */
    private void reload() {
        final List<byte[]> records = Snapshots.take(sequencer);
        sequencer = blank();
        Snapshots.load(records, sequencer);
        simulation.count(Covered.RELOADED);
    }

    // ---- duty

    @Override
    public long dueUs() {
        if (!isUp) {
            return restartUs;
        }
        if (applied < Math.min(known, received)
                || !isCutOff() && (known < masters.commit || received < masters.log.size() && masters.isLed())) {
            return Math.max(nextUs, simulation.nowUs);
        }
        return isCutOff() ? cutOffUntilUs : Long.MAX_VALUE;
    }

    @Override
    public void act() {
        if (!isUp) {
            start();
            return;
        }
        nextUs = simulation.nowUs + 100 + random.nextInt(simulation.isQuiet ? 1_000 : 3_000);
        if (!isCutOff()) {
            if (this != masters.leader) {
                isLeader = false;
            }
            if (masters.isLed()) {
                final int missing = masters.log.size() - received;
                received += missing > 64 ? missing / 2 : random.nextInt(missing + 1);
                masters.advance();
            }
            known = Math.min(masters.commit, received);
        }
        for (int i = 0; i < MOST_APPLIED && applied < known; i++) {
            if (reloadOneIn > 0 && random.nextInt(reloadOneIn) == 0) {
                reload();
            }
            apply(masters.log.get(applied));
        }
    }

    private void apply(final LogEntry next) {
        entry = next;
        isFirst = !next.isApplied;
        digest = next.kind;
        out.clear();
        notes.lines.clear();
        if (isFirst) {
            simulation.oracle.before(next, sequencer.core());
        } else {
            simulation.count(Covered.REPLAYED);
        }
        switch (next.kind) {
            case LogEntry.COMMAND -> sequencer.onCommand(
                    next.sessionId, next.buffer, 0, next.bytes.length, next.timeMs);
            case LogEntry.TICK -> sequencer.onTick(next.timeMs);
            case LogEntry.SETTINGS -> sequencer.onSettings(next.buffer, 0, next.bytes.length, next.timeMs);
            case LogEntry.SESSION_CLOSED -> sessionByParty.values().removeIf(each -> each == next.sessionId);
            default -> takeSnapshot(next);
        }
        applied++;
        if (isFirst) {
            next.isApplied = true;
            next.digest = digest;
            simulation.oracle.after(next, sequencer.core());
        } else {
            if (!(next.digest == digest)) {
                throw Invariants.broken("replicas equal: member " + id + " emits something else for entry " + applied
                        + ", " + next + ": " + out + " instead of " + next.out);
            }
        }
        if (simulation.isHashed(applied)) {
            compare(next);
        }
    }

    void compare(final LogEntry at) {
        final long hash = sequencer.stateHash();
        if (at.isHashed) {
            if (!(hash == at.stateHash)) {
                throw Invariants.broken(
                        "replicas equal: member " + id + " is in another state behind entry " + applied + ", " + at);
            }
        }
        at.isHashed = true;
        at.stateHash = hash;
    }

    private void takeSnapshot(final LogEntry at) {
        compare(at);
        if (at.snapshot == null) {
            at.snapshot = Snapshots.take(sequencer);
            simulation.count(Covered.SNAPSHOTS);
        }
        snapshot = at.snapshot;
        snapshotPosition = applied + 1;
    }

    // ---- what the sequencer says

    @Override
    public MutableDirectBuffer claim(final int maxLength) {
        return scratch;
    }

    /** The event, where somebody is to hear of it. Whether one party is told before another does not matter. */
    private Event taken(final int to, final int length) {
        long hash = mix(to, length);
        int at = 0;
        for (; at + Long.BYTES <= length; at += Long.BYTES) {
            hash = mix(hash, scratch.getLong(at));
        }
        for (; at < length; at++) {
            hash = mix(hash, scratch.getByte(at));
        }
        digest += hash;
        if (!isFirst && !speaks() && !simulation.isThorough()) {
            return null;
        }
        final byte[] bytes = new byte[length];
        scratch.getBytes(0, bytes);
        final Event event = new Event(bytes);
        if (isFirst) {
            entry.out.add(event);
            simulation.trace(event);
        }
        out.add(event);
        return event;
    }

    private static long mix(final long hash, final long value) {
        final long mixed = (hash ^ value) * PRIME;
        return mixed ^ mixed >>> 29;
    }

    private boolean speaks() {
        return isLeader && applied >= leadsFrom;
    }

    @Override
    public void emit(final int partyId, final int length) {
        final Event event = taken(partyId, length);
        if (isFirst) {
            simulation.oracle.emitted(event, sequencer.core());
        }
        if (speaks()) {
            masters.deliver(this, sessionByParty.getOrDefault(partyId, 0L), event);
        }
    }

    @Override
    public void reply(final long sessionId, final int length) {
        final Event event = taken(0, length);
        if (isFirst) {
            simulation.oracle.replied(event);
        }
        if (speaks()) {
            masters.deliver(this, sessionId, event);
        }
    }

    @Override
    public void bound(final int partyId, final long sessionId) {
        sessionByParty.put(partyId, sessionId);
    }
}
